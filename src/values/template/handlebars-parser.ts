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
 * Handlebars' own parser: blocks, chains of `else`, and what `~` and tags alone on a line do to the space around them. Its
 * compiler, which makes code of templates, is not part of it. Throws for what is not well-formed, which a skeleton always is.
 */
export const parseStructure = (skeleton: string): Program => parse(skeleton) as Program;
