import { iterations, type Keyword, type KeywordCompiler, type KeywordEffect, keywords } from '../keywords/index.ts';
import type { ProviderUse, Scope, StepPlan, Value } from '../plan/plan.ts';
import { extendScope } from '../plan/scope.ts';
import type { StepTemplate } from '../plan/step-template.ts';
import { ERRORS } from '../shared/errors/errors.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import { defaultTemplateOf, isLive, type SchemaNode, type TSchema } from '../shared/schema/schema.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import type { Reference } from '../values/index.ts';
import { hasTemplate, isWritten } from './checked-value.ts';
import { compileConfig, noteConfig } from './compile-config.ts';
import { compileGroup } from './compile-group.ts';
import { compileCondition, compilePairs, compileTree, isParameter } from './compile-value.ts';
import { hasErrors, placeText } from './diagnostic.ts';
import { argumentsOf, functionName } from './function-tool.ts';
import { reportNotInstalled } from './not-installed.ts';
import type { ParamsUse, StepContext } from './step-context.ts';
import { ProviderUseSchema, StepSchema, withKeys } from './step-schema.ts';
import type { TemplatePosition } from './template-position.ts';
import { valueAt } from './unfold.ts';

export function compileStep(
  data: JsonObject,
  path: DataPath,
  kind: StepPlan['kind'],
  position: TemplatePosition,
  context: StepContext,
): StepPlan {
  const step: StepPlan = {
    name: typeof data.name === 'string' ? data.name : String(path.at(-1)),
    kind,
    place: placeText(context.parsed.locate(path)),
    provider: undefined,
    group: undefined,
    needs: undefined,
    toleratesFailure: false,
    gates: false,
    endsList: false,
    wraps: [],
  };
  let inner: TemplatePosition = position;
  for (const keyword of keywords) {
    if (!isUsed(keyword, data) || !fits(keyword, data, context)) continue;
    const effect = keyword.compile(data, keywordCompiler(data, path, inner, context));
    applyEffect(effect, step, path, context);
    inner = withRoots(inner, effect);
  }
  inner = { ...inner, trustedItems: trustedItems(data, position, context) };
  if (kind === 'step') noteLosses(data, path, context);
  const group = compileGroup(data, path, inner, context, compileStep);
  if (group) return { ...step, group, gates: group.branches.flat().some(({ gates }) => gates) };
  if (data.provider === undefined && Object.keys(data).every((key) => Object.hasOwn(StepSchema.properties, key)))
    reportNoWork(data, path, context);
  const provider = compileProviderUse(data.provider, [...path, 'provider'], inner, context, withKeys);
  return { ...step, provider, gates: gatesOthers(step, data.provider, path, context) };
}

/** Whether a step lets later ones start only when it succeeds. */
function gatesOthers({ name, toleratesFailure }: StepPlan, use: Json | undefined, path: DataPath, context: StepContext): boolean {
  if (!isObject(use)) return false;
  const decides = context.providers.get(String(use.type))?.gates;
  const gates = decides?.(isObject(use.with) ? use.with : {}) === true && !toleratesFailure;
  if (decides && !gates) context.facts.toBeRead.push({ name, path });
  return gates;
}

function applyEffect(effect: KeywordEffect, step: StepPlan, path: DataPath, context: StepContext): void {
  if (effect.wrap) step.wraps.push(effect.wrap);
  if (effect.needs) step.needs = effect.needs;
  if (effect.toleratesFailure) step.toleratesFailure = true;
  if (effect.endsList) step.endsList = true;
  if (effect.usesAlerts) context.facts.usesAlerts = true;
  for (const named of effect.errorCodes ?? []) checkErrorCode(named, path, context);
}

/** Reports unknown error codes, because a mistyped code would silently never match. */
function checkErrorCode({ code, path: inner }: { code: string; path: DataPath }, path: DataPath, context: StepContext): void {
  const known = [...Object.keys(ERRORS), ...[...context.providers.values()].flatMap(({ errors }) => errors)];
  if (known.includes(code)) return;
  const meant = didYouMean(code, known);
  const hint = meant ?? 'A provider declares its own codes in `errors`; `threadline providers NAME` lists them.';
  const severity = meant === undefined ? 'warning' : 'error';
  const message = `no provider of this file declares the error code \`${code}\``;
  context.report.at([...path, ...inner], { code: 'invalid-value', severity, message, hint });
}

