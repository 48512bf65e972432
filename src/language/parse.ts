import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import { type DataPath, isPrototypeKey, type Json, toJson } from '../shared/json/json.ts';
import { isOutOfRange } from '../shared/json/number.ts';
import { shorten } from '../shared/text/safe-text.ts';
import { type Diagnostic, hasErrors, type Place } from './diagnostic.ts';

/** The data of a YAML file, with the place of each value in the text. */
export interface ParsedFile {
  file: string;
  text: string;
  data: Json;
  problems: Diagnostic[];
  /** Place of the value at a path, or of its key; if it does not exist, of the nearest enclosing value. */
  locate(path: DataPath, part?: 'key' | 'value'): Place;
  /** Place of a part of the string at a path; `offset` and `length` count in the string's value. */
  locateInside(path: DataPath, offset: number, length: number): Place;
}

/** Reads YAML 1.2, and so JSON. Never throws: `problems` holds the mistakes in the text. */
export function parseYaml(text: string, file: string): ParsedFile {
  const lines = new LineCounter();
  // Without `intAsBigInt` whole numbers beyond 2^53 would be rounded; toJson makes numbers of the others.
  const document = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: true, intAsBigInt: true },
  });
  const problems: Diagnostic[] = [];
  const at = (start: number, end: number): Place => {
    const { line, col } = lines.linePos(Math.min(start, text.length));
    const stop = text.indexOf('\n', start);
    return {
      file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      length: Math.max(1, Math.min(end, stop < 0 ? end : stop) - start),
    };
  };
  for (const error of [...document.errors, ...document.warnings]) {
    const hint = yamlHint(error.code);
    const severity = error.name === 'YAMLWarning' ? 'warning' : 'error';
    problems.push({
      severity,
      code: 'yaml',
      message: error.code === 'MULTIPLE_DOCS' ? 'there is more than one document in this file' : sentence(error.message),
      ...(hint ? { hint } : {}),
      place: at(error.pos[0], error.pos[1]),
    });
  }
  const data = hasErrors(problems) ? null : readData(document, problems, at);
  const find = (path: DataPath) => findNode(document.contents, path);
  return {
    file,
    text,
    data,
    problems,
    locate(path, part = 'value') {
      const { key, value } = find(path);
      const [start, end] = rangeOf(part === 'key' ? (key ?? value) : (value ?? key), text);
      return at(start, end);
    },
    locateInside(path, offset, length) {
      const { value } = find(path);
      if (!isScalar(value) || typeof value.value !== 'string') return this.locate(path);
      const start = findInSource(text, value, offset, length);
      return start === undefined ? this.locate(path) : at(start, start + length);
    },
  };
}

function readData(
  document: ReturnType<typeof parseDocument>,
  problems: Diagnostic[],
  at: (start: number, end: number) => Place,
): Json {
  try {
    for (const { range } of keysOfData(document)) {
      const [message, hint] = ['a map or a list cannot be a key', 'Text that starts with `{` or `[` needs quotes.'];
      problems.push({ severity: 'error', code: 'yaml', message, hint, place: at(range?.[0] ?? 0, range?.[1] ?? 1) });
    }
    for (const { source, range } of numbersOutOfRange(document)) {
      const [message, hint] = [numberProblem(source ?? ''), 'If it is text, put quotes around it.'];
      problems.push({ severity: 'error', code: 'yaml', message, hint, place: at(range?.[0] ?? 0, range?.[1] ?? 1) });
    }
    if (hasErrors(problems)) return null;
    const data = toJson(document.toJS({ maxAliasCount: 1000 }));
    for (const { value, range } of keysLeftOut(document)) {
      const message = `\`${value}\` cannot be a key: it is left out`;
      problems.push({ severity: 'warning', code: 'unknown-key', message, place: at(range?.[0] ?? 0, range?.[1] ?? 1) });
    }
    return data;
  } catch (error) {
    problems.push({ severity: 'error', code: 'yaml', message: sentence((error as Error).message), place: at(0, 1) });
    return null;
  }
}

/** YAML reads an unquoted `key: {{ path }}` as a map whose key is a map. */
function keysOfData(document: ReturnType<typeof parseDocument>): Node[] {
  const keys: Node[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isMap(key) && !isSeq(key)) return undefined;
      keys.push(key);
      return visit.SKIP;
    },
  });
  return keys;
}

