import { isObject, type Json, toJson } from 'threadline/provider';
import { scanJson } from './json-scan.ts';

/** How JSON was found in a text: `json` as it is, in a `fence`, as a `span` amid prose, or only after `repaired` syntax. */
export type How = 'json' | 'fence' | 'span' | 'repaired';

export type ParsedJson = { ok: true; value: Json; how: How } | { ok: false; error: string };

export interface Wish {
  /** JSON was asked for. Otherwise only what is plainly data counts: prose with brackets in it stays prose. */
  wantsJson: boolean;
  /** The mistakes of a value: among several, one that has none is taken. */
  validate(value: Json): string[];
}

/** Beyond this length broken JSON is not repaired. */
const REPAIR_LIMIT = 1_000_000;
const REPAIRS = 3;

/** Finds the JSON object or list in a model's answer. Prose is never taken for JSON, and the text itself is not changed. */
export async function findJson(text: string, wish: Wish): Promise<ParsedJson> {
  const answer = afterThoughts(text)
    .replace(/^\uFEFF/, '')
    .trim();
  const whole = parse(text.replace(/^\uFEFF/, '').trim()) ?? parse(answer);
  if (whole !== undefined) return { ok: true, value: whole, how: 'json' };
  const isReadable = (language: string) => wish.wantsJson || JSON_LANGUAGES.has(language.toLowerCase());
  const fences = [...answer.matchAll(FENCE)].flatMap(([, language = '', text = '']) => (isReadable(language) ? [text] : []));
  const fenced = best(fences.map(parse), wish);
  if (fenced !== undefined) return { ok: true, value: fenced, how: 'fence' };
  const prose = answer.replace(FENCE, (all, language: string) => (isReadable(language) ? all : ''));
  const { values, broken } = scanJson(prose, parse, mayBeJson);
  const span = best(values, wish);
  if (span !== undefined) return { ok: true, value: span, how: 'span' };
  const contents = [...fences.map((content) => content.trim()), answer];
  return repair(wish.wantsJson ? [...contents.filter(mayBeJson), ...broken] : contents.filter(isPlainlyAnObject));
}

/** The last one may lack its end: the answer was cut. */
const FENCE = /```([\w+-]*)[^\S\n]*\n?([\s\S]*?)(?:```|$)/g;
const JSON_LANGUAGES = new Set(['', 'json', 'json5', 'jsonc', 'jsonl', 'ndjson', 'text', 'txt']);

/** Models that think aloud end it with a tag, and some leave out its beginning. */
function afterThoughts(text: string): string {
  const end = [...text.matchAll(/<\/think(?:ing)?>/gi)].at(-1);
  const rest = end ? text.slice(end.index + end[0].length) : '';
  return rest.trim() === '' ? text : rest;
}

/** Objects and lists only: a bare number or word in an answer is prose. A text that holds JSON text is unwrapped once. */
function parse(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const data = typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
    return typeof data === 'object' && data !== null ? toJson(data) : undefined;
  } catch {
    // Not JSON as it stands: the caller tries the next form.
    return undefined;
  }
}

/** The first value that fits; else the first that says most: objects before lists of words, then the longest. */
function best(found: (Json | undefined)[], { wantsJson, validate }: Wish): Json | undefined {
  const values = found.filter((value) => value !== undefined);
  const telling = values.filter(isTelling);
  const candidates = telling.length > 0 || !wantsJson ? telling : values;
  const ranked = candidates.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length);
  return ranked.find((value) => validate(value).length === 0) ?? ranked[0];
}

/** `[1]` is a footnote, `[ ]` an open task and `{}` an example, as long as nobody asked for JSON. */
const isTelling = (value: Json): boolean =>
  Array.isArray(value) ? value.some(isTelling) : isObject(value) && Object.keys(value).length > 0;

/** `{name}` in prose is no object: there has to be something quoted, or a key and a value. */
const mayBeJson = (text: string): boolean =>
  text.length <= REPAIR_LIMIT && /^[{[][\s,[{]*(["'“‘][^\n]*|\w+[ \t]*:[^\n]*)/.test(text) && /[:,\]]/.test(text);

const isPlainlyAnObject = (text: string): boolean =>
  text.length <= REPAIR_LIMIT && /^\{\s*["'“‘][^"'”’\n]{0,200}["'”’]\s*:/.test(text) && text.endsWith('}');

async function repair(candidates: string[]): Promise<ParsedJson> {
  if (candidates.length === 0) return { ok: false, error: 'there is no JSON in it' };
  const { jsonrepair } = await import('jsonrepair');
  let error = 'there is no JSON object in it';
  for (const candidate of candidates.slice(0, REPAIRS)) {
    try {
      const value = toJson(JSON.parse(jsonrepair(candidate)));
      if (isObject(value) || Array.isArray(value)) return { ok: true, value, how: 'repaired' };
    } catch (thrown) {
      error = `the JSON in it is broken: ${(thrown as Error).message}`;
    }
  }
  return { ok: false, error };
}
