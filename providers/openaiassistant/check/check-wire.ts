import { isObject, type Json, type JsonObject, type ParamsProblem } from 'threadline/provider';
import type { Feature } from '../question/features.ts';
import { wireNamed } from '../wires/index.ts';
import type { Wire } from '../wires/wire.ts';
import type { ParamPath } from './check-problem.ts';

/** Mistakes that depend on the wire. Found where the step names one: of `auto`, the server is not known before the run. */
export function checkWire(params: JsonObject, assistant: JsonObject): ParamsProblem[] {
  const wire = wireNamed(params.wire);
  if (!wire) return [];
  return [...checkFeatures(wire, params, assistant), ...checkLimits(wire, params, assistant), ...checkIds(wire, params)];
}

/** A feature that a step asks for, and where it does. */
interface Use {
  feature: Feature;
  path: ParamPath;
}

/** What a step asks for as it is written: what stands in a template is not known before the run. */
export const usesOf = (params: JsonObject, assistant: JsonObject): Use[] => [
  ...toolUses(params, assistant),
  ...sourceUses(params),
  ...otherUses(params),
];

function checkFeatures(wire: Wire, params: JsonObject, assistant: JsonObject): ParamsProblem[] {
  const severity = params.on_unsupported === 'warn' ? 'warning' : 'error';
  return usesOf(params, assistant).flatMap(({ feature, path }) => {
    const hint = wire.cannot[feature];
    if (hint === undefined) return [];
    const message = `\`${feature}\` cannot be done over the wire \`${wire.name}\``;
    return [{ path, message, hint, severity } satisfies ParamsProblem];
  });
}

const isTemplate = (value: Json): boolean => typeof value === 'string' && value.includes('{{');
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

function toolUses(params: JsonObject, assistant: JsonObject): Use[] {
  if (params.functions_off === true) return [];
  const typeOf = (tool: Json) => (isObject(tool) ? tool.type : tool);
  const builtIn = (tool: Json, path: ParamPath): Use[] => {
    const type = typeOf(tool);
    return type === 'file_search' || type === 'code_interpreter' || type === 'web_search' ? [{ feature: type, path }] : [];
  };
  return [
    ...listOf(params.tools).flatMap((tool, index) => builtIn(tool, ['tools', index])),
    ...listOf(assistant.tools).flatMap((tool) => builtIn(tool, ['assistant'])),
    ...(params.knowledge === undefined ? [] : [{ feature: 'file_search', path: ['knowledge'] } satisfies Use]),
  ];
}

function sourceUses(params: JsonObject): Use[] {
  const images = listOf(params.images).flatMap((image, index): Use[] => (isObject(image) ? imageUses(image, index) : []));
  const attachments = listOf(params.attachments).flatMap((attachment, index): Use[] => {
    if (!isObject(attachment)) return [];
    const path = ['attachments', index];
    if (attachment.tools === undefined)
      return attachment.file_id === undefined ? [] : [{ feature: 'attachments.file_id', path: [...path, 'file_id'] }];
    return listOf(attachment.tools).flatMap((tool): Use[] => {
      const type = isObject(tool) ? tool.type : tool;
      return type === 'file_search' || type === 'code_interpreter' ? [{ feature: type, path: [...path, 'tools'] }] : [];
    });
  });
  return [...images, ...attachments];
}

function imageUses({ file_id: fileId, url }: JsonObject, index: number): Use[] {
  if (fileId !== undefined) return [{ feature: 'images.file_id', path: ['images', index, 'file_id'] }];
  return typeof url === 'string' && /^https?:/i.test(url) ? [{ feature: 'images.url', path: ['images', index, 'url'] }] : [];
}

function otherUses(params: JsonObject): Use[] {
  const uses: Use[] = [];
  const { tool_choice: choice, reasoning_effort: effort } = params;
  if (choice !== undefined && choice !== 'auto' && !isTemplate(choice))
    uses.push({ feature: 'tool_choice', path: ['tool_choice'] });
  if (effort !== undefined && !isTemplate(effort)) uses.push({ feature: 'reasoning_effort', path: ['reasoning_effort'] });
  if (params.parallel_tool_calls === false) uses.push({ feature: 'parallel_tool_calls', path: ['parallel_tool_calls'] });
  if (params.background === true) uses.push({ feature: 'background', path: ['background'] });
  if (params.store === false) uses.push({ feature: 'store', path: ['store'] });
  for (const key of ['messages', 'additional_messages'])
    for (const [index, message] of listOf(params[key]).entries())
      if (isObject(message) && message.role === 'system') uses.push({ feature: 'messages.system', path: [key, index, 'role'] });
  return uses;
}

function checkLimits(wire: Wire, params: JsonObject, assistant: JsonObject): ParamsProblem[] {
  return Object.entries(wire.least).flatMap(([key, least]) => {
    const [value, path] = params[key] === undefined ? [assistant[key], ['assistant']] : [params[key], [key]];
    if (typeof value !== 'number' || value >= least) return [];
    return [{ path, message: `\`${key}\` must be at least ${least} over the wire \`${wire.name}\`` }];
  });
}

/** Thread ids that are of something else, as their beginnings tell. */
function checkIds(wire: Wire, { thread_id: threadId }: JsonObject): ParamsProblem[] {
  const { idPrefix, foreignId } = wire.remoteThreads ?? {};
  if (typeof threadId !== 'string' || !foreignId?.test(threadId)) return [];
  const hint = `Threads of this wire are called \`${idPrefix}…\`.`;
  return [{ path: ['thread_id'], message: `\`${threadId}\` is not a thread of the wire \`${wire.name}\``, hint }];
}
