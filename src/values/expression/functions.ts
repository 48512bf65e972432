import { isObject, type Json, toText } from '../../shared/json/json.ts';
import { expressionFailed, finite, kindOf, numberIn, sizeOf } from '../core/kinds.ts';
import type { ValueFunction } from '../core/value-function.ts';
import { keepFunctions } from '../keep/index.ts';

/** A function of one value. */
const unary = (call: (value: Json) => Json): ValueFunction => ({
  minArity: 1,
  maxArity: 1,
  call: ([value = null]) => call(value),
});

function toNumber(name: string, value: Json): number {
  const number = typeof value === 'boolean' ? undefined : numberIn(value);
  if (number !== undefined) return finite(number);
  const shown = typeof value === 'string' ? `"${value.slice(0, 40)}"` : kindOf(value);
  throw expressionFailed(`\`${name}\` cannot make a number of ${shown}.`);
}

const TRUE = ['true', 'True', 'TRUE', 't', '1'];
const FALSE = ['false', 'False', 'FALSE', 'f', '0'];

function toBoolean(value: Json): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && TRUE.includes(value)) return true;
  if (typeof value === 'string' && FALSE.includes(value)) return false;
  throw expressionFailed(`\`bool\` takes "true" or "false", not ${kindOf(value)}.`);
}

/** CEL's name for a value's type, as text. */
function typeName(value: Json): string {
  if (value === null) return 'null_type';
  if (Array.isArray(value)) return 'list';
  if (isObject(value)) return 'map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  return typeof value === 'string' ? 'string' : 'bool';
}

const rounding = (name: string, round: (value: number) => number): ValueFunction =>
  unary((value) => round(toNumber(name, value)));

const extreme = (name: string, pick: (...values: number[]) => number): ValueFunction => ({
  minArity: 1,
  maxArity: Number.POSITIVE_INFINITY,
  call: (values) => {
    const [first] = values;
    const numbers = values.length === 1 && Array.isArray(first) ? first : values;
    if (numbers.length === 0) throw expressionFailed(`\`${name}\` needs at least one number.`);
    return numbers.map((value) => toNumber(name, value)).reduce((left, right) => pick(left, right));
  },
});

/** Functions of expressions. Keep's conditions need Python's names. */
export const functions: ReadonlyMap<string, ValueFunction> = new Map<string, ValueFunction>([
  ['size', unary(sizeOf)],
  ['len', unary(sizeOf)],
  ['str', unary(toText)],
  ['float', unary((value) => toNumber('float', value))],
  ['abs', rounding('abs', Math.abs)],
  ['round', rounding('round', Math.round)],
  ['min', extreme('min', Math.min)],
  ['max', extreme('max', Math.max)],
  ['string', unary(toText)],
  ['int', unary((value) => Math.trunc(toNumber('int', value)))],
  ['double', unary((value) => toNumber('double', value))],
  ['bool', unary(toBoolean)],
  ['type', unary(typeName)],
  ['math.abs', rounding('math.abs', Math.abs)],
  ['math.ceil', rounding('math.ceil', Math.ceil)],
  ['math.floor', rounding('math.floor', Math.floor)],
  ['math.round', rounding('math.round', Math.round)],
  ['math.min', extreme('math.min', Math.min)],
  ['math.max', extreme('math.max', Math.max)],
  ...keepFunctions.map((row): [string, ValueFunction] => [row.name, row]),
]);
