import { isObject, type Json, toJson } from 'threadline/provider';

/** How JSON was found in a text: `json` as it is, in a `fence`, as a `span` amid prose, or only after `repaired` syntax. */
export type How = 'json' | 'fence' | 'span' | 'repaired';

export type ParsedJson = { ok: true; value: Json; how: How } | { ok: false; error: string };

/** Beyond this length broken JSON is not repaired. */
const REPAIR_LIMIT = 1_000_000;

/** Finds the JSON object or list in a model's answer. Prose is never taken for JSON, and the text itself is not changed. */
export async function findJson(text: string): Promise<ParsedJson> {
  const clean = text
    .replace(/^\uFEFF/, '')
    .replace(/<think(ing)?>[\s\S]*?<\/think(ing)?>/gi, '')
    .trim();
  const whole = parse(clean);
  if (whole !== undefined) return { ok: true, value: whole, how: 'json' };
  const fences = [...clean.matchAll(/```[\w-]*[ \t]*\r?\n?([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  for (const fence of fences) {
    const value = parse(fence);
    if (value !== undefined) return { ok: true, value, how: 'fence' };
  }
  const spans = balancedSpans(clean).sort((a, b) => b.length - a.length);
  for (const span of spans) {
    const value = parse(span);
    if (value !== undefined) return { ok: true, value, how: 'span' };
  }
  return repair([...fences, ...spans, clean].map((candidate) => candidate.trim()).filter(looksLikeJson));
}

/** Objects and lists only: a bare number or word in an answer is prose. A text that holds JSON text is unwrapped once. */
function parse(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const data = typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
    return typeof data === 'object' && data !== null ? toJson(data) : undefined;
  } catch {
    // Not JSON as it stands: the caller tries the next form.
    return undefined;
  }
}

/** Outermost `{…}` and `[…]` of a text, brackets in strings not counted. */
function balancedSpans(text: string): string[] {
  const spans: string[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"' && depth > 0) inString = true;
    else if (character === '{' || character === '[') {
      if (depth++ === 0) start = at;
    } else if ((character === '}' || character === ']') && depth > 0 && --depth === 0) spans.push(text.slice(start, at + 1));
  }
  return spans;
}

/** `{name}` in prose is no object: there has to be a quoted key, or a key and a value on a line of their own. */
const looksLikeJson = (text: string) =>
  text.length <= REPAIR_LIMIT && /^[{[][\s,[{]*(["'“‘][^\n]*|\w+[ \t]*:[^\n]*)/.test(text) && /[:,\]]/.test(text);

async function repair([broken]: string[]): Promise<ParsedJson> {
  if (broken === undefined) return { ok: false, error: 'there is no JSON in it' };
  const { jsonrepair } = await import('jsonrepair');
  try {
    const value = toJson(JSON.parse(jsonrepair(broken)));
    if (isObject(value) || Array.isArray(value)) return { ok: true, value, how: 'repaired' };
  } catch (error) {
    return { ok: false, error: `the JSON in it is broken: ${(error as Error).message}` };
  }
  return { ok: false, error: 'there is no JSON object in it' };
}
