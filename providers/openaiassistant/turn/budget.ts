import { ThreadlineError } from 'threadline/provider';
import type { Runtime } from 'threadline/runtime';
import { NO_TOKENS } from '../wires/wire.ts';
import { costOf } from './prices.ts';

/**
 * Called before each request: the step and its run must have spent less than their limits.
 *
 * @throws ThreadlineError `budget_exceeded`, or `invalid_config` where a limit is set and the model has no price.
 */
export function assertWithinBudget(
  model: string | undefined,
  spentByStep: number | null,
  maxOfStep: number | undefined,
  { prices, budget }: Pick<Runtime, 'prices' | 'budget'>,
): void {
  if (maxOfStep === undefined && budget.maxCostUsd === undefined) return;
  if (costOf({ model: model ?? '', ...NO_TOKENS }, prices) === null) {
    throw new ThreadlineError(
      'invalid_config',
      `The price of the model \`${model ?? ''}\` is not known, so a limit of cost cannot be kept.`,
      {
        hint: 'Add it to `prices:` in threadline.config.yaml.',
      },
    );
  }
  refuse('step', spentByStep, maxOfStep);
  refuse('run', budget.spentUsd(), budget.maxCostUsd);
}

function refuse(what: string, spent: number | null, most: number | undefined): void {
  if (most === undefined || (spent !== null && spent < most)) return;
  const cost = spent === null ? 'an amount that is not known' : `$${spent}`;
  throw new ThreadlineError('budget_exceeded', `The ${what} may cost $${most} and has cost ${cost}: nothing more is asked.`, {
    details: { spent_usd: spent, max_cost_usd: most },
  });
}
