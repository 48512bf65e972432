import type { Json } from '../../shared/json/json.ts';
import { expressionFailed } from '../core/kinds.ts';
import { anyTextOf, textOf, wholeOf } from './arguments.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';

const onText =
  (change: (text: string) => string) =>
  ([text = null]: Json[]): string =>
    change(textOf(text));

/** An apostrophe does not end a word: `it's`. */
const WORD = /\p{L}[\p{L}\p{M}'’]*/gu;

const capitalized = (text: string): string => text.replace(/^./su, (letter) => letter.toUpperCase());

function split([text = null, separator = null]: Json[]): string[] {
  const between = textOf(separator);
  if (between === '') throw expressionFailed('The delimiter is empty.');
  return textOf(text).trim().split(between);
}

/** Counts code points. The plain slice is faster and right for text without surrogate pairs. */
function part(text: string, start: number, end: number | undefined): string {
  return /[\ud800-\udfff]/.test(text) ? [...text].slice(start, end).join('') : text.slice(start, end);
}

function slice([value = null, start = 0, end = 0]: Json[]): Json {
  const [first, last] = [wholeOf(start), wholeOf(end) || undefined];
  return Array.isArray(value) ? value.slice(first, last) : part(anyTextOf(value), first, last);
}

/** Characters that Keep encodes and encodeURIComponent does not. */
const UNENCODED = /[!'()*]/g;

const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll('%2F', '/')
    .replace(UNENCODED, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

const name = { alert: { name: 'disk FULL' } };

export const textFunctions: readonly KeepFunction[] = [
  keepFunction(
    'uppercase(string)',
    {
      description: 'The text in capitals.',
      example: { template: '{{ keep.uppercase(alert.name) }}', scope: name, result: 'DISK FULL' },
    },
    onText((text) => text.toUpperCase()),
  ),
  keepFunction(
    'lowercase(string)',
    {
      description: 'The text in small letters.',
      example: { template: '{{ keep.lowercase(alert.name) }}', scope: name, result: 'disk full' },
    },
    onText((text) => text.toLowerCase()),
  ),
  keepFunction(
    'capitalize(string)',
    {
      description: 'The text with a capital in front, and small letters behind it.',
      example: { template: '{{ keep.capitalize(alert.name) }}', scope: name, result: 'Disk full' },
    },
    onText((text) => capitalized(text.toLowerCase())),
  ),
  keepFunction(
    'title(string)',
    {
      description: 'The text with a capital in front of each word.',
      example: { template: '{{ keep.title(alert.name) }}', scope: name, result: 'Disk Full' },
      difference: "An apostrophe does not begin a word: `it's` becomes `It's`, where Keep has `It'S`.",
    },
    onText((text) => text.toLowerCase().replace(WORD, capitalized)),
  ),
  keepFunction(
    'split(string, delimeter)',
    {
      description: 'The parts of the text between delimiters, as a list; space around the text is left out first.',
      example: {
        template: "{{ keep.split(alert.host, '.') }}",
        scope: { alert: { host: 'db1.prod' } },
        result: ['db1', 'prod'],
      },
    },
    split,
  ),
  keepFunction(
    'strip(string)',
    {
      description: 'The text without the space around it.',
      example: { template: '{{ keep.strip(alert.name) }}', scope: { alert: { name: ' disk\n' } }, result: 'disk' },
    },
    onText((text) => text.trim()),
  ),
  keepFunction(
    "remove_newlines(string='')",
    {
      description: 'The text without line breaks and tabs.',
      example: { template: '{{ keep.remove_newlines(alert.name) }}', scope: { alert: { name: 'a\n\tb' } }, result: 'ab' },
    },
    ([text = null]) => anyTextOf(text).replace(/\r\n|\n|\t/g, ''),
  ),
  keepFunction(
    'replace(string, old, new)',
    {
      description: 'The text with every `old` replaced by `new`.',
      example: {
        template: "{{ keep.replace(consts.query, '%user_id%', '999') }}",
        scope: { consts: { query: 'id == %user_id%' } },
        result: 'id == 999',
      },
    },
    ([text = null, from = null, to = null]) => anyTextOf(text).replaceAll(textOf(from), () => anyTextOf(to)),
  ),
  keepFunction(
    'encode(string)',
    {
      description: 'The text percent-encoded for a URL; `/` stays.',
      example: { template: '{{ keep.encode(alert.name) }}', scope: { alert: { name: "a b/c's" } }, result: 'a%20b/c%27s' },
    },
    ([text = null]) => encoded(anyTextOf(text)),
  ),
  keepFunction(
    'slice(str_to_slice, start=0, end=0)',
    {
      description: 'The part of a text or list from `start` to before `end`; end 0 is the end, negative numbers count from it.',
      example: { template: '{{ keep.slice(alert.name, 0, 4) }}', scope: name, result: 'disk' },
    },
    slice,
  ),
];
