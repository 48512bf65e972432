import type { Json } from '../json/json.ts';

// C0 without tab and newline, DEL, C1, the line separators, and the marks that reorder text on screen.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must not get through.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
// Characters that JSON.stringify does not escape although a terminal would obey them.
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes text from alerts, models and servers safe for a terminal: control characters are shown instead of obeyed. Newlines
 * stay.
 */
export function visible(text: string): string {
  return text.toWellFormed().replaceAll('\r\n', '\n').replaceAll('\t', '  ').replace(UNSAFE, symbolOf);
}

/** Like `visible`, on a single line. */
export const visibleLine = (text: string): string => visible(text).replaceAll('\n', '↵');

/**
 * A GitHub runner reads both streams of every command that it runs, obeys `::command::` after any leading white space,
 * and `##[command]` anywhere in a line. A space in front would not help; a backslash inside does.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export const withoutCommands = (line: string): string => line.replace(/^(\s*)::/, '$1\\::').replaceAll('##[', '##\\[');

/** JSON that is safe for terminals and GitHub runners, with the same value for every parser. */
export function safeJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE_IN_JSON, escapeOf).replaceAll('##[', '##\\u005b');
}

export const shortJson = (value: Json, limit: number): string => shorten(JSON.stringify(value), limit);

/** Cuts text to `limit` characters, and adds the number of removed ones. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, wholeLength(text, limit));
  return `${kept}… (${(text.length - kept.length).toLocaleString('en-US')} more characters)`;
}

/** Length to cut at without splitting a surrogate pair. */
export function wholeLength(text: string, length: number): number {
  const unit = text.charCodeAt(length - 1);
  return unit >= 0xd800 && unit <= 0xdbff ? length - 1 : length;
}

/** ESC becomes ␛, BEL ␇; characters without a symbol become their escapes. */
function symbolOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '␡' : escapeOf(character);
}

const escapeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
