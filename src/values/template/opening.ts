import { nearest } from '../../shared/text/suggest.ts';
import type { Compilation } from '../core/compilation.ts';
import type { Tag } from './pieces.ts';

const NAMES = ['if', 'unless', 'each', 'with'] as const;

/** `section` is mustache's `{{#path}}`, `fn` one of Keep's `{{#fn.na}}`. */
export type BlockName = (typeof NAMES)[number] | 'section' | 'fn';

export interface Opening {
  name: BlockName;
  /** Range of the block's argument. */
  start: number;
  end: number;
  parameters: string[];
}

const LONGEST_NAME = 40;
const PARAMETERS = /\sas\s*\|([^|]*)\|$/;
/** What Handlebars takes for a name. */
const PARAMETER = /^(?!(?:true|false|null|undefined|-?\d+(?:\.\d+)?)$)[^\s!"#%-,./;->@[-^`{-~]+$/;

/** The first word of a block's tag. */
const wordOf = (source: string, start: number, end: number): string =>
  /^[\w-]*(?=\s|$)/.exec(source.slice(start, Math.min(end, start + LONGEST_NAME)))?.[0] ?? '';

const nameOf = (word: string) => NAMES.find((name) => name === word);

/** Splits a block's tag into its name, its argument, and `as |item index|`. */
export function openingOf(compilation: Compilation, tag: Tag): Opening {
  const { source } = compilation;
  const [content, parameters] = withoutParameters(source.slice(tag.start, tag.end));
  if (!parameters.every((name) => PARAMETER.test(name))) {
    compilation.report(tag, '`as |…|` takes names, with a space between.', 'Such as {{#each alert.tags as |tag index|}}.');
  }
  const end = tag.start + content.length;
  const word = wordOf(source, tag.start, end);
  const name = nameOf(word);
  const subject = tag.start + word.length + leadingSpace(content.slice(word.length));
  if (name) return { name, start: subject, end, parameters };
  if (word !== '' && tag.start + word.length < end) {
    reportUnknown(compilation, tag, word);
    return { name: 'section', start: tag.start, end: tag.start + word.length, parameters };
  }
  return { name: content.startsWith('fn.') ? 'fn' : 'section', start: tag.start, end, parameters };
}

/** The name in a closing tag: of a block, or the path of a section. */
export function closingName(source: string, tag: Tag): string {
  const [content] = withoutParameters(source.slice(tag.start, tag.end));
  const word = wordOf(source, tag.start, tag.start + content.length);
  return nameOf(word) ?? (word === '' ? content : word);
}

const leadingSpace = (text: string): number => text.length - text.trimStart().length;

function withoutParameters(content: string): [content: string, parameters: string[]] {
  const found = PARAMETERS.exec(content);
  return found ? [content.slice(0, found.index).trimEnd(), (found[1] ?? '').trim().split(/\s+/)] : [content, []];
}

function reportUnknown(compilation: Compilation, tag: Tag, word: string): void {
  const close = nearest(word, NAMES);
  const hint = close === undefined ? `There are: ${NAMES.join(', ')}, and {{#path}} sections.` : `Did you mean \`${close}\`?`;
  compilation.report({ offset: tag.start, length: word.length }, `There is no block \`${word}\`.`, hint);
}
