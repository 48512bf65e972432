import { type Compiled, compileTemplate } from '../values/index.ts';

/**
 * Where the host of a URL template has ended, so that nothing behind can change it; undefined when it never does.
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
  /** Whether something at this offset of the text could choose the host. */
  choosesHost(offset: number): boolean;
}

/** Compiles a URL: what `{{ }}` puts in behind the host is percent-encoded, `{{{ }}}` is not. */
export function compileUrl(text: string, stepNames: readonly string[]): UrlTemplate {
  const end = endOfHost(text);
  const choosesHost = (offset: number) => end === undefined || offset < end;
  const encode = (value: string, offset: number) => (choosesHost(offset) ? value : encodeURIComponent(value));
  return { compiled: compileTemplate(text, { stepNames, encode }), choosesHost };
}
