import type { Json, JsonObject } from '../../shared/json/json.ts';
import { notFound } from '../base/api-error.ts';
import { newId } from '../base/identifiers.ts';
import { objectsIn, textOfContent } from '../base/request-json.ts';
import { checkWord, list, objectWith, requireKeys, word } from '../check/checks.ts';

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
const partWithType = (...types: string[]) => objectWith((part, param) => checkWord(part, 'type', types, param));
const partOfInput = partWithType('input_text', 'input_image', 'input_file');
const partOfAnswer = partWithType('output_text', 'refusal');
const PREFIXES: Record<string, string> = { message: 'msg', function_call: 'fc', function_call_output: 'fco', reasoning: 'rs' };

type FindItem = (id: string) => Item | undefined;

/** Converts a client's checked `input` or `items` into stored items. `find` resolves references by id. */
export function toItems(input: Json | undefined, param: string, find: FindItem): Item[] {
  if (typeof input === 'string') return [toMessage({ role: 'user', content: input }, param)];
  return objectsIn(input).map((value, index) => toItem(value, `${param}[${index}]`, find));
}

function toItem(value: JsonObject, param: string, find: FindItem): Item {
  const type = typeof value.type === 'string' ? value.type : typeOfUntyped(value);
  word(...ITEM_TYPES)(type, `${param}.type`);
  if (type === 'message') return toMessage(value, param);
  if (type === 'item_reference') return resolve(value, param, find);
  if (type === 'function_call') requireKeys(value, ['call_id', 'name', 'arguments'], `${param}.`);
  if (type === 'function_call_output') requireKeys(value, ['call_id', 'output'], `${param}.`);
  return { ...value, type, id: idOf(value, PREFIXES[type] ?? 'item'), status: value.status ?? 'completed' };
}

const typeOfUntyped = (value: JsonObject): string => ('role' in value ? 'message' : 'id' in value ? 'item_reference' : 'message');

const idOf = (value: JsonObject, prefix: string): string => (typeof value.id === 'string' ? value.id : newId(prefix));

function resolve(reference: JsonObject, param: string, find: FindItem): Item {
  const item = find(String(reference.id));
  if (!item) throw notFound(`Item with id '${String(reference.id)}' not found.`, `${param}.id`);
  return item;
}

function toMessage(value: JsonObject, param: string): Item {
  requireKeys(value, ['role', 'content'], `${param}.`);
  checkWord(value, 'role', ROLES, param);
  const isAnswer = value.role === 'assistant';
  const text: JsonObject = { type: isAnswer ? 'output_text' : 'input_text', text: value.content ?? '' };
  const parts = Array.isArray(value.content) ? value.content : [text];
  list(isAnswer ? partOfAnswer : partOfInput)(parts, `${param}.content`);
  const content = objectsIn(parts).map(toContentPart);
  return { id: idOf(value, 'msg'), type: 'message', status: 'completed', role: String(value.role), content };
}

function toContentPart(part: JsonObject): JsonObject {
  if (part.type === 'output_text') return { annotations: [], logprobs: [], ...part };
  return part.type === 'input_image' ? { ...part, detail: part.detail ?? 'auto' } : part;
}

/** The text of a message, or of a function's output. */
export const textOfItem = (item: Item): string =>
  textOfContent(item.type === 'function_call_output' ? item.output : item.content);

export const isMessageOf = (item: Item, role: string): boolean => item.type === 'message' && item.role === role;
