/// <reference path="./handlebars.d.ts" />
import { parse } from 'handlebars/dist/cjs/handlebars/compiler/base.js';

/** A statement of Handlebars' syntax tree, as far as a skeleton has them. */
export type Statement =
  | { type: 'ContentStatement'; value: string; original: string }
  | { type: 'MustacheStatement'; path: { original: string } }
  | { type: 'CommentStatement' }
  | { type: 'BlockStatement'; params: [{ original: string }]; program: Program; inverse?: Program };

export interface Program {
  body: Statement[];
}

/**
 * Handlebars' own parser: blocks, chains of `else`, and what `~` and tags alone on a line do to the space around them. Its
 * compiler, which makes code of templates, is not part of it. Throws for what is not well-formed, which a skeleton always is.
 */
export const parseStructure = (skeleton: string): Program => parse(skeleton) as Program;
