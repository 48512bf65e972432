import {
  type CheckFiles,
  checkJsonSchema,
  checkSchema,
  isObject,
  type Json,
  type JsonObject,
  type ParamsProblem,
  type SchemaIssue,
} from 'threadline/provider';
import { assistantData } from './assistant.ts';
import { Assistant } from './schema.ts';

type Path = (string | number)[];

const isTemplate = (value: unknown): boolean => typeof value === 'string' && value.includes('{{');

/** Mistakes that the schema of the parameters cannot tell, before any token is paid. */
export function checkParams(params: JsonObject, files: CheckFiles): ParamsProblem[] {
  const assistant = assistantOf(params.assistant, files);
  return [
    ...checkQuestion(params),
    ...assistant.problems,
    ...checkDeadIds(params),
    ...checkFormat(params.response_format, ['response_format'], files),
    ...checkTools(params, assistant.data),
    ...checkSources(params),
  ];
}

function checkQuestion(params: JsonObject): ParamsProblem[] {
  if (params.prompt === undefined && params.messages === undefined)
    return [{ path: [], message: '`prompt` or `messages` is missing' }];
  if (params.prompt !== undefined && params.messages !== undefined)
    return [{ path: ['messages'], message: '`prompt` and `messages` are both given', hint: 'Keep one.' }];
  if (params.timeout !== undefined && params.max_wait_time !== undefined)
    return [{ path: ['max_wait_time'], message: '`timeout` and `max_wait_time` mean the same', hint: 'Keep one.' }];
  if (params.store === false && params.thread_id !== undefined) {
    return [
      { path: ['store'], message: '`store: false` keeps no thread, and `thread_id` names one', hint: 'Leave one of them out.' },
    ];
  }
  return [];
}

function assistantOf(given: Json | undefined, files: CheckFiles): { data: JsonObject; problems: ParamsProblem[] } {
  if (isObject(given))
    return { data: given, problems: checkFormat(given.response_format, ['assistant', 'response_format'], files) };
  if (typeof given !== 'string' || isTemplate(given) || given.startsWith('asst_')) return { data: {}, problems: [] };
  const file = files.data(given);
  if (file === undefined) return { data: {}, problems: [] };
  const data = assistantData(file);
  const top = isObject(file) && isObject(file.assistant) ? ['assistant'] : [];
  const issues = checkSchema(Assistant, data).map((issue) => problemOf(issue, top));
  const format = checkFormat(data.response_format, [...top, 'response_format'], files);
  return { data, problems: [...issues, ...format].map((problem) => ({ file: given, ...problem })) };
}

const problemOf = ({ path, message, hint }: SchemaIssue, before: Path): ParamsProblem => ({
  path: [...before, ...path],
  message: `${path.length > 0 ? `\`${path.at(-1)}\` ` : ''}${message}`,
  ...(hint ? { hint } : {}),
});

/** Ids of the Assistants API lead nowhere on the APIs that live. */
function checkDeadIds({ assistant, thread_id: threadId }: JsonObject): ParamsProblem[] {
  const problems: ParamsProblem[] = [];
  if (typeof assistant === 'string' && /^(asst|pmpt)_/.test(assistant)) {
    const what = assistant.startsWith('asst_')
      ? 'assistants ended with the Assistants API on 2026-08-26'
      : 'saved prompts end on 2026-11-30';
    problems.push({
      path: ['assistant'],
      message: `\`${assistant}\`: ${what}`,
      hint: 'Put model, instructions and tools into a file and name it here.',
    });
  }
  if (typeof threadId === 'string' && threadId.startsWith('thread_')) {
    problems.push({
      path: ['thread_id'],
      message: `\`${threadId}\`: threads ended with the Assistants API on 2026-08-26`,
      hint: 'Leave it out: a new thread begins, and its id is in the results.',
    });
  }
  return problems;
}

