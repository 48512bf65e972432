/** `12ms`, `1.2s`, `2m 05s`, `1h 03m`. */
export function durationText(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)}ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)}s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

/** `1 step`, `1,234 tokens`. */
export const amountText = (amount: number, noun: string): string =>
  `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;

/** An unknown number of tokens is never shown as 0. */
export const tokensText = (tokens: number | null): string => (tokens === null ? 'tokens unknown' : amountText(tokens, 'token'));

/** Dollars with the digits that small amounts need. An unknown price is never shown as $0. */
export function costText(cost: number | null): string {
  if (cost === null) return 'cost unknown';
  if (cost > 0 && cost < 0.0001) return '<$0.0001';
  return `$${cost.toFixed(cost < 1 ? 4 : 2)}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');
