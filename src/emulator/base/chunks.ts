/** Splits text into words with their space, which are about the size of tokens. Long words are split too. */
export const chunksOf = (text: string): string[] => text.match(/\s*\S{1,12}\s?|\s+/g) ?? [];
