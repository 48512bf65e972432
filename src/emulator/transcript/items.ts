import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing, notFound } from '../base/api-error.ts';
import { newId } from '../base/identifiers.ts';
import { quoteList } from '../check/checks.ts';

/** An entry of a transcript: a message, a function call, a function's output … */
export type Item = JsonObject & { id: string; type: string };

/** The kinds of item that OpenAI's document lets a client send. */
const ITEM_TYPES = [
  'message function_call function_call_output reasoning item_reference file_search_call web_search_call computer_call',
  'computer_call_output image_generation_call code_interpreter_call local_shell_call local_shell_call_output shell_call',
  'shell_call_output apply_patch_call apply_patch_call_output mcp_list_tools mcp_approval_request mcp_approval_response',
  'mcp_call custom_tool_call custom_tool_call_output tool_search_call tool_search_output additional_tools compaction',
  'compaction_trigger program program_output',
].flatMap((line) => line.split(' '));

const ROLES = ['assistant', 'system', 'developer', 'user'];
const PARTS_OF_INPUT = ['input_text', 'input_image', 'input_file'];
const PARTS_OF_ANSWERS = ['output_text', 'refusal'];
const PREFIXES: Record<string, string> = { message: 'msg', function_call: 'fc', function_call_output: 'fco', reasoning: 'rs' };

/** Finds an item that a client references by id. */
export type FindItem = (id: string) => Item | undefined;

/** Converts a client's `input` or `items` into stored items. */
export function toItems(input: Json | undefined, param: string, find: FindItem): Item[] {
  if (input === undefined || input === null) return [];
  if (typeof input === 'string') return [toMessage({ role: 'user', content: input }, param)];
  if (!Array.isArray(input))
    throw badRequest(`Invalid type for '${param}': expected a string or an array.`, param, 'invalid_type');
  return input.map((value, index) => toItem(value, `${param}[${index}]`, find));
}

function toItem(value: Json, param: string, find: FindItem): Item {
  if (!isObject(value)) throw badRequest(`Invalid type for '${param}': expected an object.`, param, 'invalid_type');
  const type = typeof value.type === 'string' ? value.type : typeOfUntyped(value);
  if (!ITEM_TYPES.includes(type)) throw invalidWord(type, ITEM_TYPES, `${param}.type`);
  if (type === 'message') return toMessage(value, param);
  if (type === 'item_reference') return resolve(value, param, find);
  if (type === 'function_call') requireKeys(value, ['call_id', 'name', 'arguments'], param);
  if (type === 'function_call_output') requireKeys(value, ['call_id', 'output'], param);
  return { ...value, type, id: idOf(value, PREFIXES[type] ?? 'item'), status: value.status ?? 'completed' };
}

const typeOfUntyped = (value: JsonObject): string => ('role' in value ? 'message' : 'id' in value ? 'item_reference' : 'message');

const idOf = (value: JsonObject, prefix: string): string => (typeof value.id === 'string' ? value.id : newId(prefix));

function resolve(reference: JsonObject, param: string, find: FindItem): Item {
  const item = find(String(reference.id));
  if (!item) throw notFound(`Item with id '${String(reference.id)}' not found.`, `${param}.id`);
  return item;
}

function requireKeys(value: JsonObject, keys: string[], param: string): void {
  for (const key of keys) if (value[key] === undefined || value[key] === null) throw missing(`${param}.${key}`);
}

function toMessage(value: JsonObject, param: string): Item {
  requireKeys(value, ['role', 'content'], param);
  const role = String(value.role);
  if (!ROLES.includes(role)) throw invalidWord(role, ROLES, `${param}.role`);
  const isAnswer = role === 'assistant';
  const text: JsonObject = { type: isAnswer ? 'output_text' : 'input_text', text: value.content ?? '' };
  const parts = Array.isArray(value.content) ? value.content : [text];
  const content = parts.map((part, index) => toPart(part, isAnswer, `${param}.content[${index}]`));
  return { id: idOf(value, 'msg'), type: 'message', status: 'completed', role, content };
}

function toPart(part: Json, isAnswer: boolean, param: string): JsonObject {
  const allowed = isAnswer ? PARTS_OF_ANSWERS : PARTS_OF_INPUT;
  const type = isObject(part) ? part.type : undefined;
  if (!isObject(part) || typeof type !== 'string' || !allowed.includes(type))
    throw invalidWord(String(type), allowed, `${param}.type`);
  if (type === 'output_text') return { annotations: [], logprobs: [], ...part };
  return type === 'input_image' ? { ...part, detail: part.detail ?? 'auto' } : part;
}

const invalidWord = (word: string, allowed: string[], param: string) =>
  badRequest(`Invalid value: '${word}'. Supported values are: ${quoteList(allowed)}.`, param, 'invalid_value');

/** The text of a message, or of a function's output. */
export function textOf(item: Item): string {
  const content = item.type === 'function_call_output' ? item.output : item.content;
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [];
  return parts.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

export const isMessageOf = (item: Item, role: string): boolean => item.type === 'message' && item.role === role;
