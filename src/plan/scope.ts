import { EVALUATION_CONTEXT, evaluationContextOf } from './evaluation-context.ts';
import type { Constant, Scope } from './plan.ts';

/** Constants that read step data (vars, foreach, earlier steps), so each read computes them again. */
const LATE = Symbol('late constants');

/** Makes the scope of a run from its roots, with `consts` added. */
export function scopeWith(roots: Readonly<Record<PropertyKey, unknown>>, constants: readonly Constant[]): Scope {
  const scope: Record<PropertyKey, unknown> = Object.assign(Object.create(null), roots);
  if (constants.some((constant) => constant.isLate)) scope[LATE] = constants;
  scope.consts = bind(constants, scope);
  return scope;
}

/** Copies the scope and adds roots. */
export function extendScope(scope: Scope, roots: Readonly<Record<PropertyKey, unknown>>): Scope {
  const extended: Record<PropertyKey, unknown> = Object.assign(Object.create(null), scope, roots);
  const constants = extended[LATE] as readonly Constant[] | undefined;
  if (constants) extended.consts = bind(constants, extended);
  return extended;
}

/** Copies the scope with its clock set back, so that the conditions of a resumed step evaluate as they did before. */
export function withClock(scope: Scope, behindMs: number): Scope {
  const evaluation = evaluationContextOf(scope);
  const now = evaluation?.now;
  if (!now) return scope;
  return extendScope(scope, { [EVALUATION_CONTEXT]: { ...evaluation, now: () => now() - behindMs } });
}

/** Getters, because a constant that nothing reads must not fail the run. */
function bind(constants: readonly Constant[], scope: Scope): object {
  const consts = Object.create(null);
  for (const { name, value } of constants) Object.defineProperty(consts, name, { get: () => value(scope), enumerable: true });
  return consts;
}
