/** The value language: templates and expressions over plain data. Pure: no clock, no I/O, and data is never parsed as templates. */

export type { Compiled, CompileOptions, OutputTag, Reference, Scope, SyntaxProblem } from './core/compiled.ts';
export { isSomething, isTruthy } from './core/kinds.ts';
export { areEqual } from './core/operators.ts';
export { rootNames } from './core/path.ts';
export { functions } from './expression/functions.ts';
export { exampleContext, keepFunctions } from './keep/index.ts';
export { type Clause, compileClauses } from './template/clauses.ts';
export { compileExpression, compileTemplate } from './template/compile.ts';
export { helperNames, helpers } from './template/helpers.ts';
