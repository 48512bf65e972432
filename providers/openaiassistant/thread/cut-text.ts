import { type Counter, tokenCounter } from './tokens.ts';

/** How far a text is counted at once while the place of a cut is sought. */
const STEP = 1000;
/** Of what is kept, the part that is the text's beginning; the rest is its end, where logs have their last lines. */
const BEGINNING = 2 / 3;

/**
 * A text of at most about so many tokens: the middle of a longer one is left out, which the text says in its place. Undefined
 * where nothing has to be cut.
 */
export async function cutText(text: string, tokens: number): Promise<string | undefined> {
  // A token has one byte at least: most texts are known to fit without being counted.
  if (Buffer.byteLength(text) <= tokens) return undefined;
  const count = await tokenCounter();
  if (beginningOf(text, tokens, count) === text.length) return undefined;
  const start = beginningOf(text, Math.floor(tokens * BEGINNING), count);
  const end = text.length - endOf(text.slice(start), Math.ceil(tokens * (1 - BEGINNING)), count);
  const left = `${(end - start).toLocaleString('en')} of ${text.length.toLocaleString('en')} characters`;
  const notice = `[cut: ${left} are left out here, because this is longer than ${tokens.toLocaleString('en')} tokens]`;
  // A cut may split a character that takes two units.
  return `${text.slice(0, start).toWellFormed()}\n${notice}\n${text.slice(end).toWellFormed()}`;
}

/** How many characters from the beginning have at most so many tokens. */
function beginningOf(text: string, tokens: number, count: Counter): number {
  return fitting((at) => text.slice(at, at + STEP), tokens, count);
}

function endOf(text: string, tokens: number, count: Counter): number {
  return fitting((at) => text.slice(Math.max(0, text.length - at - STEP), text.length - at), tokens, count);
}

function fitting(pieceAt: (at: number) => string, tokens: number, count: Counter): number {
  let left = tokens;
  for (let at = 0; ; at += STEP) {
    const piece = pieceAt(at);
    const cost = piece === '' ? 0 : count(piece);
    if (cost > left) return at + Math.floor((piece.length * left) / cost);
    if (piece.length < STEP) return at + piece.length;
    left -= cost;
  }
}
