import type { Json } from '../../shared/json/json.ts';

const CHARACTERS_PER_TOKEN = 4;

/** A deterministic estimate; no tokenizer is involved. */
export const countTokens = (text: string): number => Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN));

export const countJsonTokens = (value: Json): number => countTokens(JSON.stringify(value));