const numberProblem = (source: string): string =>
  /\d/.test(source) ? `\`${shorten(source, 60)}\` is beyond 1.8e308, so no number can hold it` : `\`${source}\` is not a number`;

/** Numbers beyond 1.8e308, `.inf` and `.nan`: JSON has none of them. */
function numbersOutOfRange(document: ReturnType<typeof parseDocument>): Scalar[] {
  const numbers: Scalar[] = [];
  visit(document, {
    Scalar(_, node) {
      if (isOutOfRange(node.value)) numbers.push(node);
    },
  });
  return numbers;
}

/** Keys such as `__proto__`, which toJson drops. */
function keysLeftOut(document: ReturnType<typeof parseDocument>): Scalar[] {
  const keys: Scalar[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && isPrototypeKey(String(key.value))) keys.push(key);
    },
  });
  return keys;
}

interface Found {
  key: Node | undefined;
  value: Node | undefined;
}

/** Walks as far as the path exists. */
function findNode(contents: unknown, path: DataPath): Found {
  let found: Found = { key: undefined, value: isNode(contents) ? contents : undefined };
  for (const step of path) {
    const next = childOf(found.value, step);
    if (!next) return found;
    found = next;
  }
  return found;
}

function childOf(node: Node | undefined, step: string | number): Found | undefined {
  if (isMap(node)) {
    const pair = node.items.find(
      (item): item is Pair<Node, Node | null> => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
    );
    return pair ? { key: pair.key, value: pair.value && !isAlias(pair.value) ? pair.value : pair.key } : undefined;
  }
  const item = isSeq(node) ? node.items[Number(step)] : undefined;
  return isNode(item) ? { key: undefined, value: item } : undefined;
}

function rangeOf(node: Node | undefined, text: string): [number, number] {
  if (!node?.range) return [0, 1];
  const [start, end] = node.range;
  // Only the first line of a map is underlined.
  return isMap(node) || isSeq(node) ? [start, Math.min(end, endOfLine(text, start))] : [start, end];
}

const endOfLine = (text: string, start: number) => {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
};

/** Searches the source for the part, which is mostly unescaped there, because quotes and folding shift the offsets. */
function findInSource(
  text: string,
  node: { range?: [number, number, number] | null; value: unknown },
  offset: number,
  length: number,
): number | undefined {
  if (!node.range) return undefined;
  const value = String(node.value);
  const piece = value.slice(offset, offset + length).split('\n')[0] ?? '';
  if (piece === '') return undefined;
  let nth = 0;
  for (let at = value.indexOf(piece); at >= 0 && at < offset; at = value.indexOf(piece, at + 1)) nth++;
  let start = text.indexOf(piece, node.range[0]);
  for (; nth > 0 && start >= 0; nth--) start = text.indexOf(piece, start + 1);
  return start >= 0 && start < node.range[1] ? start : undefined;
}

const sentence = (message: string) => {
  if (/call stack|stack overflow/i.test(message)) return 'the data is nested too deeply';
  const first = message.split('\n')[0] ?? message;
  return first.charAt(0).toLowerCase() + first.slice(1).replace(/\.$/, '');
};

function yamlHint(code: string): string | undefined {
  if (code === 'DUPLICATE_KEY') return 'Only one of them would count: remove or rename the other.';
  if (code === 'MULTIPLE_DOCS') return 'A file holds one workflow: take the `---` out, or make two files.';
  if (code === 'TAB_AS_INDENT') return 'YAML is indented with spaces.';
  if (code === 'BAD_INDENT' || code === 'BLOCK_AS_IMPLICIT_KEY') return 'Keys of one map start in the same column.';
  if (code === 'MULTILINE_IMPLICIT_KEY' || code === 'MISSING_CHAR')
    return 'Is a `:` missing, or text with `: ` in it not quoted?';
  if (code === 'UNEXPECTED_TOKEN' || code === 'BAD_PLAIN_SCALAR' || code === 'BLOCK_IN_FLOW')
    return 'Text that starts with `{`, `[`, `@`, `%` or `*` needs quotes.';
  return undefined;
}
