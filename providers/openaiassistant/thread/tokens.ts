import { type Ask, allInstructions } from '../question/ask.ts';
import type { Item, Part } from '../question/items.ts';

/** Counts the tokens of a text. */
export type Counter = (text: string) => number;

/** The tokens of a message, a call or an output besides its text. */
const PER_ITEM = 4;
/** The tokens of a picture of middle size in high detail: its pixels, by which APIs count, are not at hand. */
const PER_IMAGE = 1100;
const CHARACTERS_PER_TOKEN = 4;
/** The encoder takes the square of the length of a run without a break: a longer one is counted in pieces, a few tokens too many. */
const LONGEST_RUN = 128;
/** Longer texts are counted in samples. */
const LONGEST_COUNTED = 200_000;
const SAMPLES = 20;

/**
 * Counts by OpenAI's present encoding; other models differ a little. Its table is large, and loaded when first needed. No text
 * takes long: long ones are estimated.
 */
export async function tokenCounter(): Promise<Counter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // Control words of the encoding are plain text where an alert contains them.
  const count: Counter = (text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() });
  return (text) => (text.length > LONGEST_COUNTED ? estimated(text, count) : countedInRuns(text, count));
}

function countedInRuns(text: string, count: Counter): number {
  if (text.length <= LONGEST_RUN) return count(text);
  let sum = 0;
  let at = 0;
  for (const { 0: run, index } of text.matchAll(/\S+|\s+/g)) {
    if (run.length <= LONGEST_RUN) continue;
    sum += count(text.slice(at, index));
    for (at = index; at < index + run.length; at += LONGEST_RUN)
      sum += count(text.slice(at, Math.min(at + LONGEST_RUN, index + run.length)));
    at = index + run.length;
  }
  return sum + count(text.slice(at));
}

/** Counts samples from the whole of the text, since its parts may differ: a log with a dump in it. */
function estimated(text: string, count: Counter): number {
  const length = LONGEST_COUNTED / SAMPLES;
  const step = (text.length - length) / (SAMPLES - 1);
  const starts = Array.from({ length: SAMPLES }, (_, index) => Math.floor(index * step));
  const counted = starts.reduce((sum, start) => sum + countedInRuns(text.slice(start, start + length), count), 0);
  return Math.round((counted * text.length) / LONGEST_COUNTED);
}

export function tokensOf(item: Item, count: Counter): number {
  if (item.type === 'message') return PER_ITEM + item.parts.reduce((sum, part) => sum + tokensOfPart(part, count), 0);
  if (item.type === 'tool_call') return PER_ITEM + count(item.name) + count(item.arguments);
  return PER_ITEM + (item.type === 'tool_output' ? count(item.output) : count(JSON.stringify(item.item)));
}

function tokensOfPart(part: Part, count: Counter): number {
  if (part.type === 'text') return count(part.text);
  if (part.type === 'image') return PER_IMAGE;
  return Math.ceil((part.dataUrl?.length ?? 0) / CHARACTERS_PER_TOKEN);
}

/** The tokens of what goes along with every request: instructions, tools and format. */
export function tokensOfFrame(ask: Ask, count: Counter): number {
  const { tools, format } = ask;
  const extras = [...(tools.length > 0 ? [tools] : []), ...(format.type === 'json_schema' ? [format.schema] : [])];
  return [allInstructions(ask) ?? '', ...extras.map((extra) => JSON.stringify(extra))].reduce(
    (sum, text) => sum + count(text),
    0,
  );
}
