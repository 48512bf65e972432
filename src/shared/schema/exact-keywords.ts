import type { Ajv2020 } from 'ajv/dist/2020.js';
import type { DataValidateFunction } from 'ajv/dist/types/index.js';
import type { Json, JsonNumber } from '../json/json.ts';
import { isNumber, isWhole, orderOf } from '../json/number.ts';
import { canonical } from './schema-rules.ts';

/** What a keyword says of a value that does not fit; undefined for one that does. */
type Rule = (wanted: Json, value: Json) => string | undefined;

const within =
  (sign: string, fits: (order: number) => boolean): Rule =>
  (bound, value) =>
    isNumber(bound) && isNumber(value) && !fits(orderOf(value, bound)) ? `must be ${sign} ${bound}` : undefined;

function isMultiple(value: JsonNumber, step: JsonNumber): boolean {
  if (isWhole(value) && isWhole(step)) return BigInt(value) % BigInt(step) === 0n;
  return Number.isInteger(Number(value) / Number(step));
}

/** The keywords of ajv that compare values, with its sentences. */
const RULES: Readonly<Record<string, Rule>> = {
  const: (wanted, value) => (canonical(wanted) === canonical(value) ? undefined : 'must be equal to constant'),
  enum: (wanted, value) =>
    (wanted as Json[]).some((word) => canonical(word) === canonical(value))
      ? undefined
      : 'must be equal to one of the allowed values',
  minimum: within('>=', (order) => order >= 0),
  maximum: within('<=', (order) => order <= 0),
  exclusiveMinimum: within('>', (order) => order > 0),
  exclusiveMaximum: within('<', (order) => order < 0),
  multipleOf: (step, value) =>
    isNumber(step) && isNumber(value) && !isMultiple(value, step) ? `must be multiple of ${step}` : undefined,
  uniqueItems: (wanted, value) =>
    wanted === true && Array.isArray(value) && new Set(value.map(canonical)).size < value.length
      ? 'must NOT have duplicate items'
      : undefined,
};

/**
 * Lets ajv compare whole numbers beyond 2^53 by all their digits. It knows no bigint, so it walks a copy with rounded numbers;
 * these keywords look at the value itself, in what `exactRoot` gives.
 */
export function compareExactly(ajv: Ajv2020, exactRoot: () => Json): void {
  for (const [keyword, rule] of Object.entries(RULES)) {
    const compile = (wanted: Json): DataValidateFunction => {
      const validate: DataValidateFunction = (data: Json, place) => {
        // The name of a property stands at no place of its own.
        const value = typeof data === 'string' ? data : valueAt(exactRoot(), place?.instancePath ?? '');
        const message = rule(wanted, value);
        if (message === undefined) return true;
        validate.errors = [{ keyword, message, params: keyword === 'enum' ? { allowedValues: wanted } : {} }];
        return false;
      };
      return validate;
    };
    ajv.removeKeyword(keyword);
    ajv.addKeyword({ keyword, compile, errors: true });
  }
}

/** The value at a JSON pointer that ajv gave. */
function valueAt(root: Json, pointer: string): Json {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<Json>((value, key) => {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    return (value as { [key: string]: Json })[name] ?? null;
  }, root);
}

/** A copy whose numbers ajv knows; the same data where it has none that ajv does not. */
export function roundedCopy(data: Json): Json {
  if (typeof data === 'bigint') return Number(data);
  if (Array.isArray(data)) return data.map(roundedCopy);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, roundedCopy(item)]));
}
