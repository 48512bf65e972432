import { readJson } from './json-reader.ts';

const TAG = /<(\/?)(?:think|thinking|thoughts?|reasoning)(?:\s[^<>]*)?>/gi;
/** Where JSON was asked for, a model may think under further names; in a text, these are part of what was asked for. */
const TAG_BESIDE_JSON = /<(\/?)(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)(?:\s[^<>]*)?>/gi;
/** The channel of the answer, in the format of models that name their channels. */
const FINAL = '<|channel|>final<|message|>';

/**
 * Removes a model's thoughts in tags: the answer is the text behind them, or before them where nothing follows. The opening tag
 * may be missing; thoughts that never end are not an answer. A tag in code, in a JSON value or amid a sentence is text.
 */
export function withoutThoughts(text: string, where: 'in-text' | 'in-json'): string {
  const final = text.lastIndexOf(FINAL);
  const rest = final < 0 ? text : text.slice(final + FINAL.length);
  let before = '';
  let from = 0;
  let begun: number | undefined;
  for (const { 0: tag, 1: slash, index } of tagsOf(rest, where === 'in-json' ? TAG_BESIDE_JSON : TAG)) {
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

function tagsOf(text: string, pattern: RegExp): RegExpExecArray[] {
  const tags = [...text.matchAll(pattern)];
  const [first] = tags;
  if (!first) return tags;
  // One look at the first brackets is enough: thoughts come before the answer, and their brackets do not reach over tags.
  const readings = bracketsBefore(text, first.index).map((at) => readJson(text, at));
  const end = Math.max(-1, ...readings.flatMap((reading) => (reading.kind === 'value' ? [reading.end] : [])));
  const inCode = [...text.matchAll(CODE)].map(({ 0: code, index }) => [index, index + code.length] as const).values();
  let code = inCode.next().value;
  return tags.filter(({ 0: tag, index }) => {
    while (code && code[1] <= index) code = inCode.next().value;
    const isInCode = code !== undefined && code[0] < index;
    const isAmidSentence = / /.test(text[index - 1] ?? '') && / /.test(text[index + tag.length] ?? '');
    return index >= end && !isInCode && !isAmidSentence;
  });
}

/** Code that ends: what thoughts leave open is no code. */
const CODE = /```[\s\S]*?```|`[^`\n<>]*<[^`\n]*`/g;
const LOOKED_AT = 20;

function bracketsBefore(text: string, end: number): number[] {
  const found: number[] = [];
  for (let at = text.indexOf('{'); at >= 0 && at < end && found.length < LOOKED_AT; at = text.indexOf('{', at + 1))
    found.push(at);
  return found;
}
