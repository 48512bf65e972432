/** NO_COLOR and FORCE_COLOR decide; without them, whether a person looks at the stream. */
export function usesColor({ NO_COLOR, FORCE_COLOR }: Record<string, string | undefined>, stream: { isTTY?: boolean }): boolean {
  if (NO_COLOR) return false;
  return FORCE_COLOR !== undefined ? FORCE_COLOR !== '0' : stream.isTTY === true;
}
