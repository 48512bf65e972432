import type { Json } from './json.ts';
import { hasNumber, isOutOfRange, NumberOutOfRange, readNumber } from './number.ts';

/** JSON.parse hands a reviver the digits of each number (Node 22 and later); TypeScript does not know of them yet. */
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parse = JSON.parse as <Data>(text: string, reviver?: Reviver) => Data;

/**
 * As JSON.parse, but whole numbers keep their digits (`JsonNumber`). Throws a SyntaxError, and NumberOutOfRange for a number
 * beyond 1.8e308. `Data` is what the writer of the text has put there. Only text with a number beyond 2^53 is read twice, for with a reviver it takes five times as long.
 */
export function parseJson<Data = Json>(text: string): Data {
  const data = parse<Data>(text);
  if (!hasNumber(data, isRounded)) return data;
  const exact = withDigits<Data>(text);
  if (hasNumber(exact, isOutOfRange)) throw new NumberOutOfRange(exact);
  return exact;
}

function withDigits<Data>(text: string): Data {
  try {
    return parse(text, (_, value, { source }) => (isRounded(value) && source !== undefined ? readNumber(source) : value));
  } catch {
    // JSON it is, so the reviver ran out of stack.
    throw new SyntaxError('The data is nested too deeply.');
  }
}

const isRounded = (value: unknown): boolean => typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER);
