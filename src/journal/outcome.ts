import { ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { errorOf, type KeptOutcome, keptError } from './encoding.ts';

/** How a call ended, as a journal keeps it. */
type Kept = { results: Json } | { error: NonNullable<KeptOutcome['error']> };

/** Work whose failure is data. What fails because its signal aborts has failed for the signal's reason. */
export async function asData(work: () => Promise<Json>, signal: AbortSignal): Promise<Json> {
  try {
    return { results: await work() };
  } catch (thrown) {
    // Whatever a provider makes of an abort, the call ended because of what aborted it.
    const error = signal.aborted ? withDetails(toThreadlineError(signal.reason, 'cancelled'), thrown) : toThreadlineError(thrown);
    return { error: keptError(error) };
  }
}

/** The results, or the failure thrown. */
export function fromData(data: Json): Json {
  const kept = data as Kept;
  if ('results' in kept) return kept.results;
  throw errorOf(kept.error);
}

/** Keeps what the provider knew (thread and run ids) on the error that says why it had to stop. */
function withDetails(error: ThreadlineError, thrown: unknown): ThreadlineError {
  if (error === thrown || !(thrown instanceof ThreadlineError) || !thrown.details) return error;
  const { code, message, hint, retryable, details } = error;
  return new ThreadlineError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    retryable,
    details: { ...thrown.details, ...details },
  });
}