function withRoots(position: TemplatePosition, { roots, fields = {} }: KeywordEffect): TemplatePosition {
  const extraRoots: Record<string, ReadonlySet<string> | undefined> = { ...position.extraRoots, ...roots };
  for (const [root, added] of Object.entries(fields)) {
    const isOpen = Object.hasOwn(extraRoots, root) && extraRoots[root] === undefined;
    if (!isOpen) extraRoots[root] = new Set([...(extraRoots[root] ?? []), ...added]);
  }
  return { ...position, extraRoots };
}

/** Items of a literal list are as trustworthy as the file's author. */
function trustedItems(data: JsonObject, position: TemplatePosition, context: StepContext): ReadonlySet<string> {
  const trusted = new Set(position.trustedItems);
  for (const { name, key } of iterations) {
    const items = data[key];
    if (items === undefined) continue;
    if (isWritten(items, position, context)) trusted.add(name);
    else trusted.delete(name);
  }
  return trusted;
}

const isUsed = ({ keys, withKeys: own = {} }: Keyword, data: JsonObject): boolean => {
  const given = isObject(data.provider) && isObject(data.provider.with) ? data.provider.with : {};
  return Object.keys(keys).some((key) => Object.hasOwn(data, key)) || Object.keys(own).some((key) => Object.hasOwn(given, key));
};

/** Reports that in a step (not an action), Keep drops decimal numbers and nulls, and turns `{key: x}` into the text x. */
function noteLosses({ provider }: JsonObject, path: DataPath, context: StepContext): void {
  for (const [key, value] of Object.entries(isObject(provider) && isObject(provider.with) ? provider.with : {})) {
    const isLost = value === null || (typeof value === 'number' && !Number.isInteger(value));
    const isFlattened = isObject(value) && Object.hasOwn(value, 'key') && !isParameter(value);
    if (!isLost && !isFlattened) continue;
    const message = isLost
      ? `Keep does not hand \`${key}\` to the provider`
      : `Keep hands only the text of \`key\` to the provider`;
    context.report.at([...path, 'provider', 'with', key], { code: 'keep-ignores', severity: 'note', message }, 'key');
  }
}

/** Tells whether the keyword's values have the right types; wrong ones have been reported. */
function fits({ keys }: Keyword, data: JsonObject, { report }: StepContext): boolean {
  if (!hasErrors(report.diagnostics)) return true;
  return Object.entries(keys).every(([key, schema]) => data[key] === undefined || checkSchema(schema, data[key]).length === 0);
}

function reportNoWork(data: JsonObject, path: DataPath, context: StepContext): void {
  const message = `step \`${String(data.name ?? path.at(-1))}\` has nothing to do`;
  const hint = 'Give it a `provider`, or `steps`, `parallel` or `switch`.';
  context.report.at(path, { code: 'missing-key', message, hint }, 'key');
}

