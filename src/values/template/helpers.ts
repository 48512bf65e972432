import { type Json, type JsonObject, toText } from '../../shared/json/json.ts';
import { expressionFailed, finite, isTruthy, kindOf, sizeOf } from '../core/kinds.ts';
import { areEqual, compare } from '../core/operators.ts';
import { child } from '../core/path.ts';

export interface Helper {
  name: string;
  signature: string;
  description: string;
  example: { template: string; scope: JsonObject; result: Json };
  minArity: number;
  maxArity: number;
  /** Named arguments, such as `pretty=true`. */
  options?: readonly string[];
  /** A missing argument reads as null instead of failing. */
  lenient?: boolean;
  call(values: Json[], options: ReadonlyMap<string, Json>): Json;
}

const MANY = Number.POSITIVE_INFINITY;

/** Null stays null, so that `default (upper x) "n/a"` works. */
const onText =
  (name: string, call: (text: string, values: Json[]) => Json): Helper['call'] =>
  ([value = null, ...rest]) => {
    if (value === null) return null;
    if (typeof value === 'object') throw expressionFailed(`\`${name}\` takes text, not ${kindOf(value)}.`);
    return call(toText(value), rest);
  };

function numberOf(name: string, value: Json): number {
  if (typeof value === 'number') return finite(value);
  throw expressionFailed(`\`${name}\` takes a number there, not ${kindOf(value)}.`);
}

function listOf(name: string, value: Json): Json[] {
  if (Array.isArray(value)) return value;
  throw expressionFailed(`\`${name}\` takes a list, not ${kindOf(value)}.`);
}

