import { ALERT_SEVERITIES, severityRank } from '../../plan/severity.ts';
import { isObject, type Json, type JsonNumber } from '../../shared/json/json.ts';
import { isNumber, orderOf } from '../../shared/json/number.ts';
import { readMoment } from '../../shared/time/moment.ts';
import { divide, minus, plus, remainder, times } from './arithmetic.ts';
import { expressionFailed, kindOf, numberIn } from './kinds.ts';

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%';

const NAMES: ReadonlySet<string> = new Set(ALERT_SEVERITIES);

/** The name of one of the five severities, in whatever case; other words of senders are equal to themselves only. */
function severityName(value: Json): string | undefined {
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  return NAMES.has(name) ? name : undefined;
}

/** Deep equality that treats a number and its text as equal. */
export function isEqual(left: Json, right: Json): boolean {
  if (left === right) return true;
  if (isNumber(left) || isNumber(right)) {
    const [leftNumber, rightNumber] = [numberIn(left), numberIn(right)];
    return leftNumber !== undefined && rightNumber !== undefined && orderOf(leftNumber, rightNumber) === 0;
  }
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isEqual(item, right[index] ?? null));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key] ?? null, right[key] ?? null));
}

/** Null, empty text, an empty list or map. */
function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) ? Object.keys(value).length === 0 : value === null || value === '';
}

/** The boolean that a text writes, as JSON or as Keep does: `true`, `True`. */
function booleanIn(value: Json): boolean | undefined {
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : undefined;
}

/**
 * Equality of values of any type, as conditions mean it: null, empty text and an empty list or map are nothing, and equal;
 * `true` equals its text; the names of the five severities are the same in any case.
 */
function isSame(left: Json, right: Json): boolean {
  if (isEqual(left, right) || (isEmpty(left) && isEmpty(right))) return true;
  if (typeof left === 'boolean') return booleanIn(right) === left;
  if (typeof right === 'boolean') return booleanIn(left) === right;
  const name = severityName(left);
  return name !== undefined && name === severityName(right);
}

/**
 * A list equals a text that it contains, because Keep's workflows treat an alert's `source`, a list, as text. A list and a map
 * equal what is put into text of them.
 */
function isContained(whole: Json, text: Json): boolean {
  if (typeof text !== 'string' || !(Array.isArray(whole) || isObject(whole))) return false;
  return JSON.stringify(whole) === text || (Array.isArray(whole) && whole.some((item) => isSame(item, text)));
}

/** Whether one equals the other, or what stands in it. */
const isAlike = (left: Json, right: Json): boolean => isSame(left, right) || isContained(left, right) || isContained(right, left);

/** `==`. Refuses values that are never equal: the author meant something else, and the result would be silently false. */
export function areEqual(left: Json, right: Json): boolean {
  if (isAlike(left, right)) return true;
  if (isEmpty(left) || isEmpty(right)) return false;
  refuseUnlike(left, right);
  refuseUnlike(right, left);
  return false;
}

/** `!=`. A map differs from all else, which is no mistake: the items of a list may be of several kinds. */
const areDifferent = (left: Json, right: Json): boolean =>
  isObject(left) === isObject(right) ? !areEqual(left, right) : !isAlike(left, right);

function refuseUnlike(left: Json, right: Json): void {
  const isText = typeof right === 'string';
  const isScalar = isText || isNumber(right) || typeof right === 'boolean';
  const never = `${kindOf(left)} and ${isText ? `the text "${right.slice(0, 40)}"` : kindOf(right)} are never equal.`;
  if (typeof left === 'boolean' && (isNumber(right) || (isText && booleanIn(right) === undefined)))
    throw expressionFailed(never, 'Compare it with true or false.');
  if (Array.isArray(left) && isScalar && !(isText && !right.startsWith('[')))
    throw expressionFailed(never, 'Ask `x in list`, or for one item of it: `list[0]`.');
  if (isObject(left) && isScalar) throw expressionFailed(never, 'Compare one of its fields: `map.key`.');
}

