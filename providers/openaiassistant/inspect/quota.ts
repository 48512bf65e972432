import type { Finding } from 'threadline/provider';
import { rateIn } from '../transport/rate-headers.ts';
import { ok, skipped, warning } from './finding.ts';

/** A smaller share than this is worth a warning. */
const LITTLE = 0.05;

/** The rest of the rate limit, from an answer's headers. No API tells how much credit an account has left. */
export function quotaFinding(headers: Headers | undefined): Finding {
  const rates = (['requests', 'tokens'] as const).flatMap((kind) => {
    const rate = headers && rateIn(headers, kind);
    return rate ? [{ kind, ...rate }] : [];
  });
  if (rates.length === 0) return skipped('quota', 'The server does not say what is left of a rate limit.');
  const text = rates.map(
    ({ kind, remaining, limit }) => `${count(remaining)}${limit === undefined ? '' : ` of ${count(limit)}`} ${kind}`,
  );
  const details = Object.fromEntries(
    rates.map(({ kind, remaining, limit, resetMs }) => [kind, { remaining, limit: limit ?? null, reset_ms: resetMs }]),
  );
  const message = `Left of the rate limit: ${text.join(' and ')}.`;
  if (rates.every(({ remaining, limit }) => remaining > (limit ?? 0) * LITTLE)) return ok('quota', message, { details });
  return warning('quota', message, { hint: 'Others use it, too: lower `concurrency`, or add `retry`.', details });
}

const count = (amount: number): string => amount.toLocaleString('en-US');
