import { ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { decodeError, encodeError, type StoredOutcome } from './encode-outcome.ts';

/** The outcome of a call as a journal stores it. */
type StoredCall = { results: Json } | { error: NonNullable<StoredOutcome['error']> };

/** Does work and turns its failure into data. Work that fails after its signal aborted has failed for the signal's reason. */
export async function captureOutcome(work: () => Promise<Json>, signal: AbortSignal): Promise<Json> {
  try {
    return { results: await work() };
  } catch (thrown) {
    // A provider may wrap an abort in an error of its own: the call ended for the abort's reason all the same.
    const error = signal.aborted ? withDetails(toThreadlineError(signal.reason, 'cancelled'), thrown) : toThreadlineError(thrown);
    return { error: encodeError(error) };
  }
}

/** Returns the results in the data, or throws the failure in it. */
export function resultsOrThrow(data: Json): Json {
  const stored = data as StoredCall;
  if ('results' in stored) return stored.results;
  throw decodeError(stored.error);
}

/** Adds the facts that the provider knew (thread and run ids) to the error that says why it had to stop. */
function withDetails(error: ThreadlineError, thrown: unknown): ThreadlineError {
  if (error === thrown || !(thrown instanceof ThreadlineError) || !thrown.details) return error;
  const { code, message, hint, retryable, details } = error;
  return new ThreadlineError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    retryable,
    details: { ...thrown.details, ...details },
  });
}
