import type { Value } from '../plan/plan.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import { hasTemplate } from './checked-value.ts';
import { compileTree } from './compile-value.ts';
import type { StepContext } from './step-context.ts';
import type { TemplatePosition } from './template-position.ts';
import { valueAt } from './unfold.ts';

/** Compiles the credentials in the file. They may not read steps, because every step shares them. */
export function compileProviderConfigs(
  data: Json,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
): Record<string, Value> {
  const credentials: TemplatePosition = { ...position, onlyRoots: ['env', 'secrets', 'inputs'], anyEnv: true };
  return Object.assign({}, ...spotsOf(path).map((at) => compileAt(valueAt(data, at), at, credentials, context)));
}

const spotsOf = (path: DataPath): DataPath[] => (path.length === 0 ? [['providers']] : [['providers'], [...path, 'providers']]);

/** Public fields of the file's configurations, which templates read as `providers.NAME.description`. */
export function providersIn(data: Json, path: DataPath): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const at of spotsOf(path)) {
    const providers = valueAt(data, at);
    for (const [name, entry] of Object.entries(isObject(providers) ? providers : {})) {
      const { authentication: _, ...facts } = isObject(entry) ? entry : {};
      found.set(name, { name, ...facts });
    }
  }
  return found;
}

function compileAt(providers: Json, path: DataPath, position: TemplatePosition, context: StepContext): Record<string, Value> {
  const compiled = Object.entries(isObject(providers) ? providers : {}).flatMap(([name, entry]): [string, Value][] => {
    if (!isObject(entry)) return [];
    const at = [...path, name, 'authentication'];
    const credentials = entry.authentication ?? {};
    const isWhole = typeof entry.type === 'string';
    for (const type of typesOf(name, entry, context)) checkCredentials(type, credentials, isWhole, at, context);
    return [[name, compileTree(credentials, at, position, context)]];
  });
  return Object.fromEntries(compiled);
}

/** The providers that use a configuration: its `type`, or those of the steps that name it. */
function typesOf(name: string, { type }: JsonObject, { configs }: StepContext): Set<string> {
  if (typeof type === 'string') return new Set([type]);
  return new Set(configs.flatMap((use) => ((use.name ?? use.provider) === name ? [use.provider] : [])));
}

/** Where it says no type, missing keys may be in a source outside of the workflow, such as `providers.yaml`. */
function checkCredentials(
  type: string,
  credentials: Json,
  isWhole: boolean,
  path: DataPath,
  { providers, report }: StepContext,
): void {
  const schemas = providers.get(type);
  if (!schemas) return;
  const issues = checkSchema(schemas.config, credentials, { isOpen: hasTemplate });
  report.issues(
    path,
    issues.filter(({ code }) => isWhole || code !== 'missing-key'),
  );
}
