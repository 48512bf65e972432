import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { chunksOf } from '../base/chunks.ts';
import { newId } from '../base/identifiers.ts';
import { objectsIn } from '../base/request-json.ts';
import type { AnswerWithoutError, ToolCall } from '../rules/answer.ts';
import { textPart } from './messages.ts';
import { type RunRecord, tell } from './run-record.ts';

/** The documented reasons for an incomplete run and for an incomplete message. */
const INCOMPLETE = {
  max_output_tokens: { run: { reason: 'max_completion_tokens' }, message: 'max_tokens' },
  // Only the message has this reason; runs have none for it.
  content_filter: { run: {}, message: 'content_filter' },
};

/** The only error codes that a run can have. */
const ERROR_CODES = ['server_error', 'rate_limit_exceeded', 'invalid_prompt'];

/** Records an answer in parts, and yields the stream's events. */
export function* outcomeOf(answer: AnswerWithoutError, record: RunRecord): Generator<JsonObject> {
  switch (answer.kind) {
    case 'text':
      yield* speak(record, answer.text, 'text');
      return yield* record.end('completed');
    case 'refusal':
      yield* speak(record, answer.refusal, 'refusal');
      return yield* record.end('completed');
    case 'incomplete': {
      const { run, message } = INCOMPLETE[answer.reason];
      yield* speak(record, answer.text, 'text', message);
      return yield* record.end('incomplete', { incomplete_details: run });
    }
    case 'tool_calls':
      return yield* call(record, answer.calls);
    case 'failed': {
      const code = ERROR_CODES.includes(answer.code) ? answer.code : 'server_error';
      return yield* record.end('failed', { last_error: { code, message: answer.message } });
    }
  }
}

function* speak(record: RunRecord, text: string, type: 'text' | 'refusal', reason?: string): Generator<JsonObject> {
  const message = record.openMessage();
  const step = record.openStep('message_creation', { message_creation: { message_id: message.id } });
  yield* ['created', 'in_progress'].map((change) => tell(`thread.run.step.${change}`, step));
  yield* ['created', 'in_progress'].map((change) => tell(`thread.message.${change}`, message));
  const partOf = (words: string): JsonObject => (type === 'text' ? textPart(words) : { type, refusal: words });
  let said = '';
  for (const chunk of chunksOf(text)) {
    said += chunk;
    record.fillMessage(partOf(said));
    const delta = { content: [{ index: 0, ...partOf(chunk) }] };
    yield tell('thread.message.delta', { id: message.id, object: 'thread.message.delta', delta });
  }
  if (text === '') record.fillMessage(partOf(text));
  yield* record.closeMessage(reason);
  yield* record.closeStep('completed');
}

function* call(record: RunRecord, calls: ToolCall[]): Generator<JsonObject> {
  const { id, ...step } = record.openStep('tool_calls', { tool_calls: [] });
  yield* ['created', 'in_progress'].map((change) => tell(`thread.run.step.${change}`, { id, ...step }));
  const toolCalls = calls.map(({ name, arguments: text }) => ({ id: newId('call'), name, text }));
  for (const [index, { id: callId, name, text }] of toolCalls.entries()) {
    const deltas: JsonObject[] = [{ id: callId, function: { name, arguments: '', output: null } }];
    deltas.push(...chunksOf(text).map((chunk) => ({ function: { arguments: chunk } })));
    for (const delta of deltas) {
      const details = { type: 'tool_calls', tool_calls: [{ index, type: 'function', ...delta }] };
      yield tell('thread.run.step.delta', { id, object: 'thread.run.step.delta', delta: { step_details: details } });
    }
  }
  const wanted = toolCalls.map(({ id: callId, name, text }) => ({
    id: callId,
    type: 'function',
    function: { name, arguments: text },
  }));
  record.fillStep({ tool_calls: wanted.map((one) => ({ ...one, function: { ...one.function, output: null } })) });
  const action = { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: wanted } };
  yield record.become('requires_action', { required_action: action });
}

/** Adds the function outputs to their calls. */
export function answerCalls(record: RunRecord, outputs: readonly JsonObject[]): JsonObject[] {
  const details = record.steps.at(-1)?.step_details;
  const calls = isObject(details) ? objectsIn(details.tool_calls) : [];
  const answered = calls.map((made): JsonObject => {
    const output = outputs.find(({ tool_call_id: id }) => id === made.id)?.output ?? '';
    return { ...made, function: { ...(isObject(made.function) ? made.function : {}), output } };
  });
  record.fillStep({ tool_calls: answered });
  return record.closeStep('completed');
}
