import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import { countJsonTokens, countTokens } from '../base/tokens.ts';
import type { RequestFeatures } from '../rules/request-features.ts';
import { textOfMessage } from './parameters.ts';

const messagesOf = ({ messages }: JsonObject): JsonObject[] => (Array.isArray(messages) ? messages.filter(isObject) : []);

/** Instructions count here, unlike on /responses. */
export function checkJsonWord(body: JsonObject): void {
  if (formatOf(body).type !== 'json_object' || messagesOf(body).some((message) => /json/i.test(textOfMessage(message)))) return;
  const message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  throw badRequest(message, 'messages');
}

export function featuresOf(body: JsonObject): RequestFeatures {
  const messages = messagesOf(body);
  const isOf = (...roles: string[]) => messages.filter(({ role }) => roles.includes(String(role)));
  const lastUserMessage = isOf('user').at(-1);
  const answeredUpTo = messages.findLastIndex(({ role }) => role === 'assistant');
  const outputs = messages.slice(answeredUpTo + 1).filter(({ role }) => role === 'tool');
  return {
    path: '/chat/completions',
    model: String(body.model),
    instructions: isOf('system', 'developer').map(textOfMessage).join('\n'),
    prompt: lastUserMessage ? textOfMessage(lastUserMessage) : '',
    toolOutput: outputs.length > 0 ? outputs.map(textOfMessage).join('\n') : undefined,
    turn: isOf('assistant').filter((message) => textOfMessage(message) !== '').length,
    format: formatOf(body),
    functions: functionsOf(body),
    toolChoice: toolChoiceOf(body),
  };
}

function formatOf({ response_format: format }: JsonObject): RequestFeatures['format'] {
  if (!isObject(format)) return { type: 'text' };
  if (format.type === 'json_schema' && isObject(format.json_schema)) {
    const { name, schema } = format.json_schema;
    return { type: 'json_schema', name: String(name), schema: schema ?? {} };
  }
  return { type: format.type === 'json_object' ? 'json_object' : 'text' };
}

const functionsOf = ({ tools }: JsonObject): RequestFeatures['functions'] =>
  (Array.isArray(tools) ? tools.filter(isObject) : []).flatMap(({ function: one }) =>
    isObject(one) ? [{ name: String(one.name), parameters: one.parameters ?? {} }] : [],
  );

function toolChoiceOf({ tool_choice: choice }: JsonObject): RequestFeatures['toolChoice'] {
  if (choice === 'none' || choice === 'required') return { mode: choice };
  if (isObject(choice) && isObject(choice.function)) return { mode: 'required', name: String(choice.function.name) };
  return { mode: 'auto' };
}

export function promptTokensOf(body: JsonObject): number {
  const calls = messagesOf(body).map(({ tool_calls: toolCalls }) => (toolCalls ? countJsonTokens(toolCalls) : 0));
  const extras = [body.tools, body.response_format].map((extra) => (extra ? countJsonTokens(extra) : 0));
  const text = messagesOf(body).map(textOfMessage).join('');
  return countTokens(text) + [...calls, ...extras].reduce((sum, tokens) => sum + tokens, 0);
}
