import { EVALUATION_CONTEXT, evaluationContextOf } from './evaluation-context.ts';
import type { Constant, Scope } from './plan.ts';

/** Constants that read what a step has (vars, foreach, earlier steps): computed anew wherever they are read. */
const LATE = Symbol('late constants');

/** The scope of a run: its roots, and `consts` as the steps will see them. */
export function scopeWith(roots: Readonly<Record<PropertyKey, unknown>>, constants: readonly Constant[]): Scope {
  const scope: Record<PropertyKey, unknown> = Object.assign(Object.create(null), roots);
  if (constants.some((constant) => constant.isLate)) scope[LATE] = constants;
  scope.consts = bind(constants, scope);
  return scope;
}

/** The same scope with more roots in it. The outer one stays as it is. */
export function extendScope(scope: Scope, roots: Readonly<Record<PropertyKey, unknown>>): Scope {
  const extended: Record<PropertyKey, unknown> = Object.assign(Object.create(null), scope, roots);
  const constants = extended[LATE] as readonly Constant[] | undefined;
  if (constants) extended.consts = bind(constants, extended);
  return extended;
}

/** The same scope by a clock that is behind: that of a step which goes on, and whose conditions should say what they said. */
export function withClock(scope: Scope, behindMs: number): Scope {
  const evaluation = evaluationContextOf(scope);
  if (!evaluation) return scope;
  return extendScope(scope, { [EVALUATION_CONTEXT]: { ...evaluation, now: () => evaluation.now() - behindMs } });
}

/** Constants are computed when they are read: one that nobody reads cannot fail. */
function bind(constants: readonly Constant[], scope: Scope): object {
  const consts = Object.create(null);
  for (const { name, value } of constants) Object.defineProperty(consts, name, { get: () => value(scope), enumerable: true });
  return consts;
}
