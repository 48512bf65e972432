import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { Type } from '../shared/schema/schema.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import { itemPolicy, runItems } from './items.ts';
import type { Keyword, KeywordCompiler } from './keyword.ts';

/** More combinations are taken for a mistake. */
const MOST_COMBINATIONS = 1000;

/** `matrix: {region: [eu, us], tier: [1, 2]}`: runs the step once for each combination. */
export const matrixKeyword: Keyword = {
  keys: {
    matrix: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'Lists by name: the step runs once for each combination, read as `matrix.NAME`. `exclude` takes combinations out, `include` adds some.',
    }),
  },
  root: { name: 'matrix', key: 'matrix' },
  iterates: 'combinations',
  compile(step, compiler) {
    if (step.foreach !== undefined) {
      compiler.problem(['matrix'], '`foreach` and `matrix` are both given', 'Put one of them on a step around this one.');
      return {};
    }
    checkLists(step.matrix, compiler);
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

/** Reports lists that would fail, or silently be ignored, for any values. */
function checkLists(matrix: Json | undefined, compiler: KeywordCompiler): void {
  const { include: _, exclude: __, ...axes } = isObject(matrix) ? matrix : {};
  for (const [name, list] of Object.entries(isObject(matrix) ? matrix : {})) {
    if (typeof list === 'string' && list.includes('{{')) continue;
    if (!Array.isArray(list)) compiler.problem(['matrix', name], `\`matrix.${name}\` must be a list`);
    else if (name === 'include' || name === 'exclude') checkRules(name, list, axes, compiler);
  }
}

function checkRules(name: 'include' | 'exclude', rules: Json[], axes: JsonObject, compiler: KeywordCompiler): void {
  for (const [index, rule] of rules.entries()) {
    if (typeof rule === 'string' && rule.includes('{{')) continue;
    const at = ['matrix', name, index];
    if (!isObject(rule) || Object.keys(rule).length === 0)
      compiler.problem(at, `\`${name}\` must hold maps of names and values`, `Such as \`${name}: [{ region: eu }]\`.`);
    else if (name === 'exclude')
      for (const axis of Object.keys(rule).filter((key) => !Object.hasOwn(axes, key)))
        compiler.problem([...at, axis], `the matrix has no list \`${axis}\``, didYouMean(axis, Object.keys(axes)));
  }
}

/** Undefined, which allows any name, if `include` is a template. */
function namesOf(matrix: Json | undefined): ReadonlySet<string> | undefined {
  const { include = [], exclude: _, ...axes } = isObject(matrix) ? matrix : {};
  if (!Array.isArray(include) || !include.every(isObject)) return undefined;
  return new Set([axes, ...include].flatMap((map) => Object.keys(map)));
}

/** The product of the lists, less `exclude`, and `include` at the end. */
function combinations(matrix: Json): JsonObject[] {
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
  return [...product.filter((combination) => !isExcluded(combination)), ...listAt('include', include).map(asCombination)];
}

function asCombination(included: Json): JsonObject {
  if (isObject(included)) return included;
  throw new ThreadlineError(
    'expression_failed',
    `\`matrix.include\` must hold maps, not ${JSON.stringify(included).slice(0, 60)}.`,
  );
}

const covers = (rule: Json, combination: JsonObject): boolean =>
  isObject(rule) && Object.entries(rule).every(([name, value]) => JSON.stringify(combination[name]) === JSON.stringify(value));

function listAt(name: string, values: Json): Json[] {
  if (Array.isArray(values)) return values;
  throw new ThreadlineError('expression_failed', `\`matrix.${name}\` must be a list.`);
}
