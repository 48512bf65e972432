import type { Json, JsonObject } from '../../shared/json/json.ts';

export const CHARACTERS_PER_TOKEN = 4;

/** A deterministic estimate; no tokenizer is involved. */
export const countTokens = (text: string): number => Math.max(1, Math.ceil(text.length / CHARACTERS_PER_TOKEN));

/** Tokens of tools, formats and the like as JSON. Values that are not set count nothing. */
export const countJsonTokens = (values: readonly (Json | undefined)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ? countTokens(JSON.stringify(value)) : 0), 0);

/** The usage as Chat Completions and the Assistants API name it. */
export const tokenUsage = (promptTokens: number, completionTokens: number): JsonObject => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
});
