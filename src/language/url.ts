import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { type Compiled, compileTemplate, type OutputTag } from '../values/index.ts';

/**
 * Offset at which the host of a URL template has ended, so that no later text can change it; undefined if it never ends.
 * A leading tag counts as scheme and host together, as in `{{ inputs.base_url }}/deploys`.
 */
function endOfHost(text: string): number | undefined {
  const start = text.match(/^\s*(https?:\/\/|\{\{.*?\}\}|(?=\/[^/]))/i)?.[0].length;
  if (start === undefined) return undefined;
  const end = withoutTags(text).slice(start).search(/[/?#]/);
  return end < 0 ? undefined : start + end;
}

const withoutTags = (text: string): string => text.replace(/\{\{.*?\}\}+/g, (tag) => 'x'.repeat(tag.length));

export interface UrlTemplate {
  compiled: Compiled;
  /** Tells whether text at this offset could choose the host. */
  choosesHost(offset: number): boolean;
}

/**
 * Compiles a URL: after the host, values of `{{ }}` are percent-encoded, and those of `{{{ }}}` are not. What `keep.encode` has
 * encoded stays as it is.
 */
export function compileUrl(text: string, stepNames: readonly string[]): UrlTemplate {
  const end = endOfHost(text);
  const choosesHost = (offset: number) => end === undefined || offset < end;
  const encode = (value: string, tag: OutputTag) => {
    if (choosesHost(tag.offset)) return value;
    if (value === '' && isWholePart(text, tag)) throw emptyPart(text, tag);
    return tag.isRaw || tag.call === 'keep.encode' ? value : encodeURIComponent(value);
  };
  const compiled = compileTemplate(text, { stepNames, encode });
  if (compiled.constant || /^\s*\{\{[^{}]*\}\}\s*$/.test(text)) return { compiled, choosesHost };
  const written = stepsIn(withoutTags(text));
  return { compiled: { ...compiled, evaluate: (scope) => withSteps(compiled.evaluate(scope), written) }, choosesHost };
}

/** Whether a tag is a whole part of the path, as in `/hosts/{{ alert.host }}/restart`: without it, the path is another one. */
function isWholePart(text: string, { offset, length }: OutputTag): boolean {
  const isInPath = offset < withoutTags(text).search(/[?#]|$/);
  return isInPath && text[offset - 1] === '/' && /^(?:[/?#]|$)/.test(text.slice(offset + length));
}

const emptyPart = (text: string, { offset, length }: OutputTag): ThreadlineError =>
  new ThreadlineError(
    'missing_value',
    `\`${text.slice(offset, offset + length)}\` is empty, and without it the url leads elsewhere.`,
    {
      hint: 'Check the value before the step, or give it another with {{ default x "…" }}.',
    },
  );

/**
 * `.` and `..` as a whole part of the path, however they are encoded: they lead to another path. Addresses are read without
 * line breaks and the like, and with `\` as `/`.
 */
const stepsIn = (url: string): number =>
  (url.split(/[?#]/, 1)[0] ?? '').split(/[\\/]/).filter((part) => /^(?:\.|%2e){1,2}$/i.test(part.replace(/\p{Cc}/gu, '').trim()))
    .length;

/** Encoding keeps no part of a path from being `..`, so that data would choose what is called. */
function withSteps(url: Json, written: number): Json {
  if (typeof url !== 'string' || stepsIn(url) <= written) return url;
  throw new ThreadlineError('expression_failed', 'A value put `.` or `..` into the path of a url, which leads elsewhere.', {
    hint: 'Check the value before the step, or send it in `query`.',
  });
}
