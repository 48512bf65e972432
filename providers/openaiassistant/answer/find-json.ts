import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject, parseJson, toJson } from 'threadline/provider';
import { readJson } from '../base/json-reader.ts';
import { withoutThoughts } from '../base/without-thoughts.ts';
import { type Piece, parseAny, parseStrict, piecesOf, unquoted } from './json-pieces.ts';
import { recordsIn } from './json-records.ts';
import { isCallInText, isForeign } from './no-answer.ts';

/** How JSON was found in a text: `json` as it is, in a `fence`, as a `span` amid prose, or only after `repaired` syntax. */
export type JsonForm = 'json' | 'fence' | 'span' | 'repaired';

export type ParsedJson = { ok: true; value: Json; how: JsonForm } | { ok: false; error: string };

export interface JsonExpectation {
  /** Whether JSON was asked for. Otherwise only plain data counts: prose with brackets in it stays prose. */
  wantsJson: boolean;
  /** What the answer was asked to fit. */
  schema?: JsonObject | undefined;
  /** The mistakes of a value; only a value without mistakes is an answer. */
  validate(value: Json): string[];
}

const NONE: ParsedJson = { ok: false, error: 'there is no JSON in it' };

/**
 * Finds the JSON value in a model's answer. Never guesses: where two different values fit, or one was cut or broken, there is none.
 * Prose is never taken for JSON, and the text itself is not changed.
 */
export function findJson(text: string, wish: JsonExpectation): ParsedJson {
  const given = trimmed(text);
  const answer = trimmed(withoutThoughts(given, 'in-json'));
  const whole = readWhole(given, wish) ?? readWhole(answer, wish);
  if (whole) return whole;
  if (isCallInText(answer)) return { ok: false, error: 'it is a function call written as text' };
  const records = recordsIn(answer, parseStrict);
  if (records && wish.validate(records).length === 0) return { ok: true, value: records, how: 'span' };
  const pieces = piecesOf(answer, (list) => wish.validate(list).length === 0);
  if (!pieces) return { ok: false, error: 'it has too many brackets to be searched' };
  const said = pieces.filter((piece) => !piece.isAside);
  const plain = said.filter((piece) => !piece.isMention);
  const found = choose(plain.length > 0 || !wish.wantsJson ? plain : said, wish);
  return found === NONE && wish.wantsJson ? (readEscaped(answer, wish) ?? found) : found;
}

/** Without space at its ends, spaces of no width included. A pattern for the end would take time with the square of the spaces. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.test(text[start] ?? '')) start++;
  while (end > start && BLANK.test(text[end - 1] ?? '')) end--;
  return text.slice(start, end);
}

const BLANK = /[\s\u200B\u2060\uFEFF]/;

/** An answer that is a value and nothing else. */
function readWhole(answer: string, wish: JsonExpectation): ParsedJson | undefined {
  const text = unquoted(answer);
  const reading = readJson(text, 0);
  if (/^[{[]/.test(text) && reading.kind === 'value' && reading.end === text.length) {
    const value = toJson(parseJson(reading.json));
    if (isForeign(value, wish.schema)) return { ok: false, error: 'it is a schema or a function call, not an answer' };
    const isStrict = parseAny(text) !== undefined;
    if (isStrict) return { ok: true, value, how: 'json' };
    // Nobody asked for JSON: only what is plainly an object is one.
    return wish.wantsJson || (isObject(value) && !reading.isLoose) ? { ok: true, value, how: 'repaired' } : undefined;
  }
  return wish.schema ? readScalar(answer, wish) : undefined;
}

/** A text, number, boolean or null where the schema wants one; a text may lack its quotes. */
function readScalar(answer: string, wish: JsonExpectation): ParsedJson | undefined {
  const { validate } = wish;
  const text = /^```\w*\s+([^`\n]+?)\s*```$/.exec(answer)?.[1] ?? answer;
  const value = parseAny(text);
  const isScalar = value !== undefined && (typeof value !== 'object' || value === null);
  if (isScalar && validate(value as Json).length === 0) return { ok: true, value: value as Json, how: 'json' };
  const isBare = text !== '' && !/^["[{]|```/.test(text) && validate(text).length === 0;
  if (isBare) return { ok: true, value: text, how: 'repaired' };
  return /^(?:True|False|None)$/.test(text) ? readScalar(text === 'None' ? 'null' : text.toLowerCase(), wish) : undefined;
}

