import { durationMs, ThreadlineError } from 'threadline/provider';
import { EXPIRY_SECONDS } from './uploads.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 365;

/** The time that a vector store lives without being used, in whole days, as servers count it. */
export function daysOf(expiresAfter: string | number): number {
  const days = Math.ceil((durationMs(expiresAfter) ?? 0) / DAY_MS);
  if (days >= 1 && days <= MOST_DAYS) return days;
  throw new ThreadlineError(
    'invalid_params',
    `A vector store lives 1 to ${MOST_DAYS} days without being used, not ${expiresAfter}.`,
  );
}

/** The time that a file lives, in seconds. */
export function secondsOf(expiresAfter: string | number): number {
  const seconds = Math.round((durationMs(expiresAfter) ?? 0) / 1000);
  if (seconds >= EXPIRY_SECONDS.minimum && seconds <= EXPIRY_SECONDS.maximum) return seconds;
  throw new ThreadlineError('invalid_params', `A file lives one hour to 30 days, not ${expiresAfter}.`);
}
