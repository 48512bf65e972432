import { ALERT_SEVERITIES, type AlertSeverity, isUnknownSeverity, severityRank } from '../../plan/severity.ts';
import { isObject, type Json } from '../../shared/json/json.ts';
import { expressionFailed, finite, kindOf, numberIn } from './kinds.ts';

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
  if (typeof left === 'number' || typeof right === 'number') {
    const number = numberIn(left);
    return number !== undefined && number === numberIn(right);
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

/**
 * Equality in a trigger's filter. A list equals text that it contains, because filters treat an alert's `source`, a list, as
 * text. The names of the five severities are the same in any case.
 */
export function isEqualInPayload(left: Json, right: Json): boolean {
  if (Array.isArray(left) && typeof right === 'string') return left.some((item) => isEqual(item, right));
  if (Array.isArray(right) && typeof left === 'string') return right.some((item) => isEqual(item, left));
  const name = severityName(left);
  return name === undefined ? isEqual(left, right) : name === severityName(right);
}

/** Compares `critical` and `CRITICAL` as equal, as triggers do. */
const isSameSeverity = (left: string, right: string): boolean =>
  severityName(left) !== undefined && severityName(left) === severityName(right);

/** Refuses to compare a list with text: the result would always be false, and the author meant to search the list. */
function equality(left: Json, right: Json): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left === right || isSameSeverity(left, right);
  const [list, other] = Array.isArray(left) ? [left, right] : [right, left];
  if (!Array.isArray(list) || Array.isArray(other) || other === null || typeof other === 'object') return isEqual(left, right);
  throw expressionFailed(`A list and ${kindOf(other)} are never equal.`, 'Ask `x in list`, or for one item of it: `list[0]`.');
}

/** The severity that counts where an alert has one that is not known and is compared with one that is. */
export function rankable(value: Json, other: Json, unknown: AlertSeverity): Json {
  const isStated = typeof value === 'number' || typeof value === 'string';
  return isStated && isUnknownSeverity(value) && severityRank(other) >= 0 ? unknown : value;
}

/** Negative, zero or positive if the left value is below, equal to or above the right one. */
export function compare(left: Json, right: Json): number {
  if (typeof left === 'number' || typeof right === 'number') {
    const [leftNumber, rightNumber] = [numberIn(left), numberIn(right)];
    if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber - rightNumber;
  }
  if (typeof left === 'string' && typeof right === 'string') {
    const [leftRank, rightRank] = [severityRank(left), severityRank(right)];
    if (leftRank >= 0 && rightRank >= 0) return leftRank - rightRank;
    if (leftRank >= 0 || rightRank >= 0) {
      const other = (leftRank >= 0 ? right : left).slice(0, 40);
      throw expressionFailed(
        `"${other}" is not a severity and cannot be compared with one.`,
        'They are: critical > high > warning > info > low.',
      );
    }
    return left < right ? -1 : Number(left > right);
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  throw expressionFailed(`${kindOf(left)} and ${kindOf(right)} have no order.`);
}

function isIn(item: Json, container: Json): boolean {
  if (Array.isArray(container)) return container.some((element) => isEqual(element, item));
  if (isObject(container)) return (typeof item === 'string' || typeof item === 'number') && Object.hasOwn(container, item);
  if (typeof container === 'string' && typeof item === 'string') return container.includes(item);
  throw expressionFailed(`\`in\` looks into a list, a map or text; not for ${kindOf(item)} in ${kindOf(container)}.`);
}

function add(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') return finite(left + right);
  if (typeof left === 'string' && typeof right === 'string') return left + right;
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  const text = typeof left === 'string' || typeof right === 'string';
  throw expressionFailed(
    `${kindOf(left)} and ${kindOf(right)} cannot be added.`,
    text ? 'Use string(x) to make text of it, or int(x) and double(x) to make a number.' : undefined,
  );
}

type Arithmetic = (left: number, right: number) => number;

function divisor(value: number): number {
  if (value === 0) throw expressionFailed('Division by zero.');
  return value;
}

const arithmetic =
  (operator: string, compute: Arithmetic) =>
  (left: Json, right: Json): Json => {
    if (typeof left === 'number' && typeof right === 'number') return finite(compute(left, right));
    const hint = 'Use int(x) or double(x) to make a number of text.';
    throw expressionFailed(`\`${operator}\` takes numbers, not ${kindOf(left)} and ${kindOf(right)}.`, hint);
  };

export type ValueOperator = Exclude<BinaryOperator, '&&' | '||'>;

export const operators: Readonly<Record<ValueOperator, (left: Json, right: Json) => Json>> = {
  '==': equality,
  '!=': (left, right) => !equality(left, right),
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '>': (left, right) => compare(left, right) > 0,
  '>=': (left, right) => compare(left, right) >= 0,
  in: isIn,
  '+': add,
  '-': arithmetic('-', (left, right) => left - right),
  '*': arithmetic('*', (left, right) => left * right),
  '/': arithmetic('/', (left, right) => left / divisor(right)),
  '%': arithmetic('%', (left, right) => left % divisor(right)),
};

export const payloadOperators: typeof operators = {
  ...operators,
  '==': isEqualInPayload,
  '!=': (left, right) => !isEqualInPayload(left, right),
};
