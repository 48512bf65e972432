import { isObject, type Json } from '../../shared/json/json.ts';
import type { Compilation } from '../core/compilation.ts';
import { type Evaluate, type Frame, type StaticFrame, withItem, withNames } from '../core/frame.ts';
import { jsonWriters, writerIn } from '../core/json-text.ts';
import { expressionFailed, isTruthy, kindOf } from '../core/kinds.ts';
import type { BlockStatement, Program, Statement } from './handlebars-parser.ts';
import { type BlockName, type Opening, openingOf } from './opening.ts';
import { isOutput, type Piece, type Tag } from './pieces.ts';
import { Structure } from './structure.ts';
import { calledBy, compileOutputTag, compileTag } from './tag.ts';

type Render = (frame: Frame) => string;

const NOTHING: Render = () => '';

/** A text being compiled, its structure, and how its tags write into it if it is JSON. */
interface Template {
  compilation: Compilation;
  structure: Structure;
  writers: ReturnType<typeof jsonWriters<Piece>>;
}

/** Compiles a text that is made of more than one tag. */
export function compileText(compilation: Compilation, pieces: readonly Piece[], surroundings: StaticFrame): Render {
  const structure = new Structure(pieces);
  const writing = pieces.filter((piece) => piece.kind === 'text' || isOutput(piece) || isTextBlock(compilation, piece));
  const writers = jsonWriters<Piece>(writing.map((piece) => (piece.kind === 'text' ? piece.text : piece)));
  const [first] = pieces.filter((piece) => piece.kind === 'tag');
  if (first && writers === 'unclosed') {
    const hint = 'Close each string in the branch of a block that opens it, or write a map instead of the JSON text.';
    compilation.report(first, 'A string of this JSON text is not closed.', hint);
  }
  return compileProgram({ compilation, structure, writers }, structure.program, surroundings);
}

function compileProgram(template: Template, { body }: Program, surroundings: StaticFrame): Render {
  const renders = body.flatMap((statement) => compileStatement(template, statement, surroundings));
  return (frame) => {
    let text = '';
    for (const render of renders) text += render(frame);
    return text;
  };
}

function compileStatement(template: Template, statement: Statement, surroundings: StaticFrame): Render[] {
  const { structure } = template;
  switch (statement.type) {
    case 'CommentStatement':
      return [];
    case 'ContentStatement':
      return structure.pieces(statement.value).map((piece) => compilePiece(template, piece, surroundings));
    case 'MustacheStatement':
      return [compilePiece(template, structure.tag(statement.path.value), surroundings)];
    case 'BlockStatement':
      return [compileBlock(template, statement, surroundings)];
  }
}

function compilePiece({ compilation, writers }: Template, piece: Piece, surroundings: StaticFrame): Render {
  if (piece.kind === 'text') return () => piece.text;
  const evaluate = compilation.attempt(() => compileOutputTag(compilation, piece, surroundings));
  const { encode } = compilation.options;
  const write = writerIn(writers, piece);
  if (!encode) return (frame) => write(evaluate(frame));
  const { offset, length, sigil } = piece;
  const tag = { offset, length, isRaw: sigil === 'raw', call: calledBy(compilation, piece) };
  return (frame) => encode(write(evaluate(frame)), tag);
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

const isTextBlock = ({ source }: Compilation, { sigil, start }: Tag): boolean => sigil === '#' && source.startsWith('fn.', start);

function compileTextBlock(template: Template, name: string, block: BlockStatement, surroundings: StaticFrame): Render {
  const open = template.structure.tag(block.params[0].value);
  const change = Object.hasOwn(TEXT_BLOCKS, name) && open.sigil !== '^' ? TEXT_BLOCKS[name] : undefined;
  if (!change) {
    const hint = `There are: ${Object.keys(TEXT_BLOCKS).join(', ')}.`;
    template.compilation.report(open, `There is no block \`${name}\`.`, hint, 'function');
    return NOTHING;
  }
  if (block.inverse) template.compilation.report(open, `\`${name}\` takes no \`else\`.`, 'Write {{#if x}} … {{else}} … {{/if}}.');
  const body = compileProgram({ ...template, writers: undefined }, block.program, { ...surroundings, lenient: true });
  const write = writerIn<Piece>(template.writers, open);
  return (frame) => write(change(body(frame)));
}

function compileBlock(template: Template, block: BlockStatement, surroundings: StaticFrame): Render {
  const { compilation, structure } = template;
  const open = structure.tag(block.params[0].value);
  const opening = openingOf(compilation, open);
  const { name, start, end, parameters } = opening;
  if (name === 'fn') return compileTextBlock(template, compilation.source.slice(start, end), block, surroundings);
  const isInverted = open.sigil === '^';
  const subject = compileSubject(compilation, open, opening, surroundings);
  const iterates = name === 'each' || name === 'section';
  const names = new Set([...surroundings.names, ...parameters, ...(iterates ? ITERATION : [])]);
  const hasItem = name !== 'if' && name !== 'unless' && !isInverted;
  const inside = { ...surroundings, names, depth: surroundings.depth + (hasItem ? 1 : 0) };
  const body = compileProgram(template, block.program, inside);
  const otherwise = block.inverse ? compileProgram(template, block.inverse, surroundings) : NOTHING;
  return RENDERERS[isInverted ? 'unless' : name]({ subject, body, otherwise, parameters });
}

/** Compiles what a block is about. */
function compileSubject(compilation: Compilation, open: Tag, { name, start, end }: Opening, around: StaticFrame): Evaluate {
  if (start < end) {
    const zero = /\sincludeZero\s*=/.exec(compilation.source.slice(start, end));
    if (zero) {
      const place = { offset: start + zero.index + 1, length: zero[0].length - 1 };
      compilation.report(place, '`includeZero` is not an option here.', 'Ask for what you mean: {{#if x != null}}.');
      return () => null;
    }
    const asks = name === 'if' || name === 'unless' || name === 'section';
    return compilation.attempt(() => compileTag(compilation, start, end, { ...around, lenient: around.lenient || asks }));
  }
  compilation.report(open, 'This block does not say what it is about.', 'Such as {{#if alert.x}}.');
  return () => null;
}

const ITERATION = ['@index', '@key', '@first', '@last'];

const RENDERERS: Readonly<Record<Exclude<BlockName, 'fn'>, (parts: Parts) => Render>> = {
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
