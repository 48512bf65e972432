import { type Json, parseJson, toJson } from 'threadline/provider';
import { type Reading, readJson } from '../base/json-reader.ts';
import { isDenied } from './denied-value.ts';
import { recordsIn } from './json-records.ts';
import { OpenBrackets } from './open-brackets.ts';

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
  /** Whether the sentence around it says that it is no answer: `I would not answer {…}`, `it tries to set {…}`. */
  isDenied: boolean;
}

/** A fence's line, or a bracket. */
const STOP = /```([\w+-]*)|[{[}\]]/g;
const JSON_LANGUAGES = new Set(['', 'json', 'json5', 'jsonc', 'jsonl', 'ndjson', 'text', 'txt']);
const QUOTED = /['"(=\w$%\\]/;
/** The argument of a function or of a command's option, or a literal of another language (`map[string]int{…}`): never an answer. */
const CALLED = /\w\($|(?:^|\s)--?[a-z][\w-]*[ =]*\\?['"]$|[\])]\w+$/i;
/** Code within a line that has begun with something else: ``run `get -o json {"a":1}` ``. */
const COMMAND = /(?:^|\n)[^`\n]*(?:`[^`\n]+`[^`\n]*)*`[^`\n]+$/;
/** What an answer calls something that is not the answer: `The alert says:`, `You sent:`, `Output format:`, `Action Input:`. */
const ASIDE_NOUN = 'draft|alert|event|input|example|sample|format|schema|template|request|question|payload|arguments|parameters';
const ASIDE = new RegExp(
  `(?:^|\\n)[\\s>#*_-]*(?:(?:here is|this is|given|for|from|about|based on|the|your|my|an?|first|incoming|received|original|raw|quoted|output|expected|required|response|answer|action|tool|function|json) +)*` +
    `(?:(?:${ASIDE_NOUN})(?: (?:${ASIDE_NOUN}|answer|data|json|object|output|response))?(?: (?:you sent|you gave me|received|was|is|says|said|claims|reads|contains|wants))?|you (?:sent|gave me|provided)|i (?:got|received))` +
    '[*_]* ?:[\\s*_`~]*(?:```\\w*\\s*)?$',
  'i',
);

/** The search ends when this many times the text's length has been read: garbage must not take for ever. */
const READINGS = 20;

/** Goes through an answer from bracket to bracket; undefined where that would take too long. */
export const piecesOf = (text: string, isList: (records: Json) => boolean): Piece[] | undefined =>
  new PieceSearch(text, isList).run();

class PieceSearch {
  private readonly text: string;
  private readonly isList: (records: Json) => boolean;
  private readonly pieces: Piece[] = [];
  private readonly open: OpenBrackets;
  /** The language of the fence around; undefined outside of fences. */
  private language: string | undefined;
  private budget: number;

  constructor(text: string, isList: (records: Json) => boolean) {
    this.text = text;
    this.isList = isList;
    this.open = new OpenBrackets(text);
    this.budget = READINGS * (text.length + 1);
  }

  run(): Piece[] | undefined {
    const stops = new RegExp(STOP);
    for (let stop = stops.exec(this.text); stop && this.budget >= 0; stop = stops.exec(this.text)) {
      const { 0: bracket, 1: mark, index } = stop;
      if (mark !== undefined) stops.lastIndex = this.fence(index, stops.lastIndex, mark);
      else if (bracket === '}' || bracket === ']') this.open.close(bracket);
      else stops.lastIndex = this.bracket(index);
    }
    return this.budget < 0 ? undefined : [...this.pieces, ...this.open.readings().map(cutPiece)];
  }

  /** Both give the index where the search goes on. */
  private bracket(at: number): number {
    const { text, language = '' } = this;
    const reading = readJson(text, at);
    if (isMeant(reading)) this.pieces.push(pieceAt(text, at, reading, language));
    if (!isCode(language)) this.open.add(at, reading);
    this.budget -= Math.max(reading.end - at, 1);
    return endOf(text, at, reading);
  }

  private fence(at: number, from: number, mark: string): number {
    const isOpening = this.language === undefined;
    const fence = isOpening ? pieceOfFence(this.text, at, from, mark, this.isList) : undefined;
    if (fence) this.pieces.push(fence.piece);
    else this.language = isOpening ? mark : undefined;
    return fence?.end ?? from;
  }
}

const cutPiece = ({ at, reading }: Pick<Piece, 'at' | 'reading'>): Piece => ({
  at,
  reading,
  value: undefined,
  form: 'span',
  isStrict: false,
  isMention: false,
  isAside: false,
  isDenied: false,
});

/** Whether the bracket was meant as JSON: words in brackets are prose. */
const isMeant = (reading: Reading): boolean =>
  reading.keys.length > 0 || (reading.kind === 'value' ? !reading.isLoose : reading.isAttempt);

function pieceAt(text: string, at: number, reading: Reading, language: string): Piece {
  const isMention = isCode(language) || QUOTED.test(text[at - 1] ?? '') || COMMAND.test(text.slice(Math.max(0, at - 120), at));
  const value = valueRead(reading);
  const told = { isAside: isAside(text, at), isDenied: isDenied(text, at) };
  return { at, reading, value, form: 'span', isStrict: isStrict(text, at, reading), isMention, ...told };
}

/** The fence whose opening ends at `from`, and where it ends; undefined where its content is not one value, or lines of them. */
function pieceOfFence(
  text: string,
  at: number,
  from: number,
  language: string,
  isList: (records: Json) => boolean,
): { piece: Piece; end: number } | undefined {
  const closing = text.indexOf('```', from);
  if (closing < 0) return undefined;
  const content = text.slice(from, closing);
  const body = unquoted(content.trim());
  const reading = readJson(body, 0);
  const records = recordsIn(content, parseStrict);
  const isRecords = records !== undefined && isList(records);
  const value = isRecords ? records : reading.end === body.length ? valueRead(reading) : undefined;
  if (value === undefined) return undefined;
  const told = { isMention: isCode(language), isAside: isAside(text, at), isDenied: isDenied(text, at) };
  const piece = { at, reading, value, form: 'fence' as const, isStrict: isRecords || isStrict(body, 0, reading), ...told };
  return { piece, end: closing + 3 };
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
  return isMeant(reading) && reading.isAttempt ? (closingOf(text, at) ?? text.length) : at + 1;
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