/** The roots of a keyword exist for the keywords inside it, but not for its own value. */
function keywordCompiler(data: JsonObject, path: DataPath, position: TemplatePosition, context: StepContext): KeywordCompiler {
  const report = (inner: DataPath, message: string, hint: string | undefined, difference: boolean) => {
    const kind = difference ? ({ code: 'keep-difference', severity: 'note' } as const) : ({ code: 'invalid-value' } as const);
    context.report.at([...path, ...inner], { ...kind, message, ...(hint ? { hint } : {}) }, 'key');
  };
  return {
    value: (inner, wants) => compileTree(valueAt(data, inner), [...path, ...inner], { ...position, wants }, context),
    expression(inner, wants) {
      const value = valueAt(data, inner);
      return typeof value === 'string'
        ? compileCondition(value, [...path, ...inner], { ...position, wants }, context)
        : () => value;
    },
    pairs: (inner, isPaired, wants) =>
      compilePairs(String(valueAt(data, inner)), isPaired, [...path, ...inner], { ...position, wants }, context),
    ofResults(inner) {
      const value = valueAt(data, inner);
      const own = { ...position, extraRoots: { ...position.extraRoots, results: undefined } };
      if (typeof value === 'string' && /^\s*results\s*([.[]|$)/.test(value))
        return { value: compileCondition(value, [...path, ...inner], own, context), isLate: true };
      const collected: Reference[] = [];
      const compiled = compileTree(value, [...path, ...inner], own, { ...context, collected });
      return { value: compiled, isLate: collected.some(({ root }) => root === 'results') };
    },
    problem: (inner, message, hint) => report(inner, message, hint, false),
    difference: (inner, message, hint) => report(inner, message, hint, true),
  };
}

/** `provider: {type, config, with}`, in a step or in the function of an assistant. */
function compileProviderUse(
  data: Json | undefined,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
  hostKeys: Readonly<Record<string, TSchema>> = {},
): ProviderUse {
  const use: ProviderUse = { type: '', config: undefined, params: () => ({}), defaults: undefined };
  if (!isObject(data) || typeof data.type !== 'string') return use;
  use.type = data.type;
  const schemas = context.providers.get(data.type);
  const caller = callerAt(position);
  if (!schemas) reportNotInstalled(data.type, caller, [...path, 'type'], context);
  const config = compileConfig(data.config, [...path, 'config'], position, context, schemas);
  use.config = config?.value;
  const params = withoutHostKeys(data.with, [...path, 'with'], hostKeys, context);
  if (!isObject(data.config)) noteConfig({ provider: data.type, name: config?.name, params }, path, caller, context);
  context.providerPlaces.push({
    step: caller,
    provider: data.type,
    isIterated: context.names.steps.get(position.step ?? '')?.isIterated === true,
    place: placeText(context.parsed.locate([...path, 'type'])),
    config: use.config,
    configIsLate: config?.isLate ?? false,
    params,
  });
  if (schemas) {
    const issues = checkSchema(schemas.params, params, { isOpen: (value, schema) => isUnknownYet(value) || isLive(schema) });
    context.report.issues(data.with === undefined ? path : [...path, 'with'], issues);
    // The shape is valid in both cases, so the provider can check further.
    if (issues.every((issue) => issue.code === 'invalid-value' || issue.code === 'unknown-key')) {
      const isComplete = issues.every((issue) => issue.code !== 'unknown-key');
      const locate: ParamsUse['locate'] = (inner, part) => context.parsed.locate([...path, 'with', ...inner], part);
      context.params.push({ provider: data.type, params, locate, isComplete });
    }
  }
  use.params = compileTree(params, [...path, 'with'], position, context, schemas ? [schemas.params] : []);
  use.defaults = compileDefaults(schemas?.params, params, path, position, context);
  return use;
}

/** Name of the caller in stubs: a step, or a function tool such as `triage/recent_deploys`. */
const callerAt = ({ step = '', tool }: TemplatePosition): string => (tool === undefined ? step : `${step}/${tool}`);

const isUnknownYet = (value: Json): boolean => hasTemplate(value) || (isObject(value) && isParameter(value));

/** Removes keys of keywords from `with:` after checking them, because the provider must not get them. */
function withoutHostKeys(
  data: Json | undefined,
  path: DataPath,
  hostKeys: Readonly<Record<string, TSchema>>,
  context: StepContext,
): JsonObject {
  const params: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(data) ? data : {})) {
    const schema = hostKeys[key];
    if (!schema) params[key] = value;
    else context.report.issues([...path, key], checkSchema(schema, value, { isOpen: (inner) => hasTemplate(inner) }));
  }
  return params;
}

/** Fills in parameters whose default is a template; a missing value gives null. */
function compileDefaults(
  schema: SchemaNode | undefined,
  given: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
): Value | undefined {
  const properties = Object.entries((schema?.properties as Record<string, SchemaNode> | undefined) ?? {});
  const defaults = properties.flatMap(([key, property]): [string, Json][] => {
    const template = defaultTemplateOf(property);
    return template === undefined || Object.hasOwn(given, key) ? [] : [[key, { key: template, default: null }]];
  });
  if (defaults.length === 0) return undefined;
  return compileTree(Object.fromEntries(defaults), path, { ...position, openRoots: true }, { ...context, reads: new Set() });
}

/** Compiles the step of a function tool, which is rendered at each call with the model's arguments as `args`. */
export function compileStepTemplate(
  data: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: StepContext,
): (scope: Scope) => StepTemplate {
  context.report.issues(path, checkSchema(ProviderUseSchema, data));
  const tool = valueAt(context.parsed.data, path.slice(0, -1));
  const name = functionName(tool) ?? String(path.at(-1));
  const inner: TemplatePosition = {
    ...position,
    tool: position.tool === undefined ? name : `${position.tool}/${name}`,
    extraRoots: { ...position.extraRoots, args: argumentsOf(tool) },
  };
  const use = compileProviderUse(data, path, inner, context);
  return (scope) => ({
    name,
    provider: use.type,
    config: use.config?.(scope) ?? null,
    toJSON: () => ({ name, provider: use.type }),
    render(args) {
      const inside = extendScope(scope, { args });
      return { ...(use.defaults?.(inside) as JsonObject | undefined), ...(use.params(inside) as JsonObject) };
    },
  });
}