function checkFormat(format: Json | undefined, path: Path, files: CheckFiles): ParamsProblem[] {
  if (!isObject(format)) return [];
  const nested = isObject(format.json_schema);
  const { schema } = nested ? (format.json_schema as JsonObject) : format;
  const at = [...path, ...(nested ? ['json_schema'] : []), 'schema'];
  if (typeof schema === 'string') {
    const data = isTemplate(schema) ? undefined : files.data(schema);
    return data === undefined ? [] : checkJsonSchema(data).map((issue) => ({ file: schema, ...problemOf(issue, []) }));
  }
  return schema === undefined ? [] : checkJsonSchema(schema).map((issue) => problemOf(issue, at));
}

function checkTools(params: JsonObject, assistant: JsonObject): ParamsProblem[] {
  const problems: ParamsProblem[] = [];
  const bound = new Set<string>();
  const own = Array.isArray(params.tools) ? params.tools : [];
  for (const [index, tool] of own.entries()) {
    const name = functionName(tool);
    if (name === undefined) continue;
    if (bound.has(name))
      problems.push({ path: ['tools', index, 'function'], message: `there are two functions called \`${name}\`` });
    bound.add(name);
    if (isObject(tool) && isObject(tool.parameters))
      problems.push(...checkParameters(tool.parameters, ['tools', index, 'parameters']));
    if (isObject(tool) && !isObject(tool.provider)) problems.push(unbound(name, ['tools', index]));
  }
  const declared = [...(Array.isArray(assistant.tools) ? assistant.tools : [])].flatMap((tool) => functionName(tool) ?? []);
  for (const name of declared)
    if (!bound.has(name))
      problems.push(unbound(name, typeof params.assistant === 'string' ? ['assistant'] : ['assistant', 'tools']));
  return [...problems, ...checkFileSearch(params, assistant, own)];
}

const unbound = (name: string, path: Path): ParamsProblem => ({
  path,
  message: `function \`${name}\` has no step`,
  hint: `Give it one: \`- function: ${name}\` with a \`provider:\` under \`tools\`.`,
});

function functionName(tool: Json): string | undefined {
  if (!isObject(tool)) return undefined;
  if (typeof tool.function === 'string') return tool.function;
  return isObject(tool.function) && typeof tool.function.name === 'string' ? tool.function.name : undefined;
}

function checkParameters(parameters: JsonObject, path: Path): ParamsProblem[] {
  const problems = checkJsonSchema(parameters).map((issue) => problemOf(issue, path));
  if (parameters.type !== 'object') problems.push({ path, message: "a function's parameters are a schema of `type: object`" });
  return problems;
}

function checkFileSearch(params: JsonObject, assistant: JsonObject, own: Json[]): ParamsProblem[] {
  const index = own.findIndex(
    (tool) => tool === 'file_search' || (isObject(tool) && tool.type === 'file_search' && tool.vector_store_ids === undefined),
  );
  if (index < 0 || params.vector_store_ids !== undefined || assistant.vector_store_ids !== undefined) return [];
  return [{ path: ['tools', index], message: '`file_search` has nothing to search', hint: 'Add `vector_store_ids: [vs_…]`.' }];
}

/** An image or an attachment comes from one place. */
function checkSources(params: JsonObject): ParamsProblem[] {
  const problems: ParamsProblem[] = [];
  for (const [key, sources] of [
    ['images', ['url', 'path', 'file_id']],
    ['attachments', ['path', 'file_id']],
  ] as const) {
    for (const [index, item] of (Array.isArray(params[key]) ? params[key] : []).entries()) {
      const given = isObject(item) ? sources.filter((source) => item[source] !== undefined) : [];
      if (isObject(item) && given.length !== 1)
        problems.push({ path: [key, index], message: `needs exactly one of ${sources.join(', ')}` });
      if (isObject(item) && item.tools !== undefined && item.path !== undefined) {
        problems.push({
          path: [key, index, 'path'],
          message: 'the code interpreter takes uploaded files only',
          hint: 'Give `file_id`, or leave `tools` out.',
        });
      }
    }
  }
  return problems;
}
