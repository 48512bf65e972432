import type { JsonObject } from '../../shared/json/json.ts';
import { objectsIn, textOfContent } from '../base/request-json.ts';
import { countJsonTokens, countTokens } from '../base/tokens.ts';
import { checkJsonMentioned, formatOf, functionsOf, toolChoiceOf } from '../rules/chat-form.ts';
import type { RequestFeatures } from '../rules/request-features.ts';

const textOfMessage = ({ content }: JsonObject): string => textOfContent(content);

/** Refuses requests that OpenAI refuses before calling a model. */
export const checkCompletionContext = (body: JsonObject): void =>
  checkJsonMentioned(body, objectsIn(body.messages).map(textOfMessage));

export function featuresOfCompletion(body: JsonObject): RequestFeatures {
  const messages = objectsIn(body.messages);
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

export function promptTokensOfCompletion(body: JsonObject): number {
  const messages = objectsIn(body.messages);
  const calls = messages.map(({ tool_calls: toolCalls }) => toolCalls);
  return countTokens(messages.map(textOfMessage).join('')) + countJsonTokens([...calls, body.tools, body.response_format]);
}
