/** The value language: templates and expressions over plain data. Pure: no clock, no I/O, nothing of the data is parsed. */
export { compileExpression, compileTemplate } from './compile.ts';
export type { Compiled, CompileOptions, Reference, Scope, SyntaxProblem } from './compiled.ts';
export { type Clause, compileClauses } from './expression/clauses.ts';
export { isEqualInPayload, severityRank } from './expression/operators.ts';
export { functions } from './functions.ts';
export { exampleWorld, type KeepFunction, keepFunctions } from './keep/index.ts';
export { isTruthy } from './kinds.ts';
export { rootNames } from './path.ts';
export { type Helper, helperNames, helpers } from './template/helpers.ts';
export type { ValueFunction } from './value-function.ts';
