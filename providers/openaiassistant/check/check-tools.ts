import { isObject, type Json, type JsonObject, type ParamsProblem } from 'threadline/provider';
import { checkJsonSchema, schemaRefusals } from 'threadline/runtime';
import { hasStep } from '../contract/resolve-assistant.ts';
import { wireNamed } from '../wires/index.ts';
import { isTemplate, type ParamPath, problemOf } from './check-problem.ts';
import { problemOfRefusal } from './check-refusals.ts';

/** A list of tools, and its position. */
interface ToolList {
  tools: Json | undefined;
  path: ParamPath;
  /** The assistant's file, if the list stands in one. */
  file?: string | undefined;
}

interface Declared {
  name: string;
  parameters: Json | undefined;
  strict: boolean;
  hasStep: boolean;
  hasResult: boolean;
  at: { path: ParamPath; file?: string };
  /** Leads to the schema of the arguments. */
  schemaPath: ParamPath;
}

const BUILT_IN = new Set(['file_search', 'code_interpreter', 'web_search']);

/** Mistakes in the tools of the assistant, of the step, and of both together. */
export function checkTools(params: JsonObject, assistant: JsonObject, assistantAt: Omit<ToolList, 'tools'>): ParamsProblem[] {
  const base = declaredIn({ ...assistantAt, tools: assistant.tools });
  const own = declaredIn({ tools: params.tools, path: ['tools'] });
  const all = [...base, ...own];
  const isOpen = isTemplate(params.tools) || isTemplate(assistant.tools);
  return [
    ...all.flatMap(checkFunction),
    ...base.filter(({ at }) => at.file !== undefined).flatMap(misplaced),
    ...duplicates(base),
    ...duplicates(own),
    ...(isOpen ? [] : [...unbound(base, own), ...checkChoice(params, assistant, all), ...checkFileSearch(params, assistant)]),
  ];
}

function declaredIn({ tools, path, file }: ToolList): Declared[] {
  return (Array.isArray(tools) ? tools : []).flatMap((tool, index): Declared[] => {
    if (!isObject(tool)) return [];
    const inner: JsonObject = isObject(tool.function) ? tool.function : { ...tool, name: tool.function ?? null };
    if (typeof inner.name !== 'string' || isTemplate(inner.name)) return [];
    const at = [...path, index];
    const schemaPath = [...at, ...(isObject(tool.function) ? ['function'] : []), 'parameters'];
    const place = { path: at, ...(file === undefined ? {} : { file }) };
    const { name, parameters, strict } = inner;
    return [
      {
        name,
        parameters,
        strict: strict === true,
        hasStep: hasStep(tool),
        hasResult: tool.result !== undefined,
        at: place,
        schemaPath,
      },
    ];
  });
}

function checkFunction({ name, parameters, strict, at, schemaPath }: Declared): ParamsProblem[] {
  const problems: ParamsProblem[] = [];
  if (BUILT_IN.has(name)) {
    const hint = 'Call the function something else.';
    problems.push({ ...at, message: `\`${name}\` is the name of a built-in tool`, hint, severity: 'warning' });
  }
  if (!isObject(parameters)) return problems;
  const issues = checkJsonSchema(parameters).map((issue) => problemOf(issue, schemaPath));
  if (issues.length === 0)
    for (const refusal of schemaRefusals(parameters, { use: 'function', strict }))
      issues.push(problemOfRefusal(refusal, schemaPath, strict));
  return [...problems, ...issues.map((issue) => ({ ...at, ...issue }))];
}

/** What of a declaration in an assistant's file belongs into the workflow. */
function misplaced({ name, at, hasStep, hasResult }: Declared): ParamsProblem[] {
  const found = [...(hasStep ? [['provider', 'step'] as const] : []), ...(hasResult ? [['result', 'result'] as const] : [])];
  return found.map(([key, what]) => ({
    ...at,
    path: [...at.path, key],
    message: `the ${what} of function \`${name}\` belongs into the workflow`,
    hint: `Move it: \`- function: ${name}\` with its \`${key}:\` under \`tools\` of the step.`,
  }));
}

