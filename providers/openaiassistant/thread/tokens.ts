import { type Ask, allInstructions } from '../question/ask.ts';
import type { Item, Part } from '../question/items.ts';

/** Counts the tokens of a text. */
export type Counter = (text: string) => number;

/** The tokens of a message, a call or an output besides its text. */
const PER_ITEM = 4;
/** The tokens of a picture of middle size in high detail: its pixels, by which APIs count, are not at hand. */
const PER_IMAGE = 1100;
const CHARACTERS_PER_TOKEN = 4;

/** Counts by OpenAI's present encoding; other models differ a little. Its table is large, and loaded when first needed. */
export async function tokenCounter(): Promise<Counter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // Control words of the encoding are plain text where an alert contains them.
  return (text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() });
}

export function tokensOf(item: Item, count: Counter): number {
  if (item.type === 'message') return PER_ITEM + item.parts.reduce((sum, part) => sum + tokensOfPart(part, count), 0);
  if (item.type === 'tool_call') {
    const foreign = item.foreign ? count(JSON.stringify(item.foreign.fields)) : 0;
    return PER_ITEM + count(item.name) + count(item.arguments) + foreign;
  }
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
