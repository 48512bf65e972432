import { isObject, type Json, type JsonNumber, toText } from '../../shared/json/json.ts';
import { isNumber, orderOf } from '../../shared/json/number.ts';
import { absolute } from '../core/arithmetic.ts';
import { expressionFailed, finite, kindOf, numberIn, sizeOf } from '../core/kinds.ts';
import type { ValueFunction } from '../core/value-function.ts';
import { keepFunctions } from '../keep/index.ts';

/** A function of one value. */
const unary = (call: (value: Json) => Json): ValueFunction => ({
  minArity: 1,
  maxArity: 1,
  call: ([value = null]) => call(value),
});

function toNumber(name: string, value: Json): JsonNumber {
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
  if (isNumber(value)) return typeof value === 'bigint' || Number.isInteger(value) ? 'int' : 'double';
  return typeof value === 'string' ? 'string' : 'bool';
}

const rounding = (name: string, round: (value: number) => number): ValueFunction =>
  unary((value) => {
    const number = toNumber(name, value);
    return typeof number === 'bigint' ? number : round(number);
  });

const abs = (name: string): ValueFunction => unary((value) => absolute(toNumber(name, value)));

/** `sign` is that of the order in which another number takes the place of the one picked so far. */
const extreme = (name: string, sign: 1 | -1): ValueFunction => ({
  minArity: 1,
  maxArity: Number.POSITIVE_INFINITY,
  call: (values) => {
    const [first] = values;
    const numbers = values.length === 1 && Array.isArray(first) ? first : values;
    if (numbers.length === 0) throw expressionFailed(`\`${name}\` needs at least one number.`);
    return numbers.map((value) => toNumber(name, value)).reduce((left, right) => (orderOf(right, left) === sign ? right : left));
  },
});

/** Functions of expressions. Keep's conditions need Python's names. */
export const functions: ReadonlyMap<string, ValueFunction> = new Map<string, ValueFunction>([
  ['size', unary(sizeOf)],
  ['len', unary(sizeOf)],
  ['str', unary(toText)],
  ['float', unary((value) => Number(toNumber('float', value)))],
  ['abs', abs('abs')],
  ['round', rounding('round', Math.round)],
  ['min', extreme('min', -1)],
  ['max', extreme('max', 1)],
  ['string', unary(toText)],
  ['int', rounding('int', Math.trunc)],
  ['double', unary((value) => Number(toNumber('double', value)))],
  ['bool', unary(toBoolean)],
  ['type', unary(typeName)],
  ['math.abs', abs('math.abs')],
  ['math.ceil', rounding('math.ceil', Math.ceil)],
  ['math.floor', rounding('math.floor', Math.floor)],
  ['math.round', rounding('math.round', Math.round)],
  ['math.min', extreme('math.min', -1)],
  ['math.max', extreme('math.max', 1)],
  ...keepFunctions.map((row): [string, ValueFunction] => [row.name, row]),
]);