/** The time of a text that has one: as text, one zone would be above another. */
const timeIn = (text: string): number | undefined => (/^\d{4}-\d\d-\d\d[T ]/.test(text) ? readMoment(text)?.ms : undefined);

/** Of `critical`, nobody knows whether its sender wrote P0 or P1: beside one of the five names, P0 is no more than critical. */
function severityRanks(left: string, right: string): number[] {
  const ranks = [severityRank(left), severityRank(right)];
  return severityName(left) === undefined && severityName(right) === undefined ? ranks : ranks.map(Math.floor);
}

/** Negative, zero or positive if the left value is below, equal to or above the right one. */
export function compare(left: Json, right: Json): number {
  // Two numeric texts too: senders write numbers as text, and "100" is above "9".
  const [leftNumber, rightNumber] = [numberIn(left), numberIn(right)];
  if (leftNumber !== undefined && rightNumber !== undefined) return orderOf(leftNumber, rightNumber);
  if (typeof left === 'string' && typeof right === 'string') {
    const [leftRank = -1, rightRank = -1] = severityRanks(left, right);
    if (leftRank >= 0 && rightRank >= 0) return leftRank - rightRank;
    if (leftRank >= 0 || rightRank >= 0) {
      const other = (leftRank >= 0 ? right : left).slice(0, 40);
      throw expressionFailed(
        `"${other}" is not a severity and cannot be compared with one.`,
        'They are: critical > high > warning > info > low.',
      );
    }
    const [leftMs, rightMs] = [timeIn(left), timeIn(right)];
    if (leftMs !== undefined && rightMs !== undefined) return leftMs - rightMs;
    return left < right ? -1 : Number(left > right);
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  throw expressionFailed(`${kindOf(left)} and ${kindOf(right)} have no order.`);
}

function isIn(item: Json, container: Json): boolean {
  if (Array.isArray(container)) return container.some((element) => isSame(element, item) || isContained(item, element));
  if (isObject(container)) return (typeof item === 'string' || isNumber(item)) && Object.hasOwn(container, String(item));
  if (typeof container === 'string' && typeof item === 'string') return container.includes(item);
  throw expressionFailed(`\`in\` looks into a list, a map or text; not for ${kindOf(item)} in ${kindOf(container)}.`);
}

function add(left: Json, right: Json): Json {
  if (isNumber(left) && isNumber(right)) return plus(left, right);
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  const text = typeof left === 'string' || typeof right === 'string';
  throw expressionFailed(
    `${kindOf(left)} and ${kindOf(right)} cannot be added.`,
    text ? 'Use string(x) to make text of it, or int(x) and double(x) to make a number.' : undefined,
  );
}

const arithmetic =
  (operator: string, compute: (left: JsonNumber, right: JsonNumber) => JsonNumber) =>
  (left: Json, right: Json): Json => {
    if (isNumber(left) && isNumber(right)) return compute(left, right);
    const hint = 'Use int(x) or double(x) to make a number of text.';
    throw expressionFailed(`\`${operator}\` takes numbers, not ${kindOf(left)} and ${kindOf(right)}.`, hint);
  };

export type ValueOperator = Exclude<BinaryOperator, '&&' | '||'>;

export const operators: Readonly<Record<ValueOperator, (left: Json, right: Json) => Json>> = {
  '==': areEqual,
  '!=': areDifferent,
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '>': (left, right) => compare(left, right) > 0,
  '>=': (left, right) => compare(left, right) >= 0,
  in: isIn,
  '+': add,
  '-': arithmetic('-', minus),
  '*': arithmetic('*', times),
  '/': arithmetic('/', divide),
  '%': arithmetic('%', remainder),
};

/** Where one side is written as `null`, only null is equal to it. */
export const nullOperators: typeof operators = {
  ...operators,
  '==': isEqual,
  '!=': (left, right) => !isEqual(left, right),
};
