import { isObject, type Json, ThreadlineError, toThreadlineError } from 'threadline/provider';
import type { Runtime } from 'threadline/runtime';
import { orAborted } from '../base/deadline.ts';
import { isSuspension } from '../base/run-suspended.ts';

/** Makes a call once: its result or failure is kept, and answers when the step is resumed. An abort is not kept. */
export async function callOnceEver(
  memory: Runtime['memory'],
  name: string,
  signal: AbortSignal,
  work: () => Promise<Json>,
): Promise<Json> {
  const known = await memory.recall(name);
  if (isObject(known)) return outcomeOf(known as Kept);
  const kept = await work().then(
    (output): Kept => ({ output }),
    (thrown: unknown): Kept => {
      signal.throwIfAborted();
      if (isSuspension(thrown)) throw thrown;
      return { error: failureText(thrown) };
    },
  );
  await orAborted(memory.record(name, kept), signal);
  return outcomeOf(kept);
}

type Kept = { output: Json } | { error: string };

function outcomeOf(kept: Kept): Json {
  if ('output' in kept) return kept.output;
  throw new ThreadlineError('step_failed', kept.error);
}

/** A failure as the model is told of it. */
export function failureText(thrown: unknown): string {
  const { message, hint } = toThreadlineError(thrown);
  return hint === undefined ? message : `${message} ${hint}`;
}
