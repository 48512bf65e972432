import { type CheckFiles, isObject, type Json, type JsonObject, type ParamsProblem } from 'threadline/provider';
import { checkJsonSchema, checkSchema } from 'threadline/runtime';
import { atWrittenName, checkOtherNames, withOwnNames } from '../contract/other-names.ts';
import { assistantData } from '../contract/resolve-assistant.ts';
import { Assistant } from '../contract/schema.ts';
import { answerRefusals } from '../contract/strict-schema.ts';
import { wireNamed } from '../wires/index.ts';
import { checkOperation } from './check-operation.ts';
import { isTemplate, type ParamPath, problemOf } from './check-problem.ts';
import { problemOfRefusal } from './check-refusals.ts';
import { checkTools } from './check-tools.ts';
import { checkWire } from './check-wire.ts';

/** Mistakes that the schema of the parameters cannot tell, found before anything is paid. */
export function checkParams(written: JsonObject, files: CheckFiles): ParamsProblem[] {
  const problems = checkOwnNames(withOwnNames(written), files).map((problem) => atWrittenName(problem, written));
  return [...checkOtherNames(written), ...problems];
}

function checkOwnNames(params: JsonObject, files: CheckFiles): ParamsProblem[] {
  if (params.operation !== undefined && params.operation !== 'ask') return checkOperation(params);
  const { data, problems, path, file } = assistantOf(params.assistant, files);
  return [
    ...checkOperation(params),
    ...checkQuestion(params),
    ...problems,
    ...checkDeadIds(params),
    ...checkWire(params, data),
    ...checkFormat(params.response_format, ['response_format'], files),
    ...checkTools(params, data, { path: [...path, 'tools'], file }),
    ...checkSources(params),
  ];
}

function checkQuestion({ prompt, messages, store, thread_id, thread }: JsonObject): ParamsProblem[] {
  const problems: ParamsProblem[] = [];
  if (prompt === undefined && messages === undefined) problems.push({ path: [], message: '`prompt` or `messages` is missing' });
  if (prompt !== undefined && messages !== undefined)
    problems.push({ path: ['messages'], message: '`prompt` and `messages` are both given', hint: 'Keep one.' });
  if (thread !== undefined && thread_id !== undefined)
    problems.push({ path: ['thread'], message: '`thread` and `thread_id` both name a thread', hint: 'Keep one.' });
  if (store === false && thread !== undefined)
    problems.push({
      path: ['store'],
      message: '`store: false` keeps no thread, and `thread` names one',
      hint: 'Leave one of them out.',
    });
  if (store === false && thread_id !== undefined) {
    const message = '`store: false` keeps no thread, and `thread_id` names one';
    problems.push({ path: ['store'], message, hint: 'Leave one of them out.' });
  }
  return problems;
}

interface AssistantFound {
  data: JsonObject;
  problems: ParamsProblem[];
  /** Leads to its keys, in the parameters or in `file`. */
  path: ParamPath;
  file?: string;
}

function assistantOf(given: Json | undefined, files: CheckFiles): AssistantFound {
  if (isObject(given)) {
    const path = ['assistant'];
    return { data: given, path, problems: checkFormat(given.response_format, [...path, 'response_format'], files) };
  }
  const file = typeof given !== 'string' || isTemplate(given) || DEAD_ID.test(given) ? undefined : files.data(given);
  if (typeof given !== 'string' || file === undefined) return { data: {}, path: ['assistant'], problems: [] };
  const data = assistantData(file);
  const path = isObject(file) && isObject(file.assistant) ? ['assistant'] : [];
  const issues = checkSchema(Assistant, data).map((issue) => problemOf(issue, path));
  const formatPath = [...path, 'response_format'];
  const format = [
    ...checkFormat(data.response_format, formatPath, files),
    ...checkSchemaFile(data.response_format, formatPath, files),
  ];
  return { data, path, file: given, problems: [...issues, ...format].map((problem) => ({ file: given, ...problem })) };
}

const DEAD_ID = /^(asst|pmpt)_\w+$/;

/** Ids of the Assistants API, which other APIs do not know. */
function checkDeadIds({ assistant, thread_id: threadId, wire }: JsonObject): ParamsProblem[] {
  if (wireNamed(wire)?.hasAssistants) return [];
  const problems: ParamsProblem[] = [];
  if (typeof assistant === 'string' && DEAD_ID.test(assistant)) {
    const what = assistant.startsWith('asst_')
      ? 'assistants ended with the Assistants API on 2026-08-26'
      : 'saved prompts end on 2026-11-30';
    const hint =
      'Put model, instructions and tools into a file and name it here. `wire: assistants` is for servers that still keep them.';
    problems.push({ path: ['assistant'], message: `\`${assistant}\`: ${what}`, hint });
  }
  if (typeof threadId === 'string' && threadId.startsWith('thread_')) {
    const message = `\`${threadId}\`: threads ended with the Assistants API on 2026-08-26`;
    const hint = 'Leave it out: a new thread begins, and its id is in the results.';
    problems.push({ path: ['thread_id'], message, hint });
  }
  return problems;
}

function checkFormat(format: Json | undefined, path: ParamPath, files: CheckFiles): ParamsProblem[] {
  if (!isObject(format)) return [];
  const nested = isObject(format.json_schema);
  const { schema, strict } = nested ? (format.json_schema as JsonObject) : format;
  const isFile = typeof schema === 'string';
  const data = isFile ? (isTemplate(schema) ? undefined : files.data(schema)) : schema;
  if (data === undefined) return [];
  const place = isFile ? { file: schema, path: [] } : { path: [...path, ...(nested ? ['json_schema'] : []), 'schema'] };
  const problems = checkJsonSchema(data).map((issue) => problemOf(issue, place.path));
  if (problems.length === 0 && isObject(data)) problems.push(...refusalsOf(data, place.path, strict === true));
  return problems.map((problem) => ({ ...place, ...problem }));
}

const refusalsOf = (schema: JsonObject, path: ParamPath, strict: boolean): ParamsProblem[] =>
  answerRefusals(schema, strict).map((refusal) => problemOfRefusal(refusal, path, strict));

/** Checks that the schema file exists that the assistant's file names; the language checks files that the workflow names. */
function checkSchemaFile(format: Json | undefined, path: ParamPath, files: CheckFiles): ParamsProblem[] {
  const nested = isObject(format) && isObject(format.json_schema) ? ['json_schema'] : [];
  const holder = isObject(format) && isObject(format.json_schema) ? format.json_schema : format;
  if (!isObject(holder) || typeof holder.schema !== 'string' || files.exists(holder.schema)) return [];
  const hint = "Paths in an assistant's file are relative to the workflow's folder.";
  return [{ path: [...path, ...nested, 'schema'], message: `there is no file ${holder.schema}`, hint }];
}

/** Checks that an image or an attachment has exactly one source. */
function checkSources(params: JsonObject): ParamsProblem[] {
  const problems: ParamsProblem[] = [];
  for (const [key, sources] of [
    ['images', ['url', 'path', 'file_id']],
    ['attachments', ['path', 'glob', 'file_id', 'url', 'data']],
  ] as const) {
    for (const [index, item] of (Array.isArray(params[key]) ? params[key] : []).entries()) {
      if (!isObject(item)) continue;
      if (sources.filter((source) => item[source] !== undefined).length !== 1)
        problems.push({ path: [key, index], message: `needs exactly one of ${sources.join(', ')}` });
      if (key === 'attachments' && item.data !== undefined && item.name === undefined)
        problems.push({ path: [key, index, 'data'], message: '`data` needs a `name`' });
    }
  }
  return problems;
}
