import { parseJson } from 'threadline/provider';

/** A string in double quotes; in a text that was cut, the last one may lack its end. */
const STRING = /"(?:[^"\\]|\\[\s\S])*(?:"|$)/g;
const BAD_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\(?:[^"\\/bfnrtu]|u(?![0-9a-f]{4}|[0-9a-f]{0,3}$))/i;
const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|(?<=[\s,{[])#[^\n]*/g;
const KEY_IN_SINGLE_QUOTES = /^[{[][\s,[{]*'/;

/** Repairs and parses broken JSON: quotes, commas, comments, a cut end. Loads its package at first use. Throws where it cannot. */
export async function repaired(text: string): Promise<unknown> {
  const { jsonrepair } = await import('jsonrepair');
  return parseJson(jsonrepair(withApostrophes(withBackslashes(withoutComments(text))))) as unknown;
}

/** Removes comments that begin with `#`; the package knows the other kinds. */
const withoutComments = (text: string): string =>
  KEY_IN_SINGLE_QUOTES.test(text) ? text : text.replace(STRING_OR_COMMENT, (found) => (found.startsWith('#') ? '' : found));

/** Doubles the backslashes of a string with a path such as `C:\data`: where one is single, all are, even the one of `C:\new`. */
const withBackslashes = (text: string): string =>
  text.replace(STRING, (string) => (BAD_ESCAPE.test(string) ? string.replace(/\\\\|\\(?!")/g, '\\\\') : string));

/** Escapes the apostrophe of `'it's'`, which is one string. */
const withApostrophes = (text: string): string =>
  KEY_IN_SINGLE_QUOTES.test(text) ? text.replace(/(?<=\p{L})'(?=\p{L})/gu, "\\'") : text;