function truncate(text: string, [limit = null]: Json[]): string {
  const letters = [...text];
  const most = Math.max(1, numberOf('truncate', limit));
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

function slice([value = null, start = null, end = null]: Json[]): Json {
  if (value === null) return null;
  const whole = Array.isArray(value) ? value : [...toText(value)];
  const part = whole.slice(numberOf('slice', start), end === null ? undefined : numberOf('slice', end));
  return Array.isArray(value) ? part : part.join('');
}

/** The first or last character of text, or item of a list. */
const edge =
  (name: string, index: number): Helper['call'] =>
  ([value = null]) =>
    value === null ? null : ((typeof value === 'string' ? [...value] : listOf(name, value)).at(index) ?? null);

const length: Helper['call'] = ([value = null]) => (value === null ? 0 : sizeOf(value));

function lookup([container = null, key = null]: Json[]): Json {
  if (typeof key === 'bigint') return child(container, String(key)) ?? null;
  return typeof key === 'string' || typeof key === 'number' ? (child(container, key) ?? null) : null;
}

function json([value = null, indent = null]: Json[], options: ReadonlyMap<string, Json>): string {
  const wanted = options.get('indent') ?? indent;
  return JSON.stringify(value, null, wanted === null ? 0 : numberOf('json', wanted));
}

type Row = [Helper['call'], arity: [number, number], description: string, template: string, scope: JsonObject, result: Json];

const text = { x: 'Disk full' };
const list = { x: ['a', 'b', 'c'] };

const ROWS: Readonly<Record<string, Row>> = {
  'default x otherwise': [
    (values) => values.find((value) => value !== null && value !== '') ?? values.at(-1) ?? null,
    [2, MANY],
    'The first argument that is neither missing, null nor empty text.',
    '{{ default x.team "n/a" }}',
    { x: {} },
    'n/a',
  ],
  'json x indent=0': [json, [1, 2], 'The value as JSON text.', '{{ json x }}', { x: { a: 1 } }, '{"a":1}'],
  'upper text': [onText('upper', (value) => value.toUpperCase()), [1, 1], 'In capitals.', '{{ upper x }}', text, 'DISK FULL'],
  'lower text': [
    onText('lower', (value) => value.toLowerCase()),
    [1, 1],
    'In small letters.',
    '{{ lower x }}',
    text,
    'disk full',
  ],
  'trim text': [onText('trim', (value) => value.trim()), [1, 1], 'Without space around.', '{{ trim x }}', { x: ' a ' }, 'a'],
  'truncate text n': [
    onText('truncate', truncate),
    [2, 2],
    'At most n characters; `…` shows that some were cut.',
    '{{ truncate x 5 }}',
    text,
    'Disk…',
  ],
  'join list separator': [
    ([value = null, separator = ', ']) => (value === null ? null : listOf('join', value).map(toText).join(toText(separator))),
    [1, 2],
    'The items as one text; the separator is ", " unless given.',
    '{{ join x "-" }}',
    list,
    'a-b-c',
  ],
  'length x': [length, [1, 1], 'How many characters, items or keys; 0 for null.', '{{ length x }}', list, 3],
  'len x': [length, [1, 1], 'The same as length.', '{{ len x }}', list, 3],
  'first x': [edge('first', 0), [1, 1], 'The first item or character.', '{{ first x }}', list, 'a'],
  'last x': [edge('last', -1), [1, 1], 'The last item or character.', '{{ last x }}', list, 'c'],
  'replace text from to': [
    onText('replace', (value, [from = '', to = '']) => value.replaceAll(toText(from), () => toText(to))),
    [3, 3],
    'The text with every `from` replaced.',
    '{{ replace x " " "_" }}',
    text,
    'Disk_full',
  ],
  'split text separator': [
    onText('split', (value, [separator = ',']) => value.split(toText(separator))),
    [1, 2],
    'The parts between separators, as a list; the separator is "," unless given.',
    '{{ split x " " }}',
    text,
    ['Disk', 'full'],
  ],
  'slice x start end': [
    slice,
    [2, 3],
    'Part of a text or list; negative numbers count from its end.',
    '{{ slice x 0 4 }}',
    text,
    'Disk',
  ],
  'and a b': [(values) => values.every(isTruthy), [2, MANY], 'Whether all are true.', '{{ and x true }}', text, true],
  'or a b': [(values) => values.some(isTruthy), [2, MANY], 'Whether one is true.', '{{ or x false }}', text, true],
  'not a': [([value = null]) => !isTruthy(value), [1, 1], 'Whether it is false, null, 0 or empty.', '{{ not x }}', text, false],
  'eq a b': [([a = null, b = null]) => areEqual(a, b), [2, 2], 'Whether both are equal.', '{{ eq x "a" }}', text, false],
  'ne a b': [([a = null, b = null]) => !areEqual(a, b), [2, 2], 'Whether they differ.', '{{ ne x "a" }}', text, true],
  'gt a b': [([a = null, b = null]) => compare(a, b) > 0, [2, 2], 'Whether a is above b.', '{{ gt x 3 }}', { x: 4 }, true],
  'lt a b': [([a = null, b = null]) => compare(a, b) < 0, [2, 2], 'Whether a is below b.', '{{ lt x 3 }}', { x: 4 }, false],
  'lookup x key': [lookup, [2, 2], 'The field or item of that name; null if there is none.', '{{ lookup x 1 }}', list, 'b'],
};

const OPTIONS: Readonly<Record<string, readonly string[]>> = { json: ['indent'] };

/** Helpers of tags, `{{ name argument … }}`, from which the docs table is generated. */
export const helpers: readonly Helper[] = Object.entries(ROWS).map(([signature, row]) => {
  const [call, [minArity, maxArity], description, template, scope, result] = row;
  const name = signature.split(' ', 1).join('');
  const options = OPTIONS[name] ?? [];
  const example = { template, scope, result };
  return { name, signature, description, example, minArity, maxArity, options, lenient: name === 'default', call };
});

const byName = new Map(helpers.map((helper) => [helper.name, helper]));

export const helperNames: readonly string[] = [...byName.keys()];

export const helperNamed = (name: string): Helper | undefined => byName.get(name);
