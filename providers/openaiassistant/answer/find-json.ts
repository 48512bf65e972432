import { isObject, type Json, parseJson, toJson } from 'threadline/provider';
import { hasKeysOf, recordsIn } from './json-records.ts';
import { repaired } from './json-repair.ts';
import { closingOf, scanJson } from './json-scan.ts';
import { withoutThoughts } from './without-thoughts.ts';

/** How JSON was found in a text: `json` as it is, in a `fence`, as a `span` amid prose, or only after `repaired` syntax. */
export type JsonForm = 'json' | 'fence' | 'span' | 'repaired';

export type ParsedJson = { ok: true; value: Json; how: JsonForm } | { ok: false; error: string };

export interface JsonExpectation {
  /** Whether JSON was asked for. Otherwise only plain data counts: prose with brackets in it stays prose. */
  wantsJson: boolean;
  /** The mistakes of a value; among several values, one without mistakes is taken. */
  validate(value: Json): string[];
}

/** The most characters of broken JSON that are repaired: the time that it takes grows with their square. */
const REPAIR_LIMIT = 100_000;
const REPAIRS = 3;

/** Finds the JSON object or list in a model's answer. Prose is never taken for JSON, and the text itself is not changed. */
export async function findJson(text: string, wish: JsonExpectation): Promise<ParsedJson> {
  const given = text.replace(/^\uFEFF/, '').trim();
  const answer = withoutThoughts(given).trim();
  const whole = parse(given) ?? parse(answer);
  if (whole !== undefined) return { ok: true, value: whole, how: 'json' };
  const isReadable = (language: string) => wish.wantsJson || JSON_LANGUAGES.has(language.toLowerCase());
  const fences = [...answer.matchAll(FENCE)].flatMap(([, language = '', text = '']) => (isReadable(language) ? [text] : []));
  const fenced = bestOf(
    fences.flatMap((content) => [parse(content), recordsIn(content, parse)]),
    wish,
  );
  if (fenced !== undefined) return { ok: true, value: fenced, how: 'fence' };
  const prose = answer.replace(FENCE, (all, language: string) => (isReadable(language) ? all : ''));
  const { values, broken } = scanJson(prose, parse, mayBeJson);
  const spans = values.filter(({ at }) => wish.wantsJson || !isQuoted(prose, at)).map(({ value }) => value);
  const span = bestOf([...spans, recordsIn(answer, parse)], wish);
  if (span !== undefined) return { ok: true, value: span, how: 'span' };
  const contents = [...fences.map((content) => content.trim()), answer];
  if (!wish.wantsJson) return repair(contents.filter(isPlainlyAnObject), wish);
  const value = escaped(answer);
  return value === undefined ? repair([...contents.filter(mayBeJson), ...broken], wish) : { ok: true, value, how: 'repaired' };
}

/** A fenced block; the last one may lack its end, where the answer was cut. */
const FENCE = /```([\w+-]*)[^\S\n]*\n?([\s\S]*?)(?:```|$)/g;
const JSON_LANGUAGES = new Set(['', 'json', 'json5', 'jsonc', 'jsonl', 'ndjson', 'text', 'txt']);

/** Parses objects and lists only: a bare number or word in an answer is prose. JSON text within a JSON string is unwrapped once. */
function parse(text: string): Json | undefined {
  try {
    const value = parseJson(text) as unknown;
    const data = typeof value === 'string' ? (parseJson(value) as unknown) : value;
    return typeof data === 'object' && data !== null ? toJson(data) : undefined;
  } catch {
    // Not JSON as it stands: the caller tries the next form.
    return undefined;
  }
}

/** JSON text within a text, without its quotes: `{\"a\": 1}`. */
function escaped(answer: string): Json | undefined {
  const start = answer.indexOf('{');
  return answer.includes('\\"') && start >= 0 ? parse(`"${answer.slice(start, answer.lastIndexOf('}') + 1)}"`) : undefined;
}

/** Whether it is the argument of a command or a function, and so not an answer: `curl -d '{"a":1}'`, `f({"a":1})`. */
const isQuoted = (text: string, at: number): boolean => /['"(=\w$%\\]/.test(text[at - 1] ?? '');

/** The longest of the values that fit; where later ones have the same keys, the last of them. */
function bestOf(found: (Json | undefined)[], { wantsJson, validate }: JsonExpectation): Json | undefined {
  const values = found.filter((value) => value !== undefined);
  const telling = values.filter(isTelling);
  const candidates = telling.length > 0 || !wantsJson ? telling : values;
  const fitting = candidates.filter((value) => validate(value).length === 0);
  const choice = fitting.length > 0 ? fitting : candidates;
  const [first] = choice.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
  return choice.findLast((value) => first !== undefined && hasKeysOf(first, value)) ?? first;
}

/** Whether a value says anything: where JSON was not asked for, `[1]` is a footnote, `[ ]` an open task and `{}` an example. */
const isTelling = (value: Json): boolean =>
  Array.isArray(value) ? value.some(isTelling) : isObject(value) && Object.keys(value).length > 0;

/** Matches brackets and comments, then something quoted, or a key and a colon. */
const BEGINS_LIKE_JSON = /^[{[](?:[\s\u200B\u2060,[{]|\/\/[^\n]*\n|#[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:["'“‘]|\w+[ \t]*:)/;

/** `{name}` in prose is not an object: there has to be something quoted, or a key and a value. */
const mayBeJson = (text: string): boolean => text.length <= REPAIR_LIMIT && BEGINS_LIKE_JSON.test(text) && /[:,\]]/.test(text);

const isPlainlyAnObject = (text: string): boolean =>
  /^\{\s*["'“‘][^"'”’\n]{0,200}["'”’]\s*:/.test(text) && closingOf(text, 0) === text.length;

async function repair(candidates: string[], wish: JsonExpectation): Promise<ParsedJson> {
  if (candidates.length === 0) return { ok: false, error: 'there is no JSON in it' };
  let error = 'the JSON in it is broken, and too long to be repaired';
  let left = REPAIR_LIMIT;
  const values: Json[] = [];
  for (const candidate of candidates.slice(0, REPAIRS)) {
    if (candidate.length > left) continue;
    left -= candidate.length;
    try {
      const value = toJson(await repaired(candidate));
      if (isObject(value) || Array.isArray(value)) values.push(value);
      else error = 'there is no JSON object in it';
    } catch (thrown) {
      error = `the JSON in it is broken: ${(thrown as Error).message}`;
    }
  }
  const value = values.find((one) => wish.validate(one).length === 0) ?? values[0];
  return value === undefined ? { ok: false, error } : { ok: true, value, how: 'repaired' };
}
