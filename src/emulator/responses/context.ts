import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import { objectsIn } from '../base/request-json.ts';
import { countJsonTokens, countTokens } from '../base/tokens.ts';
import type { OfferedFunction, RequestFeatures } from '../rules/request-features.ts';
import type { Conversation, Store } from '../store/store.ts';
import { type Item, isMessageOf, textOfItem, toItems } from '../transcript/items.ts';

/** Input that a model would get. */
export interface ResponseContext {
  conversation: Conversation | undefined;
  /** Items of the conversation or of the previous response. */
  history: Item[];
  /** Items of this request. */
  input: Item[];
}

export function responseContext(body: JsonObject, store: Store): ResponseContext {
  const conversation = conversationOf(body, store);
  const history = conversation ? [...conversation.items] : previousItems(body, store);
  return { conversation, history, input: toItems(body.input, 'input', (id) => store.item(id)) };
}

function conversationOf({ conversation }: JsonObject, store: Store): Conversation | undefined {
  const id = isObject(conversation) ? conversation.id : conversation;
  return typeof id === 'string' ? store.conversation(id) : undefined;
}

function previousItems({ previous_response_id: id }: JsonObject, store: Store): Item[] {
  if (typeof id !== 'string') return [];
  const previous = store.responses.get(id);
  if (previous) return previous.transcript();
  throw badRequest(`Previous response with id '${id}' not found.`, 'previous_response_id', 'previous_response_not_found');
}

/** Refuses requests that OpenAI refuses before calling a model. */
export function checkResponseContext(body: JsonObject, { history, input }: ResponseContext): void {
  const items = [...history, ...input];
  checkCallsAnswered(items);
  if (formatOf(body).type === 'json_object') checkJsonWord(items);
}

/** Checks that every call has an output and every output a call. */
function checkCallsAnswered(items: Item[]): void {
  const open: string[] = [];
  for (const { type, call_id: id } of items) {
    if (type === 'function_call') open.push(String(id));
    if (type !== 'function_call_output') continue;
    const at = open.indexOf(String(id));
    if (at < 0) throw badRequest(`No tool call found for function call output with call_id ${String(id)}.`, 'input');
    open.splice(at, 1);
  }
  if (open.length > 0) throw badRequest(`No tool output found for function call ${open[0]}.`, 'input');
}

/** Instructions and system messages do not count. */
function checkJsonWord(items: Item[]): void {
  const counted = items.filter((item) => item.type === 'message' && item.role !== 'system');
  if (counted.some((item) => /json/i.test(textOfItem(item)))) return;
  const message = "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.";
  throw badRequest(message, 'input');
}

export function featuresOfResponse(body: JsonObject, { history, input }: ResponseContext): RequestFeatures {
  const items = [...history, ...input];
  const lastUserMessage = items.findLast((item) => isMessageOf(item, 'user'));
  return {
    path: '/responses',
    model: String(body.model),
    instructions: typeof body.instructions === 'string' ? body.instructions : '',
    prompt: lastUserMessage ? textOfItem(lastUserMessage) : '',
    toolOutput: newToolOutput(items),
    turn: items.filter((item) => isMessageOf(item, 'assistant')).length,
    format: formatOf(body),
    functions: functionsOf(body),
    toolChoice: toolChoiceOf(body),
  };
}

/** The outputs since the model's last message; older ones were answered. */
function newToolOutput(items: Item[]): string | undefined {
  const lastByModel = items.findLastIndex((item) => item.type === 'function_call' || isMessageOf(item, 'assistant'));
  const outputs = items.slice(lastByModel + 1).filter((item) => item.type === 'function_call_output');
  return outputs.length > 0 ? outputs.map(textOfItem).join('\n') : undefined;
}

function formatOf({ text }: JsonObject): RequestFeatures['format'] {
  const format = isObject(text) && isObject(text.format) ? text.format : {};
  if (format.type === 'json_schema') return { type: 'json_schema', name: String(format.name), schema: format.schema ?? {} };
  return { type: format.type === 'json_object' ? 'json_object' : 'text' };
}

function functionsOf({ tools }: JsonObject): OfferedFunction[] {
  const functions = objectsIn(tools).filter(({ type }) => type === 'function');
  return functions.map(({ name, parameters }) => ({ name: String(name), parameters: parameters ?? {} }));
}

function toolChoiceOf({ tool_choice: choice }: JsonObject): RequestFeatures['toolChoice'] {
  if (choice === 'none' || choice === 'required') return { mode: choice };
  if (!isObject(choice)) return { mode: 'auto' };
  if (choice.type === 'function') return { mode: 'required', name: String(choice.name) };
  if (choice.type !== 'allowed_tools') return { mode: 'auto' };
  const first = objectsIn(choice.tools).find(({ type }) => type === 'function')?.name;
  return choice.mode === 'required' && typeof first === 'string' ? { mode: 'required', name: first } : { mode: 'auto' };
}

export function inputTokensOf(body: JsonObject, { history, input }: ResponseContext): number {
  const texts = [...history, ...input].map((item) => (item.type === 'function_call' ? String(item.arguments) : textOfItem(item)));
  const instructions = typeof body.instructions === 'string' ? body.instructions : '';
  const extras = [body.tools, isObject(body.text) ? body.text.format : undefined];
  return countTokens([instructions, ...texts].join('')) + countJsonTokens(extras);
}
