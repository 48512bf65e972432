/** The search ends when this many times the text's length has been read: garbage must not take for ever. */
const READINGS = 20;

/**
 * Goes through a text from bracket to bracket. `values`: the outermost spans that parse. `broken`: spans that do not parse and
 * look like JSON, longest first; nothing from inside of them is among the values.
 */
export function scanJson<Value>(
  text: string,
  parse: (span: string) => Value | undefined,
  mayBeJson: (span: string) => boolean,
): { values: { value: Value; at: number }[]; broken: string[] } {
  const values: { value: Value; at: number }[] = [];
  const broken: string[] = [];
  let budget = READINGS * text.length;
  for (let at = nextOpening(text, 0); at >= 0 && budget > 0; ) {
    const closing = closingOf(text, at);
    const end = closing ?? text.length;
    const span = text.slice(at, end);
    budget -= span.length;
    const value = parse(span);
    if (value !== undefined) values.push({ value, at });
    else if (mayBeJson(span) || (closing === undefined && isCut(span))) broken.push(span);
    at = nextOpening(text, value !== undefined || broken.at(-1) === span ? end : at + 1);
  }
  return { values, broken: broken.toSorted((a, b) => b.length - a.length) };
}

function nextOpening(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === '{' || text[at] === '[') return at;
  return -1;
}

/** Matches JSON that ends too early; its last word may be cut, too. */
const CUT = /^(?:"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|[\s{}[\],:\d.eE+-]|true|false|null)*(?:t|tr|tru|f|fa|fal|fals|n|nu|nul)?$/;

const isCut = (span: string): boolean => /[:,\]}]/.test(span) && CUT.test(span);

/** The index behind the end of the bracket at `start`, brackets in strings not counted; undefined where it is not closed. */
export function closingOf(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return undefined;
}
