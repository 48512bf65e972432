const TAG = /<(\/?)(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)>/gi;
/** The channel of the answer, in the format of models that name their channels. */
const FINAL = '<|channel|>final<|message|>';

/**
 * Removes a model's thoughts in tags: the answer is the text behind them, or before them where nothing follows. The opening tag
 * may be missing; thoughts that never end are not an answer.
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
  // Apart from the `th…` tags, a model may have been told to put its answer into one of them.
  return answer === '' && !/<\/?th/i.test(rest) ? rest : answer;
}
