import type { ItemReport } from '../plan/event.ts';
import type { Outcome } from '../plan/plan.ts';
import type { ErrorCode } from '../shared/errors/errors.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';

/** The outcome of a step as the journal stores it. Results of a call are stored with the call; the outcome refers to them. */
export interface StoredOutcome {
  status: Outcome['status'];
  /** Absent for a step with items: each item has its own results. */
  results?: StoredResults;
  items?: (Omit<ItemReport, 'results'> & { results: StoredResults })[];
  error?: { code: ErrorCode; message: string; hint?: string; details?: JsonObject; retryable: boolean; trace?: string };
  attempts: number;
  reason?: string;
  facts?: Outcome['facts'];
  durationMs: number;
  tolerated: boolean;
}

/** The results of the call at a path, of a group's steps by name, or the value itself. */
export type StoredResults = { at: string } | { of: Record<string, StoredResults> } | { value: Json };

/** The paths at which calls have stored their results. Results are found by identity: nothing is compared. */
export class ResultPaths {
  private readonly paths = new WeakMap<object, string>();

  /** `record` is what a call has stored at the path. */
  add(path: string, record: Json): void {
    if (!isObject(record)) return;
    const { results } = record;
    if (typeof results === 'object' && results !== null) this.paths.set(results, path);
  }

  encode(results: Json): StoredResults {
    const at = typeof results === 'object' && results !== null ? this.paths.get(results) : undefined;
    if (at !== undefined) return { at };
    if (!isObject(results) || !this.holdsStored(results)) return { value: results };
    return { of: Object.fromEntries(Object.entries(results).map(([name, value]) => [name, this.encode(value)])) };
  }

  private holdsStored(results: JsonObject): boolean {
    return Object.values(results).some((value) => typeof value === 'object' && value !== null && this.paths.has(value));
  }
}

export function encodeOutcome(
  { status, results, items, error, attempts, reason, facts }: Outcome,
  extra: { durationMs: number; tolerated: boolean },
  resultPaths: ResultPaths,
): StoredOutcome {
  return {
    status,
    ...(items
      ? { items: items.map((item) => ({ ...item, results: resultPaths.encode(item.results) })) }
      : { results: resultPaths.encode(results) }),
    ...(error ? { error: encodeError(error) } : {}),
    attempts,
    ...(reason === undefined ? {} : { reason }),
    ...(facts ? { facts } : {}),
    ...extra,
  };
}

/** `read` gives the record at a path. */
export function decodeOutcome(stored: StoredOutcome, read: (path: string) => Json | undefined): Outcome {
  const { status, attempts, reason, facts } = stored;
  const items = stored.items?.map((item) => ({ ...item, results: decodeResults(item.results, read) }));
  return {
    status,
    results: items ? items.map((item) => item.results) : decodeResults(stored.results ?? { value: null }, read),
    attempts,
    ...(items ? { items } : {}),
    ...(stored.error ? { error: decodeError(stored.error) } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(facts ? { facts } : {}),
  };
}

export function decodeResults(stored: StoredResults, read: (path: string) => Json | undefined): Json {
  if ('value' in stored) return stored.value;
  if ('of' in stored)
    return Object.fromEntries(Object.entries(stored.of).map(([name, value]) => [name, decodeResults(value, read)]));
  const call = read(stored.at);
  return isObject(call) ? (call.results ?? null) : null;
}

type StoredError = NonNullable<StoredOutcome['error']>;

export const encodeError = ({ code, message, hint, details, retryable, trace }: ThreadlineError): StoredError => ({
  code,
  message,
  retryable,
  ...(hint === undefined ? {} : { hint }),
  ...(details ? { details } : {}),
  ...(trace ? { trace } : {}),
});

export const decodeError = ({ code, message, ...options }: StoredError): ThreadlineError =>
  new ThreadlineError(code, message, options);
