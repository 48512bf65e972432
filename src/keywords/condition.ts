import type { Frame, Scope, StepFacts, Value } from '../plan/plan.ts';
import { extendScope } from '../plan/scope.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { Closed, OneOf, Type } from '../shared/schema/schema.ts';
import { isSomething } from '../values/index.ts';
import type { Flag, Keyword, KeywordCompiler } from './keyword.ts';
import { deviations, exceeds, thresholdsIn } from './thresholds.ts';

const Naming = {
  name: Type.String({ minLength: 1, description: 'How later steps read its result, unless it has an alias.' }),
  alias: Type.Optional(Type.String({ minLength: 1, description: 'The name that this and later steps read the result by.' })),
};
const Computed = Type.Unknown({ description: 'The value to compare.' });

const ConditionSchema = Type.Union([
  Closed({
    ...Naming,
    type: Type.Literal('threshold', { description: 'A number against a limit.' }),
    value: Computed,
    compare_to: Type.Unknown({
      description: 'The limit: a number or a percentage; several by commas, the first that is passed counts.',
    }),
    compare_type: Type.Optional(OneOf(['gt', 'lt'], { description: 'Above or below the limit.', default: 'gt' })),
    level: Type.Optional(Type.String({ description: 'A name for each of several limits, read as `foreach.level`.' })),
  }),
  Closed({
    ...Naming,
    type: Type.Literal('assert', { description: 'An expression that must be true.' }),
    assert: Type.Union([Type.String({ minLength: 1 }), Type.Boolean()], { description: 'The expression.' }),
  }),
  Closed({
    ...Naming,
    type: Type.Literal('stddev', { description: 'Whether a list holds outliers.' }),
    value: Computed,
    compare_to: Type.Unknown({ description: 'How many standard deviations from the mean an outlier is.' }),
    pivot_column: Type.Optional(
      Type.Union([Type.String(), Type.Integer({ minimum: 0 })], { description: 'Key or index of the number in each row.' }),
    ),
  }),
]);

interface Judged {
  result: boolean;
  facts: JsonObject;
}

interface Condition {
  name: string;
  alias: string;
  type: string;
  judge(scope: Scope): Judged;
}

/** Keep's typed conditions. Without `if`, the step runs when all of them hold. */
export const conditionKeyword: Keyword = {
  keys: {
    condition: Type.Array(ConditionSchema, {
      minItems: 1,
      description: 'Named conditions. Without `if` the step runs when all hold; `if` may combine them by name.',
    }),
  },
  flags: (step) =>
    (Array.isArray(step.condition) ? step.condition : []).flatMap((entry, index) =>
      isObject(entry) ? [flagOf(entry, index)] : [],
    ),
  compile(step, compiler) {
    const list = Array.isArray(step.condition) ? step.condition : [];
    const conditions = list.flatMap((entry, index) => (isObject(entry) ? [compileOne(entry, index, compiler)] : []));
    const decides = step.if === undefined;
    return {
      roots: Object.fromEntries(conditions.map(({ alias }) => [alias, undefined])),
      fields: { foreach: ['level', 'compare_value', 'compare_to'] },
      wrap: (next) => async (frame) => {
        const { facts, scope, failed } = judgeAll(conditions, frame, String(step.name));
        if (decides && failed !== undefined)
          return { status: 'skipped', results: null, attempts: 0, reason: `condition: ${failed}`, facts };
        const outcome = await next({ ...frame, scope });
        return { ...outcome, facts: { ...outcome.facts, ...facts } };
      },
    };
  },
};

function flagOf(entry: JsonObject, index: number): Flag {
  const key = entry.alias === undefined ? 'name' : 'alias';
  const readAs = entry[key];
  return {
    name: typeof entry.name === 'string' ? entry.name : undefined,
    readAs: typeof readAs === 'string' ? { name: readAs, path: ['condition', index, key] } : undefined,
  };
}

function judgeAll(
  conditions: Condition[],
  frame: Frame,
  step: string,
): { facts: StepFacts; scope: Scope; failed: string | undefined } {
  const flags: Record<string, boolean> = {};
  const results: { [name: string]: Json[] } = Object.create(null);
  let failed: string | undefined;
  let foreach: JsonObject = { ...(frame.scope.foreach as JsonObject | undefined) };
  for (const { name, alias, type, judge } of conditions) {
    const { result, facts } = judge(frame.scope);
    flags[alias] = result;
    results[name] = [...(results[name] ?? []), { ...facts, result, type, alias }];
    foreach = { ...foreach, ...facts };
    if (!result) failed ??= name;
  }
  // The step's own templates read its conditions by the same path as later steps.
  const steps = Object.assign(Object.create(null), frame.scope.steps, { [step]: { conditions: results } });
  const scope = extendScope(frame.scope, { ...flags, foreach, steps, actions: steps });
  return { facts: { conditions: results, flags }, scope, failed };
}

function compileOne(entry: JsonObject, index: number, compiler: KeywordCompiler): Condition {
  const at = (key: string) => ['condition', index, key];
  const name = String(entry.name);
  const condition = { name, alias: String(entry.alias ?? name), type: String(entry.type) };
  if (entry.type === 'assert') return { ...condition, judge: asserted(compiler.expression(at('assert')), String(entry.assert)) };
  const [value, limit] = [compiler.value(at('value'), 'number'), compiler.value(at('compare_to'), 'number')];
  if (entry.type === 'stddev') return { ...condition, judge: outlying(value, limit, entry.pivot_column) };
  const levels = typeof entry.level === 'string' ? entry.level.split(',').map((level) => level.trim()) : [];
  const limits = typeof entry.compare_to === 'string' ? entry.compare_to.split(',').length : 1;
  if (limits > 1 && levels.length !== limits)
    compiler.problem(
      at('compare_to'),
      `there are ${limits} limits and ${levels.length} levels`,
      'Give `level` one name for each limit.',
    );
  return { ...condition, judge: above(value, limit, entry.compare_type === 'lt', levels) };
}

const asserted =
  (holds: Value, source: string): Condition['judge'] =>
  (scope) => {
    const result = isSomething(holds(scope));
    return { result, facts: { compare_value: source, compare_to: null } };
  };

const above =
  (value: Value, limit: Value, below: boolean, levels: string[]): Condition['judge'] =>
  (scope) => {
    const [compare_value, compare_to] = [value(scope), limit(scope)];
    const passed = thresholdsIn(compare_to).findIndex((one) => exceeds(compare_value, one, below));
    const level = levels[passed];
    return { result: passed >= 0, facts: { compare_value, compare_to, ...(level === undefined ? {} : { level }) } };
  };

const outlying =
  (value: Value, limit: Value, column: Json | undefined): Condition['judge'] =>
  (scope) => {
    const [compare_value, compare_to] = [value(scope), limit(scope)];
    const stddev = deviations(compare_value, column ?? null);
    const result = stddev.some(({ stddev: distance }) => exceeds(distance, compare_to, false));
    return { result, facts: { compare_value, compare_to, stddev } };
  };
