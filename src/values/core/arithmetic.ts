import { isWhole, type JsonNumber, orderOf, wholeNumber } from '../../shared/json/number.ts';
import { expressionFailed, finite } from './kinds.ts';

/**
 * Whole numbers are computed with all digits. With a fraction, or a number beyond 2^53 that was written with a point or an
 * exponent, the result is rounded as in every language.
 */
type Operation = (left: JsonNumber, right: JsonNumber) => JsonNumber;

const areNumbers = (left: JsonNumber, right: JsonNumber): boolean => typeof left === 'number' && typeof right === 'number';

const operation =
  (rounded: (left: number, right: number) => number, exact: (left: bigint, right: bigint) => bigint): Operation =>
  (left, right) => {
    // Refuses a result beyond 1.8e308 before its digits are computed.
    const result = finite(rounded(Number(left), Number(right)));
    const isFraction = !isWhole(left) || !isWhole(right) || !Number.isInteger(result);
    if (isFraction || (areNumbers(left, right) && isWhole(result))) return result;
    return wholeNumber(exact(BigInt(left), BigInt(right)));
  };

export const plus = operation(
  (left, right) => left + right,
  (left, right) => left + right,
);
export const minus = operation(
  (left, right) => left - right,
  (left, right) => left - right,
);
export const times = operation(
  (left, right) => left * right,
  (left, right) => left * right,
);
/** A negative exponent of a number beyond 2^53 gives a fraction, or 0 where that is too small. */
export const power = operation(
  (left, right) => left ** right,
  (left, right) => (right < 0n ? 0n : left ** right),
);

function divisor(value: JsonNumber): JsonNumber {
  if (value === 0) throw expressionFailed('Division by zero.');
  return value;
}

const restOf = operation(
  (left, right) => left % right,
  (left, right) => left % right,
);

/** The remainder has the sign of the left number. */
export const remainder: Operation = (left, right) => restOf(left, divisor(right));

/** A quotient that is not whole is a fraction. */
export const divide: Operation = (left, right) => {
  const isExact = isWhole(left) && isWhole(right) && !areNumbers(left, right) && remainder(left, right) === 0;
  if (isExact) return wholeNumber(BigInt(left) / BigInt(right));
  return finite(Number(left) / Number(divisor(right)));
};

export const negative = (value: JsonNumber): JsonNumber => (typeof value === 'bigint' ? wholeNumber(-value) : -value);

export const absolute = (value: JsonNumber): JsonNumber => (orderOf(value, 0) < 0 ? negative(value) : value);
