import type { ItemReport } from '../plan/event.ts';
import type { Outcome } from '../plan/plan.ts';
import type { ErrorCode } from '../shared/errors/errors.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';

/** How the outcome of a step is kept: results that a call has given are kept with the call, and named here. */
export interface KeptOutcome {
  status: Outcome['status'];
  /** Absent for a step with items, whose results are theirs. */
  results?: KeptResults;
  items?: (Omit<ItemReport, 'results'> & { results: KeptResults })[];
  error?: { code: ErrorCode; message: string; hint?: string; details?: JsonObject; retryable: boolean; trace?: string };
  attempts: number;
  reason?: string;
  facts?: Outcome['facts'];
  durationMs: number;
  tolerated: boolean;
}

/** Those of the call at a path; of a group's steps by name; or the value itself. */
export type KeptResults = { at: string } | { of: Record<string, KeptResults> } | { value: Json };

/** Where calls have kept their results: by identity, so that nothing is compared. */
export class KeptPlaces {
  private readonly paths = new WeakMap<object, string>();

  /** `kept` is what a call has left at the path. */
  add(path: string, kept: Json): void {
    if (!isObject(kept)) return;
    const { results } = kept;
    if (typeof results === 'object' && results !== null) this.paths.set(results, path);
  }

  of(results: Json): KeptResults {
    const at = typeof results === 'object' && results !== null ? this.paths.get(results) : undefined;
    if (at !== undefined) return { at };
    if (!isObject(results) || !this.holdsKept(results)) return { value: results };
    return { of: Object.fromEntries(Object.entries(results).map(([name, value]) => [name, this.of(value)])) };
  }

  private holdsKept(results: JsonObject): boolean {
    return Object.values(results).some((value) => typeof value === 'object' && value !== null && this.paths.has(value));
  }
}

export function encodeOutcome(
  { status, results, items, error, attempts, reason, facts }: Outcome,
  extra: { durationMs: number; tolerated: boolean },
  places: KeptPlaces,
): KeptOutcome {
  return {
    status,
    ...(items
      ? { items: items.map((item) => ({ ...item, results: places.of(item.results) })) }
      : { results: places.of(results) }),
    ...(error ? { error: keptError(error) } : {}),
    attempts,
    ...(reason === undefined ? {} : { reason }),
    ...(facts ? { facts } : {}),
    ...extra,
  };
}

/** `read` gives what is kept at a path. */
export function decodeOutcome(kept: KeptOutcome, read: (path: string) => Json | undefined): Outcome {
  const { status, attempts, reason, facts } = kept;
  const items = kept.items?.map((item) => ({ ...item, results: resultsOf(item.results, read) }));
  return {
    status,
    results: items ? items.map((item) => item.results) : resultsOf(kept.results ?? { value: null }, read),
    attempts,
    ...(items ? { items } : {}),
    ...(kept.error ? { error: errorOf(kept.error) } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(facts ? { facts } : {}),
  };
}

export function resultsOf(kept: KeptResults, read: (path: string) => Json | undefined): Json {
  if ('value' in kept) return kept.value;
  if ('of' in kept) return Object.fromEntries(Object.entries(kept.of).map(([name, value]) => [name, resultsOf(value, read)]));
  const call = read(kept.at);
  return isObject(call) ? (call.results ?? null) : null;
}

type KeptError = NonNullable<KeptOutcome['error']>;

export const keptError = ({ code, message, hint, details, retryable, trace }: ThreadlineError): KeptError => ({
  code,
  message,
  retryable,
  ...(hint === undefined ? {} : { hint }),
  ...(details ? { details } : {}),
  ...(trace ? { trace } : {}),
});

export const errorOf = ({ code, message, ...options }: KeptError): ThreadlineError => new ThreadlineError(code, message, options);
