const ESCAPE = /\\(u[0-9a-f]{4}|[\s\S]|$)/gi;
const VALID = /^(?:["\\/bfnrt]|u[0-9a-f]{4})$/i;
/** Escapes of JavaScript and Markdown for a character that needs none: `it\'s`, `foo\_bar`. */
const NEEDLESS = /^['_]$/;
const DRIVE = /^[("'[]*[a-z]:\\/i;

/**
 * The text between two quotes, decoded. Backslashes that JSON has no meaning for stay as they are: `\d+`, `C:\data`. Undefined where
 * a word can be read in two ways: whether `\n` in `\d\n` begins a line, nobody can tell.
 */
export function decodeText(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw;
  const words = raw.split(/(\s+)/).map(decodeWord);
  return words.includes(undefined) ? undefined : words.join('');
}

function decodeWord(word: string): string | undefined {
  const meanings = [...word.matchAll(ESCAPE)].map(([, meaning = '']) => meaning);
  const isLiteral = meanings.some((meaning) => !VALID.test(meaning) && !NEEDLESS.test(meaning));
  if (!isLiteral) return word.replace(ESCAPE, (_, meaning: string) => (NEEDLESS.test(meaning) ? meaning : characterOf(meaning)));
  const isTwofold = meanings.some((meaning) => /^[bfnrtu]/.test(meaning) && VALID.test(meaning));
  if (isTwofold && !DRIVE.test(word)) return undefined;
  return word.replace(ESCAPE, (all, meaning: string) => (meaning === '\\' || meaning === '"' ? meaning : all));
}

const characterOf = (meaning: string): string => JSON.parse(`"\\${meaning}"`) as string;
