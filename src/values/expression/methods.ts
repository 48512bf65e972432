import { type Json, toText } from '../../shared/json/json.ts';
import { isNumber } from '../../shared/json/number.ts';
import { expressionFailed, kindOf, sizeOf } from '../core/kinds.ts';
import { isEqual } from '../core/operators.ts';
import { child } from '../core/path.ts';
import type { ValueFunction } from '../core/value-function.ts';

const LONGEST_PATTERN = 1_000;
const KEPT_PATTERNS = 200;
const patterns = new Map<string, RegExp>();

/** RE2 writes flags at the start of a pattern; JavaScript takes them separately. */
const LEADING_FLAGS = /^\(\?([ims]+)\)/;

export function compilePattern(value: Json): RegExp {
  const source = text('matches', value);
  if (source.length > LONGEST_PATTERN) throw expressionFailed(`A pattern may have ${LONGEST_PATTERN} characters at most.`);
  const known = patterns.get(source);
  if (known) return known;
  const flags = LEADING_FLAGS.exec(source);
  const pattern = compileOrFail(flags ? source.slice(flags[0].length) : source, flags?.[1] ?? '');
  if (patterns.size >= KEPT_PATTERNS) patterns.clear();
  patterns.set(source, pattern);
  return pattern;
}

function compileOrFail(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, [...new Set(flags)].join(''));
  } catch (error) {
    throw expressionFailed(error instanceof Error ? `${error.message}.` : 'The pattern is wrong.');
  }
}

function text(name: string, value: Json): string {
  if (typeof value === 'string') return value;
  throw expressionFailed(`\`${name}\` takes text, not ${kindOf(value)}.`, 'Use string(x) to make text of a value.');
}

function whole(name: string, value: Json): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  const found = typeof value === 'bigint' ? String(value) : kindOf(value);
  throw expressionFailed(`\`${name}\` takes a whole number there, not ${found}.`);
}

/** A method of text. `call` gets the receiver and the arguments. */
const textMethod = (name: string, arity: number, call: (receiver: string, values: Json[]) => Json): [string, ValueFunction] => [
  name,
  { minArity: arity, maxArity: arity, call: ([receiver = null, ...values]) => call(text(name, receiver), values) },
];

/** A method of text with one text argument. */
const textPair = (name: string, call: (receiver: string, value: string) => Json): [string, ValueFunction] =>
  textMethod(name, 1, (receiver, [value = null]) => call(receiver, text(name, value)));

/** For lists and text, because Keep's workflows use both. */
function contains(receiver: Json, value: Json): boolean {
  if (Array.isArray(receiver)) return receiver.some((item) => isEqual(item, value));
  return text('contains', receiver).includes(text('contains', value));
}

function join(receiver: Json, separator: Json): string {
  if (!Array.isArray(receiver)) throw expressionFailed(`\`join\` takes a list, not ${kindOf(receiver)}.`);
  return receiver.map(toText).join(text('join', separator));
}

function substring(receiver: string, values: Json[]): string {
  const [start, end] = values.map((value) => whole('substring', value));
  const letters = [...receiver];
  const last = end ?? letters.length;
  const first = start ?? 0;
  if (first >= 0 && first <= last && last <= letters.length) return letters.slice(first, last).join('');
  throw expressionFailed(`\`substring\` from ${first} to ${last} lies outside a text of ${letters.length} characters.`);
}

function get(receiver: Json, key: Json, otherwise: Json): Json {
  if (typeof key !== 'string' && !isNumber(key)) throw expressionFailed(`\`get\` takes a key, not ${kindOf(key)}.`);
  return child(receiver, typeof key === 'bigint' ? String(key) : key) ?? otherwise;
}

/** Methods of values. Arity does not count the receiver. */
export const methods: ReadonlyMap<string, ValueFunction> = new Map<string, ValueFunction>([
  ['size', { minArity: 0, maxArity: 0, call: ([receiver = null]) => sizeOf(receiver) }],
  ['contains', { minArity: 1, maxArity: 1, call: ([receiver = null, value = null]) => contains(receiver, value) }],
  ['join', { minArity: 0, maxArity: 1, call: ([receiver = null, separator = '']) => join(receiver, separator) }],
  textPair('startsWith', (receiver, value) => receiver.startsWith(value)),
  textPair('endsWith', (receiver, value) => receiver.endsWith(value)),
  textPair('matches', (receiver, value) => compilePattern(value).test(receiver)),
  textPair('split', (receiver, value) => (value === '' ? [...receiver] : receiver.split(value))),
  textPair('indexOf', (receiver, value) => receiver.indexOf(value)),
  textPair('lastIndexOf', (receiver, value) => receiver.lastIndexOf(value)),
  textMethod('lowerAscii', 0, (receiver) => receiver.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  textMethod('upperAscii', 0, (receiver) => receiver.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  textMethod('trim', 0, (receiver) => receiver.trim()),
  // Python's, for Keep's conditions.
  ['get', { minArity: 1, maxArity: 2, call: ([receiver = null, key = null, otherwise = null]) => get(receiver, key, otherwise) }],
  textMethod('lower', 0, (receiver) => receiver.toLowerCase()),
  textMethod('upper', 0, (receiver) => receiver.toUpperCase()),
  textMethod('strip', 0, (receiver) => receiver.trim()),
  textPair('startswith', (receiver, value) => receiver.startsWith(value)),
  textPair('endswith', (receiver, value) => receiver.endsWith(value)),
  textMethod('replace', 2, (receiver, [from = null, to = null]) =>
    receiver.replaceAll(text('replace', from), () => text('replace', to)),
  ),
  [
    'substring',
    { minArity: 1, maxArity: 2, call: ([receiver = null, ...values]) => substring(text('substring', receiver), values) },
  ],
]);
