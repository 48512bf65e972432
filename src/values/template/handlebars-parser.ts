/// <reference path="./handlebars.d.ts" />
import { parse } from 'handlebars/dist/cjs/handlebars/compiler/base.js';

/** The statements of Handlebars' syntax tree that a skeleton can contain. */
export type Statement =
  | { type: 'ContentStatement'; value: string; original: string }
  | { type: 'MustacheStatement'; path: { original: string } }
  | { type: 'CommentStatement' }
  | { type: 'BlockStatement'; params: [{ original: string }]; program: Program; inverse?: Program };

export interface Program {
  body: Statement[];
}

/**
 * Handlebars' own parser: blocks, chains of `else`, and the whitespace rules of `~` and of tags alone on a line. Its compiler,
 * which generates code, is not included. Throws for text that is not well-formed; a skeleton always is.
 */
export const parseStructure = (skeleton: string): Program => parse(skeleton) as Program;
