import { type Json, ThreadlineError } from 'threadline/provider';
import { failureKind } from '../dialects/failure-kinds.ts';
import type { Reply } from '../wires/wire.ts';
import { findJson, type JsonForm } from './find-json.ts';
import { isCallInText } from './no-answer.ts';
import type { OutputRule } from './output-rule.ts';

export interface Judged {
  response: Json;
  json: { ok: boolean; how: JsonForm | null; error: string | null };
  /** Mistakes of an answer that does not fit, as the model is told of them. */
  mistakes: string[];
}

/** Throws where a reply is not an answer: a refusal, one that was cut off, that failed, or that is empty. */
export function assertAnswered(reply: Reply): Reply {
  const { status, text, reason = 'the server does not say why' } = reply;
  const details = { response: text };
  if (status === 'refused') throw new ThreadlineError('refused', `The model refused: ${text}`, { details });
  if (status === 'incomplete') {
    const hint = reason === 'max_output_tokens' ? { hint: 'Raise `max_completion_tokens`.' } : {};
    throw new ThreadlineError('incomplete', `The answer was cut off: ${reason}.`, { details, ...hint });
  }
  if (status === 'failed' || status === 'cancelled' || status === 'expired') throw failedRun(status, reason);
  if (status === 'unfinished') {
    throw new ThreadlineError('unsupported', `The server put the run off instead of answering: ${reason}.`, {
      hint: 'Leave `background` out of `extra`.',
    });
  }
  if (text.trim() === '') throw new ThreadlineError('empty_output', 'The model answered with nothing.');
  return reply;
}

/** A failed run names its reason as the API names that of a refused request: `rate_limit_exceeded: Limit 3.`. */
function failedRun(status: string, reason: string): ThreadlineError {
  const code = /^[\w.]+(?=: )/.exec(reason)?.[0];
  const kind = failureKind({ code, words: reason });
  const message = `The server ended the run as ${status}: ${reason.replace(/\.$/, '')}.`;
  if (kind !== undefined) return new ThreadlineError(kind.code, message, { hint: kind.hint });
  if (code === 'rate_limit_exceeded')
    return new ThreadlineError('rate_limit', message, { hint: 'Add `retry`, or lower `concurrency`.' });
  return new ThreadlineError('run_failed', message, { retryable: /^(server_error|vector_store_timeout)$/.test(code ?? reason) });
}

/** Reads the text, and checks it against what was asked for. */
export function judge(text: string, rule: OutputRule): Judged {
  const found = findJson(text, rule);
  if (!found.ok) {
    const json = { ok: false, how: null, error: found.error };
    return { response: text, json, mistakes: rule.wantsJson || isCallInText(text) ? [found.error] : [] };
  }
  const { value, how } = found;
  const mistakes = rule.validate(value);
  return { response: value, json: { ok: mistakes.length === 0, how, error: mistakes.join('; ') || null }, mistakes };
}

export function invalidOutput(reply: Reply, { mistakes }: Judged, rule: OutputRule, repairs: number): ThreadlineError {
  const again = repairs > 0 ? ` after ${repairs} re-ask${repairs > 1 ? 's' : ''}` : '';
  const details = { response: reply.text };
  if (!rule.wantsJson)
    return new ThreadlineError('invalid_output', `The answer cannot be used: ${mistakes.join('; ')}.`, {
      details,
      hint: 'Its server does not recognise the calls of this model: have it use the template or parser of the model for function calls.',
    });
  const hint =
    rule.format.type === 'json_schema'
      ? 'Raise `repair` in response_format to have the model correct itself.'
      : 'Give a `schema` and `repair` in response_format to have the model correct itself.';
  const message = `The answer is not the JSON that was asked for${again}: ${mistakes.join('; ')}.`;
  return new ThreadlineError('invalid_output', message, { details, hint });
}
