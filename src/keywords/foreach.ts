import { reportOf, ThreadlineError, toThreadlineError } from '../errors.ts';
import type { ItemReport } from '../event.ts';
import { isObject, type Json } from '../json.ts';
import type { Frame, Outcome, RunStep, StepPorts } from '../plan.ts';
import { OneOf, Type } from '../schema.ts';
import type { Keyword } from './keyword.ts';

/** `foreach: "{{ alert.alerts }}"`: runs the step once for each item, keeping every item's result and error. */
export const foreachKeyword: Keyword = {
  roots: ['foreach'],
  keys: {
    foreach: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.Unknown())], {
      description: 'A list: the step runs once for each item, which templates read as `foreach.value` (and `foreach.index`).',
    }),
    concurrency: Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'How many items of `foreach` run at the same time. Default 1.',
    }),
    'on-error': OneOf(['stop', 'continue'], {
      description:
        'What a failing item does: `stop` starts no further item and fails the step, `continue` runs them all and does not.',
      default: 'stop',
    }),
  },
  compile(step, compiler) {
    if (step.foreach === undefined) {
      for (const stray of ['concurrency', 'on-error'].filter((key) => step[key] !== undefined))
        compiler.problem([stray], `\`${stray}\` needs \`foreach\` beside it`, 'It says how the items of a `foreach` run.');
      return {};
    }
    const items = compiler.value(['foreach']);
    const policy = { concurrency: Number(step.concurrency ?? 1), goesOn: step['on-error'] === 'continue' };
    return {
      wrap: (next, ports) => async (frame) => {
        const list = items(frame.scope);
        // What a skipped step gave.
        if (list === null) return { status: 'skipped', results: null, attempts: 0, reason: 'foreach: there is no list' };
        return runItems(asItems(list), frame, next, ports, policy);
      },
    };
  },
};

interface Policy {
  concurrency: number;
  goesOn: boolean;
}

function asItems(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  if (isObject(value)) return Object.entries(value).map(([key, item]) => ({ key, value: item }));
  const what = typeof value === 'string' ? 'text' : `a ${typeof value}`;
  throw new ThreadlineError('expression_failed', `\`foreach\` needs a list and got ${what}.`, {
    hint: 'Write the list as one `{{ path }}` with nothing around it.',
  });
}

async function runItems(values: Json[], frame: Frame, next: RunStep, ports: StepPorts, policy: Policy): Promise<Outcome> {
  const items: ItemReport[] = new Array(values.length);
  let upNext = 0;
  let failed = 0;
  let attempts = 0;
  const work = async () => {
    while (upNext < values.length && !frame.signal.aborted && (policy.goesOn || failed === 0)) {
      const item = upNext++;
      const startedAt = ports.now();
      const outcome = await runItem(values, item, frame, next);
      items[item] = { status: outcome.status, results: outcome.results, error: outcome.error ? reportOf(outcome.error) : null };
      if (outcome.status === 'failed') failed++;
      attempts = Math.max(attempts, outcome.attempts);
      ports.emit({ type: 'item-ended', step: ports.step, item, duration_ms: ports.now() - startedAt, ...items[item] });
    }
  };
  await Promise.all(Array.from({ length: Math.min(policy.concurrency, values.length) }, work));
  return summarise(items, failed, attempts, frame, policy);
}

async function runItem(values: Json[], item: number, frame: Frame, next: RunStep): Promise<Outcome> {
  const scope = Object.assign(Object.create(null), frame.scope, { foreach: { value: values[item], index: item, items: values } });
  try {
    return await next({ ...frame, scope, item, path: `${frame.path}[${item}]` });
  } catch (thrown) {
    return { status: 'failed', results: null, error: toThreadlineError(thrown), attempts: 1 };
  }
}

function summarise(items: ItemReport[], failed: number, attempts: number, frame: Frame, policy: Policy): Outcome {
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
    ? { ...outcome, status: 'skipped', reason: 'if: false for every item' }
    : outcome;
}
