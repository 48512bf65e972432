import { durationMs } from 'threadline/provider';
import type { ToldRate } from './rate-window.ts';

/** What an answer says of a rate limit: `x-ratelimit-{limit,remaining,reset}-requests`, or `-tokens`. */
export function rateIn(headers: Headers, kind: 'requests' | 'tokens'): ToldRate | undefined {
  const remaining = numberIn(headers.get(`x-ratelimit-remaining-${kind}`));
  const resetMs = resetIn(headers.get(`x-ratelimit-reset-${kind}`));
  // Without a reset nobody could say how long to wait.
  if (remaining === undefined || resetMs === undefined) return undefined;
  return { limit: numberIn(headers.get(`x-ratelimit-limit-${kind}`)), remaining, resetMs };
}

/** `6m0s`, `30ms`, `1h2m`; seconds where there is no unit. */
function resetIn(text: string | null): number | undefined {
  const seconds = numberIn(text);
  return seconds === undefined ? durationMs(text?.trim() ?? '') : Math.max(0, seconds * 1000);
}

function numberIn(text: string | null): number | undefined {
  const number = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
