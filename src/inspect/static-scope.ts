import type { Plan, Scope } from '../plan/plan.ts';
import { scopeWith } from '../plan/scope.ts';
import { variable } from '../run/secrets.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { compileTemplate } from '../values/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Scope of templates without a run: defaults of inputs, the environment, secrets and constants. */
export function staticScope(plan: Plan, environment: Environment): Scope {
  const inputs = Object.fromEntries(
    plan.inputs.flatMap((input) => (input.default === undefined ? [] : [[input.name, input.default]])),
  );
  const read = (names: string[]) =>
    Object.fromEntries(names.map((name) => [name, variable(environment, name)]).filter(([, value]) => value !== undefined));
  const secrets = read([...plan.reads].flatMap((name) => (name.startsWith('secrets.') ? [name.slice('secrets.'.length)] : [])));
  return scopeWith({ inputs, env: read(plan.env), secrets }, plan.consts);
}

/** The data with each text computed that the scope has the values for; the other texts stay templates. */
export function renderStatic(data: Json, scope: Scope): Json {
  if (Array.isArray(data)) return data.map((item) => renderStatic(item, scope));
  if (isObject(data)) {
    const entries = Object.entries(data).map(([key, item]): [string, Json] => [key, renderStatic(item, scope)]);
    return Object.fromEntries(entries) satisfies JsonObject;
  }
  if (typeof data !== 'string' || !data.includes('{{')) return data;
  const compiled = compileTemplate(data, { stepNames: [] });
  try {
    return compiled.problems.length > 0 ? data : compiled.evaluate(scope);
  } catch {
    // The value reads data that only a run has.
    return data;
  }
}
