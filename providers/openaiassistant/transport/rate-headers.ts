import { durationMs } from 'threadline/provider';
import { headerNumber } from './header-number.ts';
import type { ReportedRate } from './rate-window.ts';

/** The rate limit in an answer's headers: `x-ratelimit-{limit,remaining,reset}-requests`, or `-tokens`. */
export function rateIn(headers: Headers, kind: 'requests' | 'tokens'): ReportedRate | undefined {
  const remaining = headerNumber(headers.get(`x-ratelimit-remaining-${kind}`));
  const resetMs = resetIn(headers.get(`x-ratelimit-reset-${kind}`));
  const limit = headerNumber(headers.get(`x-ratelimit-limit-${kind}`));
  // Without a reset it is not known how long to wait. Servers without a limit say -1, or a limit of 0.
  if (remaining === undefined || resetMs === undefined || remaining < 0 || (limit ?? 1) <= 0) return undefined;
  return { limit, remaining, resetMs };
}

/** `6m0s`, `30ms`, `1h2m`; seconds where there is no unit. */
function resetIn(text: string | null): number | undefined {
  const seconds = headerNumber(text);
  return seconds === undefined ? durationMs(text?.trim() ?? '') : Math.max(0, seconds * 1000);
}
