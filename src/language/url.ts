import { type Compiled, compileTemplate } from '../values/index.ts';

/**
 * Offset at which the host of a URL template has ended, so that no later text can change it; undefined if it never ends.
 * A leading tag counts as scheme and host together, as in `{{ inputs.base_url }}/deploys`.
 */
function endOfHost(text: string): number | undefined {
  const start = text.match(/^\s*(https?:\/\/|\{\{.*?\}\}|(?=\/[^/]))/i)?.[0].length;
  if (start === undefined) return undefined;
  const withoutTags = text.replace(/\{\{.*?\}\}+/g, (tag) => 'x'.repeat(tag.length));
  const end = withoutTags.slice(start).search(/[/?#]/);
  return end < 0 ? undefined : start + end;
}

export interface UrlTemplate {
  compiled: Compiled;
  /** Tells whether text at this offset could choose the host. */
  choosesHost(offset: number): boolean;
}

/** Compiles a URL: after the host, values of `{{ }}` are percent-encoded, and those of `{{{ }}}` are not. */
export function compileUrl(text: string, stepNames: readonly string[]): UrlTemplate {
  const end = endOfHost(text);
  const choosesHost = (offset: number) => end === undefined || offset < end;
  const encode = (value: string, offset: number) => (choosesHost(offset) ? value : encodeURIComponent(value));
  return { compiled: compileTemplate(text, { stepNames, encode }), choosesHost };
}
