import type { Json } from '../../shared/json/json.ts';
import type { Compilation } from '../core/compilation.ts';
import type { Evaluate, Read, StaticFrame } from '../core/frame.ts';
import type { BinaryOperator } from '../core/operators.ts';
import type { PathNode } from '../core/path.ts';

/** A part of a quoted string with `{{ }}`: text, or the position of a tag in the source. */
export type QuotedPart = string | { start: number; end: number };

export interface Call {
  kind: 'call';
  name: string;
  receiver: Node | undefined;
  operands: Node[];
  /** Arguments given by name: `timezone='UTC'`. */
  named: [name: string, value: Node][];
  nameOffset: number;
}

export type NodeShape =
  | { kind: 'literal'; value: Json }
  | { kind: 'path'; path: PathNode }
  | { kind: 'select'; target: Node; key: Node; optional: boolean }
  | { kind: 'list'; items: Node[] }
  | { kind: 'map'; entries: [Node, Node][] }
  | { kind: 'unary'; operator: '!' | '-'; operand: Node }
  | { kind: 'binary'; operator: BinaryOperator; left: Node; right: Node }
  | { kind: 'conditional'; condition: Node; yes: Node; no: Node }
  | { kind: 'template'; parts: QuotedPart[]; isQuoted: boolean }
  | Call;

export type Node = NodeShape & { offset: number; length: number };

/** The compiler as the special forms (logic, calls, macros) use it. */
export interface NodeCompiler {
  readonly compilation: Compilation;
  readonly staticFrame: StaticFrame;
  evaluate(node: Node): Evaluate;
  /** Like evaluate, but the value of a quoted tag keeps its type. */
  bound(node: Node): Evaluate;
  /** Like evaluate, but undefined for a missing value. */
  read(node: Node): Read;
  /** A compiler of what a function of times takes. */
  forTimes(): NodeCompiler;
  /** A compiler that knows a further name. */
  knowing(name: string): NodeCompiler;
  /** The source text of a node, for messages. */
  textOf(node: { offset: number; length: number }): string;
}
