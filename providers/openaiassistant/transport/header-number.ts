/** The number that a header holds; undefined where it is missing, or anything else. */
export function headerNumber(text: string | null | undefined): number | undefined {
  const number = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
