import { checkSchema } from '../check-schema.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { type KeywordCompiler, keywords } from '../keywords/index.ts';
import type { ProviderUse, Scope, StepPlan, Value } from '../plan.ts';
import type { StepTemplate } from '../provider/contract.ts';
import { meaningOf, type SchemaNode } from '../schema.ts';
import { didYouMean } from '../suggest.ts';
import { compileCondition, compileTree, hasTemplate, type ValueContext } from './compile-value.ts';
import { placeText } from './diagnostic.ts';
import type { ParsedFile, Path } from './parse.ts';
import type { Site } from './references.ts';
import { ProviderUseSchema } from './schema.ts';

/** What the language needs to know of a provider. */
export interface ProviderSchemas {
  params: SchemaNode;
  config: SchemaNode;
}

/** A `with:` of the right keys and types, for the provider's own checks. */
export interface ParamsUse {
  provider: string;
  params: JsonObject;
  path: Path;
  /** No key of it is unknown, so that one that is not there is missing indeed. */
  isComplete: boolean;
}

export interface StepContext extends ValueContext {
  parsed: ParsedFile;
  providers: ReadonlyMap<string, ProviderSchemas>;
  /** Names of all providers that could be loaded. */
  installed: readonly string[];
  params: ParamsUse[];
}

export function compileStep(data: JsonObject, path: Path, kind: StepPlan['kind'], site: Site, context: StepContext): StepPlan {
  const step: StepPlan = {
    name: typeof data.name === 'string' ? data.name : String(path.at(-1)),
    kind,
    place: placeText(context.parsed.locate(path)),
    provider: { type: '', config: undefined, params: () => ({}) },
    needs: undefined,
    toleratesFailure: false,
    wraps: [],
  };
  const extraRoots = new Set(site.extraRoots);
  const compiler = keywordCompiler(path, { ...site, extraRoots }, context);
  for (const keyword of keywords) {
    if (!Object.keys(keyword.keys).some((key) => Object.hasOwn(data, key))) continue;
    const effect = keyword.compile(data, compiler);
    if (effect.wrap) {
      step.wraps.push(effect.wrap);
      for (const root of keyword.roots ?? []) extraRoots.add(root);
    }
    if (effect.needs) step.needs = effect.needs;
    if (effect.toleratesFailure) step.toleratesFailure = true;
  }
  const trustsForeach = isLiteral(data.foreach);
  step.provider = compileProviderUse(data.provider, [...path, 'provider'], { ...site, extraRoots, trustsForeach }, context);
  return step;
}

const isLiteral = (value: Json | undefined): boolean => value !== undefined && !JSON.stringify(value).includes('{{');

/** The roots that a keyword adds are there for the keywords inside it, not for its own value. */
function keywordCompiler(path: Path, site: Site, context: StepContext): KeywordCompiler {
  const valueAt = (inner: readonly (string | number)[]): Json =>
    inner.reduce<Json>((value, key) => childOf(value, key), childOf(context.parsed.data, path));
  return {
    value: (inner) =>
      compileTree(valueAt(inner), [...path, ...inner], { ...site, extraRoots: new Set(site.extraRoots) }, context),
    expression(inner) {
      const value = valueAt(inner);
      if (typeof value !== 'string') return () => value;
      return compileCondition(value, [...path, ...inner], { ...site, extraRoots: new Set(site.extraRoots) }, context);
    },
    problem: (inner, message, hint) =>
      context.report.at([...path, ...inner], { code: 'invalid-value', message, ...(hint ? { hint } : {}) }, 'key'),
  };
}

function childOf(value: Json, key: string | number | Path): Json {
  if (typeof key === 'object') return key.reduce<Json>(childOf, value);
  if (Array.isArray(value)) return value[Number(key)] ?? null;
  return isObject(value) ? (value[String(key)] ?? null) : null;
}

/** `provider: {type, config, with}`, in a step or in the function of an assistant. */
export function compileProviderUse(data: Json | undefined, path: Path, site: Site, context: StepContext): ProviderUse {
  const use: ProviderUse = { type: '', config: undefined, params: () => ({}) };
  if (!isObject(data) || typeof data.type !== 'string') return use;
  use.type = data.type;
  const schemas = context.providers.get(data.type);
  if (!schemas) {
    const hint = didYouMean(data.type, context.installed) ?? `Installed are: ${context.installed.join(', ')}.`;
    context.report.at([...path, 'type'], { code: 'unknown-provider', message: `there is no provider \`${data.type}\``, hint });
  }
  use.config = compileConfig(data.config, [...path, 'config'], site, context, schemas);
  const params = isObject(data.with) ? data.with : {};
  if (schemas) {
    const issues = checkSchema(schemas.params, params, {
      isOpen: (value, schema) => hasTemplate(value) || meaningOf(schema) === 'step',
    });
    context.report.issues(data.with === undefined ? path : [...path, 'with'], issues);
    // Neither leaves the shape wrong, so that the provider can look for more.
    if (issues.every((issue) => issue.code === 'invalid-value' || issue.code === 'unknown-key')) {
      const isComplete = issues.every((issue) => issue.code !== 'unknown-key');
      context.params.push({ provider: data.type, params, path: [...path, 'with'], isComplete });
    }
  }
  use.params = compileTree(params, [...path, 'with'], site, context, schemas ? [schemas.params] : []);
  return use;
}

/** A name of a configuration, out of `{{ providers.NAME }}` or as it is; or a map of credentials. */
function compileConfig(
  data: Json | undefined,
  path: Path,
  site: Site,
  context: StepContext,
  schemas: ProviderSchemas | undefined,
): Value | undefined {
  if (data === undefined) return undefined;
  if (isObject(data)) {
    if (schemas) context.report.issues(path, checkSchema(schemas.config, data, { isOpen: hasTemplate }));
    return compileTree(data, path, { ...site, onlyTrusted: true }, context);
  }
  const name = String(data).match(/^\s*\{\{\s*providers\.([\w-]+)\s*\}\}\s*$/)?.[1] ?? String(data);
  if (name.includes('{{')) {
    const hint = 'Write `config: "{{ providers.NAME }}"`.';
    context.report.at(path, { code: 'invalid-value', message: 'a configuration is chosen by name', hint });
  }
  return () => name;
}

/** The step of a function tool: rendered at each call, with the model's arguments as `args`. */
export function compileStepTemplate(
  data: JsonObject,
  path: Path,
  site: Site,
  context: StepContext,
): (scope: Scope) => StepTemplate {
  context.report.issues(path, checkSchema(ProviderUseSchema, data));
  const inner: Site = { ...site, extraRoots: new Set([...site.extraRoots, 'args']) };
  const use = compileProviderUse(data, path, inner, context);
  return (scope) => ({
    provider: use.type,
    config: use.config?.(scope) ?? null,
    render: (args) => use.params(Object.assign(Object.create(null), scope, { args })) as JsonObject,
  });
}
