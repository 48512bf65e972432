import { nearest } from '../../shared/text/suggest.ts';
import type { Compilation } from '../core/compilation.ts';
import type { Tag } from './pieces.ts';

const NAMES = ['if', 'unless', 'each', 'with'] as const;

/** `section` is mustache's `{{#path}}`, `fn` one of Keep's `{{#fn.na}}`. */
export type BlockName = (typeof NAMES)[number] | 'section' | 'fn';

export interface Opening {
  name: BlockName;
  start: number;
  end: number;
  parameters: string[];
}

const LONGEST_NAME = 40;

/** Takes a block's tag apart: its name, what it is about, and `as |item index|`. */
export function openingOf(compilation: Compilation, tag: Tag): Opening {
  const { source } = compilation;
  const [end, parameters] = parametersOf(source, tag);
  const word = /^[\w-]*(?=\s|$)/.exec(source.slice(tag.start, Math.min(end, tag.start + LONGEST_NAME)))?.[0] ?? '';
  const name = NAMES.find((candidate) => candidate === word);
  if (name) {
    let start = tag.start + word.length;
    while (start < end && source.charAt(start).trim() === '') start += 1;
    return { name, start, end, parameters };
  }
  if (word !== '' && tag.start + word.length < end) {
    reportUnknown(compilation, tag, word);
    return { name: 'section', start: tag.start, end: tag.start + word.length, parameters };
  }
  if (source.startsWith('fn.', tag.start)) return { name: 'fn', start: tag.start, end, parameters };
  return { name: 'section', start: tag.start, end, parameters };
}

function parametersOf(source: string, tag: Tag): [end: number, parameters: string[]] {
  if (source[tag.end - 1] !== '|') return [tag.end, []];
  const opening = source.lastIndexOf('|', tag.end - 2);
  if (opening <= tag.start) return [tag.end, []];
  const before = source.slice(tag.start, opening).trimEnd();
  if (!/\sas$/.test(before.slice(-3))) return [tag.end, []];
  const end = tag.start + before.slice(0, -2).trimEnd().length;
  return [
    end,
    source
      .slice(opening + 1, tag.end - 1)
      .trim()
      .split(/\s+/),
  ];
}

function reportUnknown(compilation: Compilation, tag: Tag, word: string): void {
  const close = nearest(word, NAMES);
  const hint = close === undefined ? `There are: ${NAMES.join(', ')}, and {{#path}} sections.` : `Did you mean \`${close}\`?`;
  const place = { offset: tag.start, length: word.length };
  compilation.problems.push({ message: `There is no block \`${word}\`.`, hint, ...place, code: 'template' });
}
