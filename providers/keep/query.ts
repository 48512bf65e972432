import {
  type Json,
  type JsonObject,
  momentOf,
  type ProviderContext,
  ThreadlineError,
  TIME_FORMS,
  toText,
} from 'threadline/provider';
import { fieldAt } from './field.ts';
import type { Params } from './schema.ts';
import type { AlertStore } from './store.ts';

const DAY_MS = 86_400_000;
const DEFAULT_LIMIT = 100;

/** Queries the alert store; newest first, with enrichments. */
export async function query(params: Params, { runtime, signal }: ProviderContext<object>): Promise<Json> {
  const nowMs = Date.now();
  const range = rangeOf(params, nowMs);
  const store = await runtime.alerts();
  const limit = params.limit ?? (params.filter ? DEFAULT_LIMIT : Number.POSITIVE_INFINITY);
  const found: JsonObject[] = [];
  for (const alert of candidates(store, params.distinct ?? true, range, nowMs)) {
    if (found.length >= limit) break;
    signal.throwIfAborted();
    if (matches(alert, params)) found.push(alert);
  }
  return found;
}

interface Range {
  fromMs: number;
  toMs: number;
}

function rangeOf({ timerange, time_delta = 1 }: Params, nowMs: number): Range {
  const end = timerange?.to ?? 'now';
  // A sender's clock may be ahead.
  const toMs = end === 'now' ? Number.POSITIVE_INFINITY : moment('to', end);
  const fromMs = time_delta === 0 ? 0 : nowMs - time_delta * DAY_MS;
  return { fromMs: timerange?.from === undefined ? fromMs : moment('from', timerange.from), toMs };
}

function moment(key: string, text: string): number {
  const found = momentOf(text);
  if (found !== undefined) return found;
  throw new ThreadlineError('invalid_params', `\`timerange.${key}\` is not a valid time: ${text.slice(0, 60)}.`, {
    hint: TIME_FORMS,
  });
}

/** The latest state of each alert, or all its events: the latest with enrichments, earlier ones as received. */
function candidates(store: AlertStore, distinct: boolean, range: Range, nowMs: number): JsonObject[] {
  const latest = store.list({ atMs: nowMs, sinceMs: range.fromMs });
  const all = distinct ? latest : latest.flatMap((alert) => [alert, ...store.history(String(alert.fingerprint)).slice(1)]);
  const within = all.filter((alert) => {
    const atMs = momentOf(alert.lastReceived);
    return atMs === undefined || (atMs <= range.toMs && (distinct || atMs >= range.fromMs));
  });
  return distinct ? within : within.sort((left, right) => receivedMs(right) - receivedMs(left));
}

const receivedMs = (alert: JsonObject): number => momentOf(alert.lastReceived) ?? 0;

/** Whether all of `filters` and `filter` hold. A condition on a field that the alert lacks does not hold. */
const matches = (alert: JsonObject, { filters = [], filter }: Params): boolean =>
  filters.every(({ key, value }) => hasField(alert, key, value as Json)) &&
  (filter === undefined || filter.render(alert) === true);

function hasField(alert: JsonObject, key: string, wanted: Json): boolean {
  const value = fieldAt(alert, key);
  if (value === undefined) return false;
  if (wanted === true) return value !== null && value !== false;
  return (Array.isArray(value) ? [value, ...value] : [value]).some((one) => isSameText(one, wanted));
}

/** Keep writes booleans as `True`, and JSON as `true`. */
const isSameText = (one: Json, wanted: Json): boolean =>
  typeof one === 'boolean' ? toText(wanted).toLowerCase() === String(one) : toText(one) === toText(wanted);
