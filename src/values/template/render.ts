import { isObject, type Json, toText } from '../../shared/json/json.ts';
import type { Compilation } from '../core/compilation.ts';
import { type Evaluate, type Frame, type StaticFrame, withItem, withNames } from '../core/frame.ts';
import { expressionFailed, isTruthy, kindOf } from '../core/kinds.ts';
import type { Block, OutputNode, TemplateNode } from './structure.ts';
import { compileOutputTag, compileTag } from './tag.ts';

type Render = (frame: Frame) => string;

const NOTHING: Render = () => '';

/** The text of a tag's value; empty for null. */
const textOf = (value: Json): string => (value === null ? '' : toText(value));

export function compileNodes(compilation: Compilation, nodes: TemplateNode[], staticFrame: StaticFrame): Render {
  const renders: Render[] = [];
  for (const node of nodes) {
    if (node.kind === 'block') renders.push(compileBlock(compilation, node, staticFrame));
    else if (node.kind === 'output') renders.push(compileOutput(compilation, node, staticFrame));
    else if (node.kind === 'text' && node.text !== '') renders.push(() => node.text);
  }
  return (frame) => {
    let text = '';
    for (const render of renders) text += render(frame);
    return text;
  };
}

function compileOutput(compilation: Compilation, node: OutputNode, staticFrame: StaticFrame): Render {
  const { tag, index } = node;
  const evaluate = compilation.attempt(() => compileOutputTag(compilation, tag, staticFrame));
  const { encode } = compilation.options;
  if (!encode || tag.sigil === 'raw') return (frame) => textOf(evaluate(frame));
  return (frame) => encode(textOf(evaluate(frame)), index);
}

/** The parts of a block, each ready to render. */
interface Parts {
  subject: Evaluate;
  body: Render;
  otherwise: Render;
  parameters: string[];
}

/** Keep's blocks over their text, in which a missing value is empty. */
const TEXT_BLOCKS: Readonly<Record<string, (text: string) => string>> = {
  'fn.na': (text) => text || 'N/A',
  'fn.default': (text) => text,
  'fn.upper': (text) => text.toUpperCase(),
  'fn.lower': (text) => text.toLowerCase(),
  'fn.strip': (text) => text.trim(),
};

function compileTextBlock(compilation: Compilation, block: Block, staticFrame: StaticFrame): Render {
  const name = compilation.source.slice(block.start, block.end);
  const change = Object.hasOwn(TEXT_BLOCKS, name) && !block.inverted ? TEXT_BLOCKS[name] : undefined;
  if (!change) {
    const hint = `There are: ${Object.keys(TEXT_BLOCKS).join(', ')}.`;
    const place = { offset: block.open.offset, length: block.open.length };
    compilation.problems.push({ message: `There is no block \`${name}\`.`, hint, ...place, code: 'function' });
    return NOTHING;
  }
  const body = compileNodes(compilation, block.body, { ...staticFrame, lenient: true });
  return (frame) => change(body(frame));
}

function compileBlock(compilation: Compilation, block: Block, staticFrame: StaticFrame): Render {
  if (block.name === 'fn') return compileTextBlock(compilation, block, staticFrame);
  const asks = block.name === 'if' || block.name === 'unless' || block.name === 'section';
  const about = { ...staticFrame, lenient: staticFrame.lenient || asks };
  const isEmpty = block.start >= block.end;
  const subject = isEmpty ? () => null : compilation.attempt(() => compileTag(compilation, block.start, block.end, about));
  const iterates = block.name === 'each' || block.name === 'section';
  const names = new Set([...staticFrame.names, ...block.parameters, ...(iterates ? ITERATION : [])]);
  const hasItem = block.name !== 'if' && block.name !== 'unless' && !block.inverted;
  const inside = { ...staticFrame, names, depth: staticFrame.depth + (hasItem ? 1 : 0) };
  const body = compileNodes(compilation, block.body, inside);
  const otherwise = block.otherwise ? compileNodes(compilation, block.otherwise, staticFrame) : NOTHING;
  const parts = { subject, body, otherwise, parameters: block.parameters };
  return block.inverted ? RENDERERS.unless(parts) : RENDERERS[block.name](parts);
}

const ITERATION = ['@index', '@key', '@first', '@last'];

const RENDERERS: Readonly<Record<Exclude<Block['name'], 'fn'>, (parts: Parts) => Render>> = {
  if:
    ({ subject, body, otherwise }) =>
    (frame) =>
      isTruthy(subject(frame)) ? body(frame) : otherwise(frame),
  unless:
    ({ subject, body, otherwise }) =>
    (frame) =>
      isTruthy(subject(frame)) ? otherwise(frame) : body(frame),
  with: (parts) => (frame) => {
    const value = parts.subject(frame);
    const isThere = isTruthy(value) || value === 0;
    return isThere ? parts.body(withItem(frame, value, named(parts.parameters, [value]))) : parts.otherwise(frame);
  },
  each: (parts) => (frame) => {
    const value = parts.subject(frame);
    if (value !== null && typeof value !== 'object') {
      throw expressionFailed(`{{#each}} goes over a list or a map, not ${kindOf(value)}.`);
    }
    return iterate(parts, value, frame);
  },
  section: (parts) => (frame) => {
    const value = parts.subject(frame);
    if (Array.isArray(value)) return iterate(parts, value, frame);
    if (!isTruthy(value)) return parts.otherwise(frame);
    const names = named(parts.parameters, [value]);
    return parts.body(value === true ? withNames(frame, names) : withItem(frame, value, names));
  },
};

function iterate(parts: Parts, value: Json, frame: Frame): string {
  const entries: [string | number, Json][] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : [];
  if (entries.length === 0) return parts.otherwise(frame);
  let text = '';
  for (const [index, [key, item]] of entries.entries()) {
    const names = named(parts.parameters, [item, key]);
    names.set('@index', index).set('@key', key);
    names.set('@first', index === 0).set('@last', index === entries.length - 1);
    text += parts.body(withItem(frame, item, names));
  }
  return text;
}

function named(parameters: string[], values: Json[]): Map<string, Json> {
  return new Map(parameters.slice(0, values.length).map((name, index) => [name, values[index] ?? null]));
}
