/** A word and the space after it are about what a token is. Long runs without spaces are broken up too. */
export const chunksOf = (text: string): string[] => text.match(/\s*\S{1,12}\s?|\s+/g) ?? [];
