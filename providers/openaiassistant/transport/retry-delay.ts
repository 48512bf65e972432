const FIRST_MS = 500;
const LONGEST_MS = 8000;

/** Nobody waits longer than this for a server: five minutes. */
export const LONGEST_WAIT_MS = 300_000;

interface ReadableHeaders {
  get?(name: string): string | null;
}

/** How long the server wants to be left alone, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: ReadableHeaders | undefined, now = Date.now()): number | undefined {
  const milliseconds = numberIn(headers?.get?.('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const text = headers?.get?.('retry-after');
  const seconds = numberIn(text);
  if (seconds !== undefined) return seconds * 1000;
  // `Date.parse` would find a year in a negative number.
  const date = /[a-z]/i.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Twice as long after each attempt, half of it by chance: those that failed together do not come back together. */
export function backoffMs(attempt: number): number {
  const full = Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
  return Math.round(full * (0.5 + Math.random() / 2));
}

function numberIn(text: string | null | undefined): number | undefined {
  const number = text?.trim() ? Number(text) : Number.NaN;
  return number >= 0 && number < Number.POSITIVE_INFINITY ? number : undefined;
}
