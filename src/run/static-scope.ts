import type { Plan, Scope } from '../plan/plan.ts';
import { scopeWith } from '../plan/scope.ts';
import type { JsonObject } from '../shared/json/json.ts';
import { type Environment, variable } from './secrets.ts';

/** Scope of templates without a run: inputs that are known, the environment, secrets and constants. */
export function staticScope(plan: Plan, environment: Environment, given: JsonObject = {}): Scope {
  const defaults = plan.inputs.flatMap((input) => (input.default === undefined ? [] : [[input.name, input.default]]));
  const read = (names: string[]) =>
    Object.fromEntries(names.map((name) => [name, variable(environment, name)]).filter(([, value]) => value !== undefined));
  const secrets = read([...plan.reads].flatMap((name) => (name.startsWith('secrets.') ? [name.slice('secrets.'.length)] : [])));
  return scopeWith({ inputs: { ...Object.fromEntries(defaults), ...given }, env: read(plan.env), secrets }, plan.consts);
}

/** Configurations of the file, each computed on use, so that a mistake in another one does not matter. */
export function configurationsOf(plan: Plan, scope: Scope): JsonObject {
  const entries = Object.entries(plan.providers);
  return Object.create(
    null,
    Object.fromEntries(entries.map(([name, value]) => [name, { get: () => value(scope), enumerable: true }])),
  );
}
