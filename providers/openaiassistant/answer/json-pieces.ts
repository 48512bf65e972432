import { type Json, parseJson, toJson } from 'threadline/provider';
import { type Reading, readJson } from '../base/json-reader.ts';
import { recordsIn } from './json-records.ts';

/** A place in an answer where JSON stands, or was meant to. */
export interface Piece {
  at: number;
  reading: Reading;
  /** Undefined where the reading failed. */
  value: Json | undefined;
  form: 'fence' | 'span';
  /** Whether it is JSON as it stands. */
  isStrict: boolean;
  /** Whether it stands in code or in quotes: the argument of a command, `curl -d '{"a":1}'`, or of a function, `f({"a":1})`. */
  isMention: boolean;
  /** Whether the answer calls it something else than an answer: `Draft: {…}`, `Alert: {…}`. */
  isAside: boolean;
}

/** A fence's line, or a bracket. */
const STOP = /```([\w+-]*)|[{[]/g;
const JSON_LANGUAGES = new Set(['', 'json', 'json5', 'jsonc', 'jsonl', 'ndjson', 'text', 'txt']);
const QUOTED = /['"(=\w$%\\]/;
/** The argument of a function: a call, and never an answer. */
const CALLED = /\w\($/;
/** What an answer calls something that is not the answer: `The alert says:`, `You sent:`, `Output format:`, `Action Input:`. */
const ASIDE_NOUN = 'draft|alert|event|input|example|sample|format|schema|template|request|question|payload|arguments|parameters';
const ASIDE = new RegExp(
  `(?:^|\\n)[\\s>#*_-]*(?:(?:here is|this is|given|for|from|about|based on|the|your|my|an?|first|incoming|received|original|raw|quoted|output|expected|required|response|answer|action|tool|function|json) +)*` +
    `(?:(?:${ASIDE_NOUN})(?: (?:${ASIDE_NOUN}|data|json|object))?(?: (?:you sent|you gave me|received|was|is|says|said|claims|reads|contains|wants))?|you (?:sent|gave me|provided)|i (?:got|received))` +
    '[*_]* ?:[\\s*_`~]*(?:```\\w*\\s*)?$',
  'i',
);

/** The search ends when this many times the text's length has been read: garbage must not take for ever. */
const READINGS = 20;

/** Goes through an answer from bracket to bracket; undefined where that would take too long. */
export function piecesOf(text: string, isList: (records: Json) => boolean): Piece[] | undefined {
  const pieces: Piece[] = [];
  const stops = new RegExp(STOP);
  /** The language of the fence around; undefined outside of fences. */
  let language: string | undefined;
  let budget = READINGS * (text.length + 1);
  for (let stop = stops.exec(text); stop && budget >= 0; stop = stops.exec(text)) {
    const { 1: mark, index } = stop;
    if (mark === undefined) {
      const reading = readJson(text, index);
      if (isMeant(reading)) pieces.push(pieceAt(text, index, reading, language ?? ''));
      stops.lastIndex = endOf(text, index, reading);
      budget -= Math.max(reading.end - index, 1);
    } else if (language !== undefined) language = undefined;
    else {
      const fence = fenceAt(text, stops.lastIndex);
      const piece = fence && pieceOfFence(text, index, fence.content, mark, isList);
      if (piece) pieces.push(piece);
      if (piece) stops.lastIndex = fence.end;
      else language = mark;
    }
  }
  return budget < 0 ? undefined : pieces;
}

function fenceAt(text: string, start: number): { content: string; end: number } | undefined {
  const end = text.indexOf('```', start);
  return end < 0 ? undefined : { content: text.slice(start, end), end: end + 3 };
}

/** Whether the bracket was meant as JSON: words in brackets are prose. */
const isMeant = (reading: Reading): boolean =>
  reading.keys.length > 0 || (reading.kind === 'value' ? !reading.isLoose : reading.isAttempt);

function pieceAt(text: string, at: number, reading: Reading, language: string): Piece {
  const isMention = isCode(language) || QUOTED.test(text[at - 1] ?? '');
  const value = valueRead(reading);
  return { at, reading, value, form: 'span', isStrict: isStrict(text, at, reading), isMention, isAside: isAside(text, at) };
}

/** The content of a fence that is one value and nothing else, or lines of them. */
function pieceOfFence(
  text: string,
  at: number,
  content: string,
  language: string,
  isList: (records: Json) => boolean,
): Piece | undefined {
  const body = unquoted(content.trim());
  const reading = readJson(body, 0);
  const records = recordsIn(content, parseStrict);
  const isRecords = records !== undefined && isList(records);
  const value = isRecords ? records : reading.end === body.length ? valueRead(reading) : undefined;
  if (value === undefined) return undefined;
  const isStrictly = isRecords || isStrict(body, 0, reading);
  return { at, reading, value, form: 'fence', isStrict: isStrictly, isMention: isCode(language), isAside: isAside(text, at) };
}

const isCode = (language: string): boolean => !JSON_LANGUAGES.has(language.toLowerCase());

/** JSON text within a JSON text is unwrapped once. */
export function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const value = parseAny(text);
  return typeof value === 'string' ? value.trim() : text;
}

const valueRead = (reading: Reading): Json | undefined =>
  reading.kind === 'value' ? toJson(parseJson(reading.json)) : undefined;

const isStrict = (text: string, at: number, { kind, end }: Reading): boolean =>
  kind === 'value' && parseAny(text.slice(at, end)) !== undefined;

/** An object or a list in strict JSON, in which no key has two values. */
export function parseStrict(text: string): Json | undefined {
  const body = text.trim();
  if (!/^[{[]/.test(body)) return undefined;
  const value = parseAny(body);
  return value !== undefined && readJson(body, 0).end === body.length ? toJson(value) : undefined;
}

export function parseAny(text: string): unknown {
  try {
    return parseJson<unknown>(text);
  } catch {
    // Not JSON as it stands: the caller tries the next form.
    return undefined;
  }
}

function isAside(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 120), at);
  return CALLED.test(before) || ASIDE.test(before);
}

/** Where the search goes on. Nothing within a broken value is a value of its own. */
function endOf(text: string, at: number, reading: Reading): number {
  if (reading.kind === 'value') return reading.end;
  return isMeant(reading) && !reading.isLoose ? (closingOf(text, at) ?? text.length) : at + 1;
}

/** The index behind the end of the bracket at `start`, brackets in strings not counted; undefined where it is not closed. */
function closingOf(text: string, start: number): number | undefined {
  let depth = 0;
  let isInText = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isInText) {
      if (character === '\\') at++;
      else if (character === '"') isInText = false;
    } else if (character === '"') isInText = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return undefined;
}