/** Chooses the one value that fits. */
function choose(pieces: Piece[], wish: JsonExpectation): ParsedJson {
  const read = new Set(pieces.filter((piece) => isCandidate(piece, wish)));
  const telling = [...read].filter(({ value }) => isTelling(value as Json));
  const candidates = telling.length > 0 || !wish.wantsJson ? telling : [...read];
  const fitting = candidates.filter(({ value }) => wish.validate(value as Json).length === 0);
  const [first] = fitting;
  const rival = fitting.find(({ value }) => !isDeepStrictEqual(value, first?.value));
  if (first && rival) return { ok: false, error: `it has two different answers, ${shown(first)} and ${shown(rival)}` };
  const failed = pieces.findLast((piece) => !read.has(piece) && isRival(piece, first));
  if (failed) return { ok: false, error: failureOf(failed) };
  if (first && fitting.every(({ isDenied }) => isDenied)) return { ok: false, error: `it only speaks of ${shown(first)}` };
  const chosen = first ?? candidates.at(-1);
  if (!chosen) return NONE;
  return { ok: true, value: chosen.value as Json, how: chosen.isStrict ? chosen.form : 'repaired' };
}

/** Amid prose, brackets with words that lack their quotes are prose; so is whatever has to be repaired, where nobody asked for JSON. */
function isCandidate({ value, reading, form, isStrict }: Piece, { wantsJson, schema }: JsonExpectation): boolean {
  if (value === undefined || isForeign(value, schema)) return false;
  if (!isStrict && reading.isLoose) return wantsJson && form === 'fence';
  return isStrict || wantsJson || (form === 'fence' && isObject(value));
}

/**
 * Whether a piece that is no candidate keeps another from being the answer: one that was cut, one that comes later, and one with the
 * same keys, which may be what the model means.
 */
function isRival({ reading, at, isStrict }: Piece, answer: Piece | undefined): boolean {
  if (isStrict) return false;
  const isMeant = reading.kind !== 'value' && reading.isAttempt;
  if (!answer) return isMeant;
  const sharesKeys = isObject(answer.value) && reading.keys.some((key) => Object.hasOwn(answer.value as JsonObject, key));
  return sharesKeys || (reading.kind === 'cut' && (isMeant || at > answer.at)) || (isMeant && at > answer.at);
}

function failureOf({ reading }: Piece): string {
  if (reading.kind === 'cut') return 'the JSON in it is cut off';
  return reading.kind === 'broken' ? `the JSON in it is broken: ${reading.why}` : 'the JSON in it is broken: quotes are missing';
}

const SHOWN = 200;

function shown({ value }: Piece): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** JSON text within a text, without its quotes: `{\"a\": 1}`. */
function readEscaped(answer: string, wish: JsonExpectation): ParsedJson | undefined {
  const start = answer.search(/\{(?:\s|\\[nrt])*\\"/);
  if (start < 0) return undefined;
  const text = parseAny(`"${answer.slice(start, answer.lastIndexOf('}') + 1)}"`);
  const value = typeof text === 'string' ? parseStrict(text) : undefined;
  return value === undefined || isForeign(value, wish.schema) ? undefined : { ok: true, value, how: 'repaired' };
}

/** Whether a value says anything: where JSON was not asked for, `[1]` is a footnote, `[ ]` an open task and `{}` an example. */
const isTelling = (value: Json): boolean =>
  Array.isArray(value) ? value.some(isTelling) : isObject(value) && Object.keys(value).length > 0;
