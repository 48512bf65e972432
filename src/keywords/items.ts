import type { ItemReport } from '../plan/event.ts';
import type { Frame, Outcome, RunStep, StepFacts, StepPorts } from '../plan/plan.ts';
import { extendScope } from '../plan/scope.ts';
import { reportOf, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { OneOf, Type } from '../shared/schema/schema.ts';
import type { KeywordCompiler } from './keyword.ts';

/** Keys that control how the items of a `foreach` or `matrix` run. */
export const itemKeys = {
  concurrency: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: 'How many items of `foreach` or `matrix` run at the same time. Default 1.',
  }),
  'on-error': OneOf(['stop', 'continue'], {
    description:
      'What a failing item does: `stop` starts no further item and fails the step, `continue` runs them all and does not.',
    default: 'stop',
  }),
};

export interface ItemPolicy {
  concurrency: number;
  goesOn: boolean;
}

export const itemPolicy = (step: JsonObject): ItemPolicy => ({
  concurrency: Number(step.concurrency ?? 1),
  goesOn: step['on-error'] === 'continue',
});

/** `concurrency` and `on-error` have no effect without items. */
export function refuseStrayKeys(step: JsonObject, compiler: KeywordCompiler): void {
  for (const stray of Object.keys(itemKeys).filter((key) => step[key] !== undefined))
    compiler.problem([stray], `\`${stray}\` needs \`foreach\` or \`matrix\` beside it`, 'It says how the items run.');
}

/** Runs the step once for each entry, whose roots are added to the scope. Keeps every item's result and error. */
export async function runItems(
  entries: readonly Record<string, Json>[],
  frame: Frame,
  next: RunStep,
  ports: StepPorts,
  policy: ItemPolicy,
): Promise<Outcome> {
  const items: ItemReport[] = new Array(entries.length);
  const outcomes: (Outcome | undefined)[] = new Array(entries.length);
  let upNext = 0;
  let failed = 0;
  let attempts = 0;
  const work = async () => {
    while (upNext < entries.length && !frame.signal.aborted && (policy.goesOn || failed === 0)) {
      const item = upNext++;
      const startedAt = ports.now();
      const outcome = await runItem(entries[item] ?? {}, item, frame, next);
      items[item] = { status: outcome.status, results: outcome.results, error: outcome.error ? reportOf(outcome.error) : null };
      if (outcome.status === 'failed') failed++;
      attempts = Math.max(attempts, outcome.attempts);
      outcomes[item] = outcome;
      ports.emit({ type: 'item-ended', step: ports.step, item, duration_ms: ports.now() - startedAt, ...items[item] });
    }
  };
  await Promise.all(Array.from({ length: Math.min(policy.concurrency, entries.length) }, work));
  return { ...summarise(items, { failed, attempts, reason: commonReason(outcomes) }, frame, policy), ...togetherOf(outcomes) };
}

async function runItem(roots: Record<string, Json>, item: number, frame: Frame, next: RunStep): Promise<Outcome> {
  try {
    return await next({ ...frame, scope: extendScope(frame.scope, roots), item, path: `${frame.path}[${item}]` });
  } catch (thrown) {
    return { status: 'failed', results: null, error: toThreadlineError(thrown), attempts: 1 };
  }
}

/** Merges in the order of the items, not of their ends: conditions of all items, as Keep does, and other facts of the last item. */
function togetherOf(outcomes: readonly (Outcome | undefined)[]): Pick<Outcome, 'facts'> {
  const facts: StepFacts = {};
  for (const outcome of outcomes) {
    const { conditions = {}, ...last } = outcome?.facts ?? {};
    Object.assign(facts, last);
    for (const [name, results] of Object.entries(conditions)) {
      facts.conditions ??= Object.create(null) as { [name: string]: Json[] };
      const all = facts.conditions[name];
      if (all) all.push(...results);
      else facts.conditions[name] = [...results];
    }
  }
  return { facts };
}

/** The reason to skip that all items share, if they do. */
function commonReason(outcomes: readonly (Outcome | undefined)[]): string {
  const reasons = new Set(outcomes.map((outcome) => outcome?.reason));
  const [reason] = reasons;
  return reasons.size === 1 && reason !== undefined ? `${reason} (every item)` : 'every item was skipped';
}

function summarise(
  items: ItemReport[],
  { failed, attempts, reason }: { failed: number; attempts: number; reason: string },
  frame: Frame,
  policy: ItemPolicy,
): Outcome {
  for (let index = 0; index < items.length; index++) items[index] ??= { status: 'skipped', results: null, error: null };
  const results = items.map((item) => item.results);
  const outcome: Outcome = { status: 'succeeded', results, attempts, items };
  if (frame.signal.aborted) return { ...outcome, status: 'failed', error: toThreadlineError(frame.signal.reason, 'cancelled') };
  if (failed > 0 && !policy.goesOn) {
    const first = items.findIndex((item) => item.status === 'failed');
    const message = `Item ${first} of ${items.length} failed: ${items[first]?.error?.message}`;
    const hint = '`on-error: continue` runs the other items all the same.';
    return {
      ...outcome,
      status: 'failed',
      error: new ThreadlineError('items_failed', message, { hint, details: { failed, items: items.length } }),
    };
  }
  return items.length > 0 && items.every((item) => item.status === 'skipped')
    ? { ...outcome, status: 'skipped', reason }
    : outcome;
}
