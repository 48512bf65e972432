/**
 * The numbers of JSON. A whole number beyond ±(2^53 - 1) is a bigint, because a number would round it and a step would then
 * read another id; every other one is a number. So each whole number has one form, and `===` compares it.
 */
export type JsonNumber = number | bigint;

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

// JSON.stringify asks a bigint for its `toJSON`, and throws where there is none: in the SDKs of servers and in providers too.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  value(this: bigint) {
    return rawJSON(this.toString());
  },
  configurable: true,
  writable: true,
});

export const isNumber = (value: unknown): value is JsonNumber => typeof value === 'number' || typeof value === 'bigint';

/** Whether no digit was lost: what is beyond 2^53 and no bigint was written with a point or an exponent. */
export const isWhole = (value: JsonNumber): boolean => typeof value === 'bigint' || Number.isSafeInteger(value);

const WHOLE = /^[-+]?\d+$|^0[xX][\da-fA-F]+$/;

/** The number that digits name; ±Infinity beyond 1.8e308, which is the limit of whole numbers too: it bounds what they cost. */
export function readNumber(digits: string): JsonNumber {
  const number = Number(digits);
  return Number.isSafeInteger(number) || !Number.isFinite(number) || !WHOLE.test(digits) ? number : BigInt(digits);
}

/** A whole number in its one form; ±Infinity beyond 1.8e308. */
export function wholeNumber(value: bigint): JsonNumber {
  const number = Number(value);
  return Number.isSafeInteger(number) || !Number.isFinite(number) ? number : value;
}

/** Negative, zero or positive. A number and a bigint are compared by their exact values. */
export const orderOf = (left: JsonNumber, right: JsonNumber): number => (left < right ? -1 : Number(left > right));

export const isOutOfRange = (value: unknown): boolean => isNumber(value) && !Number.isFinite(Number(value));

/** Data has a number beyond 1.8e308, or NaN: JSON has neither. `toThreadlineError` makes `number_out_of_range` of it. */
export class NumberOutOfRange extends RangeError {
  /** `data` contains the number. */
  constructor(data: unknown) {
    const { keys = [], number } = firstOutOfRange(data) ?? {};
    const place = keys.length === 0 ? '' : ` at \`${keys.join('.')}\``;
    super(`The number${place} is ${Number.isNaN(number) ? 'NaN' : 'beyond 1.8e308'}, which JSON cannot hold.`);
  }
}

function firstOutOfRange(data: unknown): { keys: string[]; number: unknown } | undefined {
  if (typeof data !== 'object' || data === null) return isOutOfRange(data) ? { keys: [], number: data } : undefined;
  for (const [key, item] of Object.entries(data)) {
    const found = firstOutOfRange(item);
    if (found) return { ...found, keys: [key, ...found.keys] };
  }
  return undefined;
}

/** Whether data without cycles has such a number, however deep. All JSON that is read goes through here: it is written for speed. */
export function hasNumber(data: unknown, isMeant: (value: unknown) => boolean): boolean {
  const open = [data];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) {
      if (isMeant(value)) return true;
    } else if (Array.isArray(value)) for (let index = 0; index < value.length; index++) open.push(value[index]);
    else for (const key in value) open.push((value as Record<string, unknown>)[key]);
  }
  return false;
}
