import { momentOf } from 'threadline/provider';
import { headerNumber } from './header-number.ts';

const FIRST_MS = 500;
const LONGEST_MS = 8000;

/** The longest wait for a server: five minutes. */
export const LONGEST_WAIT_MS = 300_000;

interface ReadableHeaders {
  get?(name: string): string | null;
}

/** How long the server asks to wait, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: ReadableHeaders | undefined, now = Date.now()): number | undefined {
  const milliseconds = waitIn(headers?.get?.('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const text = headers?.get?.('retry-after');
  const seconds = waitIn(text);
  if (seconds !== undefined) return seconds * 1000;
  const dateMs = momentOf(text ?? '');
  return dateMs === undefined ? undefined : Math.max(0, dateMs - now);
}

/** How long the words of a complaint ask to wait: `Please retry in 58.8s`, `try again in 5m45s`, `in 450ms`. */
export function retryInWordsMs(words: string): number | undefined {
  const [, minutes, amount, unit] = /\b(?:retry|try again) in (?:(\d+)m)?([\d.]+)(ms|s)\b/i.exec(words) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const waitMs = Number(minutes ?? 0) * 60_000 + Number(amount) * (unit.toLowerCase() === 's' ? 1000 : 1);
  return Number.isFinite(waitMs) ? Math.ceil(waitMs) : undefined;
}

/** Doubles with each attempt; half of it is random, so that requests that failed together do not come back together. */
export function backoffMs(attempt: number): number {
  const full = Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
  return Math.round(full * (0.5 + Math.random() / 2));
}

/** A header's number; a wait cannot be negative. */
function waitIn(text: string | null | undefined): number | undefined {
  const wait = headerNumber(text);
  return wait !== undefined && wait >= 0 ? wait : undefined;
}
