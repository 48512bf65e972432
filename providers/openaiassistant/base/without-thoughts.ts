import { readJson } from './json-reader.ts';

/** Tags of thoughts as models write them; the groups hold the mark of a closing tag. */
const tagOf = (names: string) =>
  new RegExp(
    `<(/?)(?:${names})(?:\\s[^<>]*)?>|\\[(/?)THINK\\]|◁(/?)think▷|<\\|(?:begin|(end))_of_thought\\|>|<\\|(?:START|(END))_THINKING\\|>`,
    'gi',
  );
const TAG = tagOf('think|thinking|thoughts?|reasoning|seed:think');
/** Where JSON was asked for, a model may think under further names; in a text, these are part of what was asked for. */
const TAG_BESIDE_JSON = tagOf('think|thinking|thoughts?|reasoning|seed:think|reflection|scratchpad|analysis');
/** The channels of models that name them: that of the answer, and the one of thoughts. */
const FINAL = /<\|channel\|>final(?:<\|constrain\|>\w+)?<\|message\|>/g;
const THINKING = /^\s*(?:<\|start\|>assistant)?<\|channel\|>(?:analysis|commentary)\b/;
/** Marks of a message's end that belong to the model's template. */
const END = /(?:<\|(?:end|return|im_end|eot_id|end_of_text|endoftext)\|>|<\/s>)\s*$|<\|(?:START|END)_RESPONSE\|>/g;

/**
 * Removes a model's thoughts in tags: the answer is the text behind them, or before them where nothing follows. The opening tag
 * may be missing; thoughts that never end are not an answer. A tag in code, in a JSON value or amid a sentence is text.
 */
export function withoutThoughts(text: string, where: 'in-text' | 'in-json'): string {
  const rest = finalOf(text);
  let before = '';
  let from = 0;
  let begun: number | undefined;
  for (const { 0: tag, index, ...groups } of tagsOf(rest, where === 'in-json' ? TAG_BESIDE_JSON : TAG)) {
    if (groups[1] || groups[2] || groups[3] || groups[4] || groups[5]) {
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
  return answer === '' && !/(?:<\/?th|\[THINK\]|◁think|_of_thought|_THINKING)/i.test(rest) ? rest : answer;
}

/** What the last channel for answers holds, or the text where it has no channels. */
function finalOf(text: string): string {
  const final = [...text.matchAll(FINAL)].at(-1);
  const rest = final ? text.slice(final.index + final[0].length) : THINKING.test(text) ? '' : text;
  return rest.replace(END, '');
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
