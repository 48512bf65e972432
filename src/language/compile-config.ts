import type { Value } from '../plan/plan.ts';
import { type DataPath, isObject, type Json } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import type { Reference } from '../values/index.ts';
import { hasTemplate } from './checked-value.ts';
import { compileTree } from './compile-value.ts';
import type { ConfigUse, ProviderSchemas, StepContext } from './step-context.ts';
import type { TemplatePosition } from './template-position.ts';

/** Compiles the name of a configuration, plain or as `{{ providers.NAME }}`, or a map of credentials. */
export function compileConfig(
  data: Json | undefined,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
  schemas: ProviderSchemas | undefined,
): { value: Value; isLate: boolean; name?: string } | undefined {
  if (data === undefined) return undefined;
  if (isObject(data)) {
    if (schemas) context.report.issues(path, checkSchema(schemas.config, data, { isOpen: hasTemplate }));
    const collected: Reference[] = [];
    const value = compileTree(data, path, { ...position, onlyTrusted: true }, { ...context, collected });
    return { value, isLate: collected.some(({ root }) => !KNOWN_AT_START.has(root)) };
  }
  const name = String(data).match(/^\s*\{\{\s*providers\.([\w-]+)\s*\}\}\s*$/)?.[1] ?? String(data);
  if (name.includes('{{')) {
    const hint = 'Write `config: "{{ providers.NAME }}"`.';
    context.report.at(path, { code: 'invalid-value', message: 'a configuration is chosen by name', hint });
  }
  return { value: () => name, isLate: false, name };
}

/** Notes what a call uses of configurations that are not written in it, for checks outside of the workflow. */
export function noteConfig(
  use: Pick<ConfigUse, 'provider' | 'name' | 'params'>,
  path: DataPath,
  caller: string,
  context: StepContext,
) {
  const { provider, name } = use;
  if (context.isStubbed?.(provider, caller)) return;
  const place = context.parsed.locate([...path, name === undefined ? 'type' : 'config']);
  const isOwn = [name ?? provider, `default-${provider}`].some((own) => context.names.providers.has(own));
  context.configs.push({ ...use, isOwn, place });
}

/** Constants may read an item, so they count as late. */
const KNOWN_AT_START: ReadonlySet<string> = new Set(['inputs', 'env', 'secrets']);
