import { isObject, type Json, ThreadlineError, toThreadlineError } from 'threadline/provider';
import type { Runtime } from 'threadline/runtime';
import { orAborted } from '../base/deadline.ts';
import { isSuspension } from '../base/run-suspended.ts';

/** A call whose end, good or bad, answers from then on, also in the process that goes on with the step. An abort ends nothing. */
export async function callOnceEver(
  memory: Runtime['memory'],
  name: string,
  signal: AbortSignal,
  work: () => Promise<Json>,
): Promise<Json> {
  const known = await memory.recall(name);
  if (isObject(known)) return answerOf(known as Kept);
  const kept = await work().then(
    (output): Kept => ({ output }),
    (thrown: unknown): Kept => {
      signal.throwIfAborted();
      if (isSuspension(thrown)) throw thrown;
      const { message, hint } = toThreadlineError(thrown);
      return { error: hint === undefined ? message : `${message} ${hint}` };
    },
  );
  await orAborted(memory.record(name, kept), signal);
  return answerOf(kept);
}

type Kept = { output: Json } | { error: string };

function answerOf(kept: Kept): Json {
  if ('output' in kept) return kept.output;
  throw new ThreadlineError('step_failed', kept.error);
}
