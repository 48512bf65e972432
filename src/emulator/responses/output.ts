import type { JsonObject } from '../../shared/json/json.ts';
import { newId } from '../base/identifiers.ts';
import { countTokens } from '../base/tokens.ts';
import type { AnswerWithoutError } from '../rules/answer.ts';
import type { Item } from '../transcript/items.ts';
import type { Output } from '../transcript/run.ts';
import { annotationsOf, fileSearchCalls, type SourceRequest } from './sources.ts';

export function outputOf(answer: AnswerWithoutError, question: SourceRequest): Output {
  const completed: Output = { status: 'completed', items: [], incompleteDetails: null, error: null, tokens: 0 };
  switch (answer.kind) {
    case 'text': {
      const { text, sources = {} } = answer;
      const part = textPart(text, annotationsOf(sources, text, question.store));
      return { ...completed, items: [...fileSearchCalls(sources, question), message(part)], tokens: countTokens(text) };
    }
    case 'refusal': {
      const part = { type: 'refusal', refusal: answer.refusal };
      return { ...completed, items: [message(part)], tokens: countTokens(answer.refusal) };
    }
    case 'tool_calls': {
      const tokens = answer.calls.map((call) => countTokens(call.name + call.arguments));
      return { ...completed, items: answer.calls.map(functionCall), tokens: tokens.reduce((sum, count) => sum + count, 0) };
    }
    case 'incomplete': {
      const items = answer.text === '' ? [] : [message(textPart(answer.text), 'incomplete')];
      const tokens = countTokens(answer.text);
      return { ...completed, status: 'incomplete', items, incompleteDetails: { reason: answer.reason }, tokens };
    }
    case 'failed':
      return { ...completed, status: 'failed', error: { code: answer.code, message: answer.message } };
  }
}

const textPart = (text: string, annotations: JsonObject[] = []): JsonObject => ({
  type: 'output_text',
  text,
  annotations,
  logprobs: [],
});

const message = (part: JsonObject, status = 'completed'): Item => ({
  id: newId('msg'),
  type: 'message',
  status,
  role: 'assistant',
  content: [part],
});

const functionCall = (call: { name: string; arguments: string }): Item => ({
  id: newId('fc'),
  type: 'function_call',
  status: 'completed',
  call_id: newId('call'),
  name: call.name,
  arguments: call.arguments,
});