/** Functions that are declared twice; a declaration and a step of the same name are one function. */
const duplicates = (declared: Declared[]): ParamsProblem[] =>
  declared
    .filter((one, index) => declared.findIndex(({ name, hasStep }) => name === one.name && hasStep === one.hasStep) < index)
    .map(({ name, at }) => ({
      ...at,
      path: [...at.path, 'function'],
      message: `there are two functions called \`${name}\``,
    }));

function unbound(base: Declared[], own: Declared[]): ParamsProblem[] {
  const bound = new Set(
    [...base.filter(({ at }) => at.file === undefined), ...own].flatMap((one) => (one.hasStep ? [one.name] : [])),
  );
  const lost = [...new Map([...own, ...base].map((declared) => [declared.name, declared])).values()];
  return lost
    .filter(({ name }) => !bound.has(name))
    .map(({ name, at }) => ({
      path: at.file === undefined ? at.path : ['assistant'],
      message: `function \`${name}\` has no step`,
      hint: `Give it one: \`- function: ${name}\` with a \`provider:\` under \`tools\`.`,
    }));
}

function checkChoice(params: JsonObject, assistant: JsonObject, functions: Declared[]): ParamsProblem[] {
  const [choice, path] =
    params.tool_choice === undefined ? [assistant.tool_choice, ['assistant']] : [params.tool_choice, ['tool_choice']];
  if (choice === 'required' && hasNoTool(params, assistant))
    return [
      { path, message: '`tool_choice: required`, and there is nothing to call', hint: 'Name what may be called under `tools`.' },
    ];
  const names = functions.map(({ name }) => name);
  const wanted = isObject(choice) ? choice.function : undefined;
  if (typeof wanted !== 'string' || isTemplate(wanted) || names.includes(wanted)) return [];
  const hint = names.length > 0 ? `There are: ${names.join(', ')}.` : 'Declare it under `tools`.';
  return [{ path, message: `\`tool_choice\` names \`${wanted}\`, which is not among the functions`, hint }];
}

const hasNoTool = (params: JsonObject, assistant: JsonObject): boolean =>
  !bringsFiles(params) && [params.tools, assistant.tools].every((tools) => !Array.isArray(tools) || tools.length === 0);

function checkFileSearch(params: JsonObject, assistant: JsonObject): ParamsProblem[] {
  const isIdle = (tool: Json) =>
    tool === 'file_search' || (isObject(tool) && tool.type === 'file_search' && isNothing(tool.vector_store_ids));
  if (!isNothing(params.vector_store_ids ?? assistant.vector_store_ids) || bringsFiles(params)) return [];
  const own = Array.isArray(params.tools) ? params.tools : [];
  const base = Array.isArray(assistant.tools) ? assistant.tools : [];
  const index = own.findIndex(isIdle);
  const isNamedInFull = own.some((tool) => isObject(tool) && tool.type === 'file_search' && !isIdle(tool));
  if (index < 0 && (isNamedInFull || !base.some(isIdle))) return [];
  const path = index < 0 ? ['assistant'] : ['tools', index];
  return [
    { path, message: '`file_search` has nothing to search', hint: 'Add `vector_store_ids: [vs_…]`, or `knowledge:` with files.' },
  ];
}

/** Whether files come with the step, or the server's own assistant may have some. */
const bringsFiles = ({ knowledge, attachments, wire }: JsonObject): boolean =>
  knowledge !== undefined ||
  wireNamed(wire)?.hasAssistants ||
  (Array.isArray(attachments) &&
    attachments.some((one) => isObject(one) && JSON.stringify(one.tools ?? []).includes('file_search')));

const isNothing = (ids: Json | undefined): boolean => ids === undefined || (Array.isArray(ids) && ids.length === 0);
