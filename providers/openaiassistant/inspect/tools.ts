import { type Finding, isObject, ThreadlineError } from 'threadline/provider';
import { type Question, unsupportedFeatures } from '../question/features.ts';
import type { Item, Part } from '../question/items.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import { ok, problem, skipped, warning } from './finding.ts';
import { plainAsk } from './hello-ask.ts';
import { isLateServer, type Prepared } from './prepare.ts';

/** Findings about the tools that a step offers. */
export function toolFindings(prepared: Prepared): Finding[] {
  const { tools, assistant, params } = prepared;
  const late = (assistant.tools ?? []).filter(isLateServer).length;
  const skippedServers =
    late === 0 ? [] : [skipped('tools', 'MCP servers whose address is known only when the step runs are not opened.')];
  if (params.functions_off === true && (assistant.tools ?? []).length > 0)
    return [warning('tools', 'The tools are switched off.', { hint: 'Take `functions_off` out when the culprit is found.' })];
  if (tools.length === 0) return skippedServers;
  const names = tools.map((tool) => (tool.type === 'function' ? `${tool.name}()` : tool.type));
  return [ok('tools', `Complete: ${names.join(', ')}.`), ...skippedServers];
}

/** Findings about the format. `json_object` beside functions deserves a warning: models do neither well, and servers have failed. */
export function formatFindings({ rule, tools }: Prepared): Finding[] {
  const hasFunctions = tools.some(({ type }) => type === 'function');
  if (!rule || rule.format.type === 'text') return [];
  if (rule.format.type !== 'json_object' || !hasFunctions)
    return [ok('format', `The answer is asked for as ${rule.format.type}.`)];
  const hint =
    'Ask for `response_format: { schema: … }`, which holds for the last answer only; or for `auto` where JSON is not needed.';
  return [
    warning('format', '`json_object` stands beside functions: the model may answer in JSON instead of calling them.', { hint }),
  ];
}

/** Findings about what a step asks for and its route cannot do. */
export function unsupportedFindings(prepared: Prepared, route: ModelRoute): Finding[] {
  const { server, wire } = route;
  const isLenient = route.isFallback || prepared.params.on_unsupported === 'warn';
  const found = unsupportedFeatures(sketchOf(prepared), wire, server).map(({ feature, hint }) => {
    const message = `\`${feature}\` cannot be done over the wire \`${wire.name}\` at ${server.host}`;
    const check = feature.includes('_') && TOOLS.has(feature) ? 'tools' : 'support';
    if (isLenient) return warning(check, `${message}: it is left out.`, { hint });
    return problem(
      check,
      new ThreadlineError('unsupported', `${message}.`, { hint, details: { field: feature, wire: wire.name } }),
    );
  });
  const type = prepared.rule?.format.type ?? 'text';
  if (type === 'text' || server.can[type]) return found;
  return [
    ...found,
    warning('format', `${server.name} does not enforce ${type}: the model is told in words, and the answer is checked.`),
  ];
}

const TOOLS = new Set<string>(['file_search', 'code_interpreter', 'web_search']);

/** The step's question as far as it is known, to see which features it uses. */
function sketchOf(prepared: Prepared): Question {
  const { params, assistant, tools } = prepared;
  const ask = {
    ...plainAsk(undefined),
    tools,
    toolChoice: tools.length > 0 ? assistant.tool_choice : undefined,
    parallelToolCalls: tools.length > 0 ? assistant.parallel_tool_calls : undefined,
    reasoningEffort: assistant.reasoning_effort,
    store: params.store ?? true,
    background: params.background ?? false,
  };
  return { ask, items: itemsInSketch(prepared) };
}

function itemsInSketch({ params: { images, attachments, messages } }: Prepared): Item[] {
  const parts: Part[] = [];
  for (const { url, file_id: fileId } of objectsIn(images))
    parts.push({ type: 'image', detail: 'auto', ...(url ? { url } : {}), ...(fileId ? { fileId } : {}) });
  for (const { file_id: fileId } of objectsIn(attachments)) parts.push({ type: 'file', ...(fileId ? { fileId } : {}) });
  const roles = objectsIn(messages).map(({ role }): Item => ({ type: 'message', role, parts: [] }));
  return [{ type: 'message', role: 'user', parts }, ...roles];
}

const objectsIn = <Entry>(entries: Entry[] | undefined): Entry[] =>
  Array.isArray(entries) ? entries.filter((one) => isObject(one)) : [];
