import { ThreadlineError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { Type } from '../schema.ts';
import { itemPolicy, runItems } from './items.ts';
import type { Keyword } from './keyword.ts';

/** More combinations than this are a mistake in the matrix. */
const MOST_COMBINATIONS = 1000;

/** `matrix: {region: [eu, us], tier: [1, 2]}`: runs the step once for each combination. */
export const matrixKeyword: Keyword = {
  keys: {
    matrix: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'Lists by name: the step runs once for each combination, read as `matrix.NAME`. `exclude` takes combinations out, `include` adds some.',
    }),
  },
  compile(step, compiler) {
    if (step.foreach !== undefined) {
      compiler.problem(['matrix'], '`foreach` and `matrix` are both given', 'Put one of them on a step around this one.');
      return {};
    }
    const values = compiler.value(['matrix']);
    const policy = itemPolicy(step);
    return {
      roots: { matrix: namesOf(step.matrix) },
      wrap: (next, ports) => async (frame) => {
        const entries = combinations(values(frame.scope)).map((matrix) => ({ matrix }));
        return runItems(entries, frame, next, ports, policy);
      },
    };
  },
};

/** Undefined, so that anything may be read, where `include` is computed. */
function namesOf(matrix: Json | undefined): ReadonlySet<string> | undefined {
  const { include = [], exclude: _, ...axes } = isObject(matrix) ? matrix : {};
  if (!Array.isArray(include) || !include.every(isObject)) return undefined;
  return new Set([axes, ...include].flatMap((map) => Object.keys(map)));
}

/** The product of the lists, less `exclude`, and `include` at the end. */
export function combinations(matrix: Json): JsonObject[] {
  const { include = [], exclude = [], ...axes } = isObject(matrix) ? matrix : {};
  let product: JsonObject[] = Object.keys(axes).length === 0 ? [] : [{}];
  for (const [name, values] of Object.entries(axes)) {
    const list = listAt(name, values);
    product = product.flatMap((combination) => list.map((value) => ({ ...combination, [name]: value })));
    if (product.length > MOST_COMBINATIONS)
      throw new ThreadlineError('expression_failed', `The matrix has more than ${MOST_COMBINATIONS} combinations.`);
  }
  const excluded = listAt('exclude', exclude);
  const isExcluded = (combination: JsonObject) => excluded.some((rule) => covers(rule, combination));
  return [...product.filter((combination) => !isExcluded(combination)), ...listAt('include', include).filter(isObject)];
}

const covers = (rule: Json, combination: JsonObject): boolean =>
  isObject(rule) && Object.entries(rule).every(([name, value]) => JSON.stringify(combination[name]) === JSON.stringify(value));

function listAt(name: string, values: Json): Json[] {
  if (Array.isArray(values)) return values;
  throw new ThreadlineError('expression_failed', `\`matrix.${name}\` must be a list.`);
}
