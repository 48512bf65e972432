import type { Plan } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export const variable = (environment: Environment, name: string): string | undefined =>
  Object.hasOwn(environment, name) ? environment[name] : undefined;

/** Reads the plan's secrets. Throws `missing_credentials` for a secret that is not set, unless stubs replace it. */
export function readSecrets(plan: Plan, environment: Environment, standInFor: (name: string) => string | undefined): JsonObject {
  const secrets: JsonObject = Object.create(null);
  const missing: string[] = [];
  for (const read of plan.reads) {
    if (!read.startsWith('secrets.')) continue;
    const name = read.slice('secrets.'.length);
    const value = variable(environment, name) ?? standInFor(name);
    if (value === undefined) missing.push(name);
    else secrets[name] = value;
  }
  if (missing.length === 0) return secrets;
  const names = missing.map((name) => `\`${name}\``).join(', ');
  throw new ThreadlineError('missing_credentials', `${missing.length > 1 ? 'Secrets are' : 'A secret is'} not set: ${names}.`, {
    hint: `Set the environment variable${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`,
  });
}
