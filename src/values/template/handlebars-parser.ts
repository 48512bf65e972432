/// <reference path="./handlebars.d.ts" />
import { parse } from 'handlebars/dist/cjs/handlebars/compiler/base.js';

/** A statement of Handlebars' syntax tree, as far as skeletons have them: what is named in one is a number. */
export type Statement =
  | { type: 'ContentStatement'; value: string }
  | { type: 'MustacheStatement'; path: { value: number } }
  | { type: 'CommentStatement' }
  | BlockStatement;

export interface BlockStatement {
  type: 'BlockStatement';
  params: [{ value: number }];
  program: Program;
  /** What stands behind `else`; of an `else if`, one block. */
  inverse?: Program;
}

export interface Program {
  body: Statement[];
}

/**
 * Handlebars' own parser: blocks, chains of `else`, and the whitespace rules of `~` and of tags alone on a line. Its compiler,
 * which generates code, is not included. Throws for text that is not well-formed; a skeleton always is.
 */
export const parseStructure = (skeleton: string): Program => parse(skeleton) as Program;
