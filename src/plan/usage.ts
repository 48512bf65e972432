import type { Usage } from './event.ts';

/** The usage of what has asked no model. */
export const noUsage = (): Usage => ({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: 0 });

/** One amount that is not known makes the sum unknown. */
export const addUsage = (total: Usage, more: Usage): Usage => ({
  prompt_tokens: addAmount(total.prompt_tokens, more.prompt_tokens),
  completion_tokens: addAmount(total.completion_tokens, more.completion_tokens),
  total_tokens: addAmount(total.total_tokens, more.total_tokens),
  cost_usd: addAmount(total.cost_usd, more.cost_usd),
});

export const addAmount = (total: number | null, amount: number | null): number | null =>
  total === null || amount === null ? null : withoutFloatNoise(total + amount);

/** Makes 0.1 + 0.2 give 0.3. */
const withoutFloatNoise = (amount: number): number => Number(amount.toPrecision(12));
