const TAG = /<(\/?)(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)>/gi;
/** Some models name the channels that they speak on. */
const FINAL = '<|channel|>final<|message|>';

/**
 * What a model that thinks aloud says after its thoughts, or before them where nothing follows. Some leave out where thoughts
 * begin; where they never end, they are no answer.
 */
export function withoutThoughts(text: string): string {
  const final = text.lastIndexOf(FINAL);
  const rest = final < 0 ? text : text.slice(final + FINAL.length);
  let before = '';
  let from = 0;
  let begun: number | undefined;
  for (const { 0: tag, 1: slash, index } of rest.matchAll(TAG)) {
    if (slash === '/') {
      if (begun === undefined) before = '';
      from = index + tag.length;
      begun = undefined;
    } else if (begun === undefined) {
      begun = index;
      const said = rest.slice(from, begun);
      if (said.trim() !== '') before = said;
    }
  }
  const isUnended = begun !== undefined && rest.slice(from, begun).trim() === '';
  const after = isUnended ? '' : rest.slice(from);
  const answer = after.trim() === '' ? before : after;
  // A model may have been told to put its answer between the others of these tags.
  return answer === '' && !/<\/?th/i.test(rest) ? rest : answer;
}
