import type { JsonObject } from '../../shared/json/json.ts';
import { newId } from '../base/identifiers.ts';
import { type AnswerWithoutError, tokensOf } from '../rules/answer.ts';
import type { Item } from '../transcript/items.ts';
import type { Output } from '../transcript/run.ts';
import { annotationsOf, fileSearchCalls, type SourceRequest } from './sources.ts';

export function outputOf(answer: AnswerWithoutError, question: SourceRequest): Output {
  const completed: Output = { status: 'completed', items: [], incompleteDetails: null, error: null, tokens: tokensOf(answer) };
  switch (answer.kind) {
    case 'text': {
      const { text, sources = {} } = answer;
      const part = outputText(text, annotationsOf(sources, text, question.store));
      return { ...completed, items: [...fileSearchCalls(sources, question), message(part)] };
    }
    case 'refusal': {
      const part = { type: 'refusal', refusal: answer.refusal };
      return { ...completed, items: [message(part)] };
    }
    case 'tool_calls':
      return { ...completed, items: answer.calls.map(functionCall) };
    case 'incomplete': {
      const items = answer.text === '' ? [] : [message(outputText(answer.text), 'incomplete')];
      return { ...completed, status: 'incomplete', items, incompleteDetails: { reason: answer.reason } };
    }
    case 'failed':
      return { ...completed, status: 'failed', error: { code: answer.code, message: answer.message } };
  }
}

const outputText = (text: string, annotations: JsonObject[] = []): JsonObject => ({
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
