import type { StepFacts } from '../plan/plan.ts';
import { extendScope } from '../plan/scope.ts';
import type { JsonObject } from '../shared/json/json.ts';
import { Type } from '../shared/schema/schema.ts';
import type { Keyword } from './keyword.ts';

/** A map of values that this step's templates read under the given root. */
const values = (key: string, root: 'vars' | 'aliases', description: string): Keyword => ({
  keys: { [key]: Type.Record(Type.String(), Type.Unknown(), { description }) },
  root: { name: root, key },
  compile(step, compiler) {
    const value = compiler.value([key]);
    return {
      roots: { [root]: new Set(Object.keys(step[key] as JsonObject)) },
      wrap: (next) => async (frame) => {
        const computed = value(frame.scope);
        const outcome = await next({ ...frame, scope: extendScope(frame.scope, { [root]: computed }) });
        const facts: StepFacts = { ...outcome.facts, [root]: computed };
        return { ...outcome, facts };
      },
    };
  },
});

/** `vars: {tier: "Tier {{ alert.labels.tier }}"}`, read as `vars.tier` in this step. */
export const varsKeyword = values('vars', 'vars', 'Values for this step, read as `vars.NAME`; constants may read them too.');

/** `alias:`, read as `aliases.NAME` in this step. */
export const aliasKeyword = values(
  'alias',
  'aliases',
  "Values for this step, read as `aliases.NAME`. Keep's older form of `vars`.",
);
