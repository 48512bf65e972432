import type { Json, JsonNumber } from '../../shared/json/json.ts';
import { isWhole } from '../../shared/json/number.ts';
import { divide, minus, plus, power, remainder, times } from '../core/arithmetic.ts';
import { areEqual } from '../core/operators.ts';
import { numberOf } from './arguments.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';

const DECIMALS = 'Decimals count; Keep takes whole numbers only.';

/** Operators that are applied from left to right. */
const folding =
  (compute: (left: JsonNumber, right: JsonNumber) => JsonNumber) =>
  (values: Json[]): JsonNumber =>
    values.map(numberOf).reduce(compute);

/** Python's remainder: it has the divisor's sign. */
const modulo = (left: JsonNumber, right: JsonNumber): JsonNumber => remainder(plus(remainder(left, right), right), right);

const floorOfQuotient = (left: JsonNumber, right: JsonNumber): JsonNumber =>
  isWhole(left) && isWhole(right) ? divide(minus(left, modulo(left, right)), right) : Math.floor(Number(divide(left, right)));

export const mathFunctions: readonly KeepFunction[] = [
  keepFunction(
    'add(number, ...more)',
    {
      description: 'The sum of all numbers.',
      example: { template: '{{ keep.add(alert.errors, 1.5, -2) }}', scope: { alert: { errors: '3' } }, result: 2.5 },
      difference: DECIMALS,
    },
    folding(plus),
  ),
  keepFunction(
    'sub(number, ...more)',
    {
      description: 'The first number less all others.',
      example: { template: '{{ keep.sub(10, alert.errors) }}', scope: { alert: { errors: 3 } }, result: 7 },
      difference: DECIMALS,
    },
    folding(minus),
  ),
  keepFunction(
    'mul(number, ...more)',
    {
      description: 'The product of all numbers.',
      example: { template: '{{ keep.mul(alert.ratio, 100) }}', scope: { alert: { ratio: 0.5 } }, result: 50 },
      difference: DECIMALS,
    },
    folding(times),
  ),
  keepFunction(
    'div(number, ...more)',
    {
      description: 'The first number divided by each of the others.',
      example: { template: '{{ keep.div(7, 2) }}', scope: {}, result: 3.5 },
      difference: DECIMALS,
    },
    folding(divide),
  ),
  keepFunction(
    'mod(number, ...more)',
    {
      description: 'The remainder of a division, with the sign of the divisor.',
      example: { template: '{{ keep.mod(-7, 3) }}', scope: {}, result: 2 },
      difference: DECIMALS,
    },
    folding(modulo),
  ),
  keepFunction(
    'exp(number, ...more)',
    {
      description: 'The first number to the power of the next.',
      example: { template: '{{ keep.exp(2, 3) }}', scope: {}, result: 8 },
      difference: DECIMALS,
    },
    folding(power),
  ),
  keepFunction(
    'fdiv(number, ...more)',
    {
      description: 'The first number divided by the others and rounded down.',
      example: { template: '{{ keep.fdiv(10, 3) }}', scope: {}, result: 3 },
      difference: DECIMALS,
    },
    folding(floorOfQuotient),
  ),
  keepFunction(
    'eq(a, b)',
    {
      description:
        'Whether both are equal, as with `==`: a number and a boolean equal their text, and nothing equals empty text.',
      example: { template: '{{ keep.eq(alert.code, 500) }}', scope: { alert: { code: '500' } }, result: true },
      difference: 'Put into text it reads `true`, where Keep has `True`.',
    },
    ([a = null, b = null]) => areEqual(a, b),
  ),
];
