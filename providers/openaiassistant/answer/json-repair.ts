/** Texts in double quotes; of a text that is cut, the last one may lack its end. */
const STRING = /"(?:[^"\\]|\\[\s\S])*(?:"|$)/g;
const BAD_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\(?:[^"\\/bfnrtu]|u(?![0-9a-f]{4}|[0-9a-f]{0,3}$))/i;
const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|(?<=[\s,{[])#[^\n]*/g;
const KEY_IN_SINGLE_QUOTES = /^[{[][\s,[{]*'/;

/** Broken JSON made whole: quotes, commas, comments, a cut end. Loads what it takes when it is first needed. Throws where it cannot. */
export async function repaired(text: string): Promise<unknown> {
  const { jsonrepair } = await import('jsonrepair');
  return JSON.parse(jsonrepair(withApostrophes(withBackslashes(withoutComments(text))))) as unknown;
}

/** Those that begin with `#`: the others are known there. */
const withoutComments = (text: string): string =>
  KEY_IN_SINGLE_QUOTES.test(text) ? text : text.replace(STRING_OR_COMMENT, (found) => (found.startsWith('#') ? '' : found));

/** A path such as `C:\data` in a text: who does not double one backslash there doubles none, not even that of `C:\new`. */
const withBackslashes = (text: string): string =>
  text.replace(STRING, (string) => (BAD_ESCAPE.test(string) ? string.replace(/\\\\|\\(?!")/g, '\\\\') : string));

/** `'it's'` is one text. */
const withApostrophes = (text: string): string =>
  KEY_IN_SINGLE_QUOTES.test(text) ? text.replace(/(?<=\p{L})'(?=\p{L})/gu, "\\'") : text;
