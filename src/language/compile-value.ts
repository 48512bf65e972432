import { iterations, keywordRoots } from '../keywords/index.ts';
import type { Scope, TextReference, Value } from '../plan/plan.ts';
import { extendScope } from '../plan/scope.ts';
import type { ItemTemplate, StepTemplate } from '../plan/step-template.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { isGlob, isMeant, meaningOf, type SchemaNode } from '../shared/schema/schema.ts';
import { type Compiled, compileExpression, compileTemplate, type Reference, rootNames } from '../values/index.ts';
import type { Place } from './diagnostic.ts';
import type { ParsedFile, Path } from './parse.ts';
import { checkReference, isTrusted } from './references.ts';
import type { Report } from './report.ts';
import type { Names, TemplatePosition } from './template-position.ts';
import { compileUrl } from './url.ts';

/** A file that the workflow names, for whoever may look whether it is there. */
export interface FileUse {
  file: string;
  place: Place;
}

/** What compiling values needs to know of the file, and what it finds out. */
export interface ValueContext {
  parsed: ParsedFile;
  report: Report;
  names: Names;
  stepNames: readonly string[];
  files: FileUse[];
  /** Workflows that this one calls. */
  workflows: FileUse[];
  reads: Set<string>;
  /** Everything that the file's texts read, with whole paths. */
  references: TextReference[];
  /** Functions that the file's texts call, such as `keep.get_firing_time`. */
  calls: Set<string>;
  /** Where references are collected instead: of a constant, which is checked where it is read. */
  collected?: Reference[];
  /** Compiles a place that means `step`. */
  compileStepTemplate(data: JsonObject, path: Path, position: TemplatePosition): (scope: Scope) => StepTemplate;
}

const keywordRootNames = [...keywordRoots.keys()];
const compileOptions = ({ stepNames }: ValueContext) => ({ stepNames, roots: keywordRootNames });

export const hasTemplate = (value: unknown): boolean =>
  typeof value === 'string' && (value.includes('{{') || /\bkeep\.\w+\(/.test(value));

/** Compiles a tree of data with templates in it. `schemas` are those that the place may have, for what strings mean. */
export function compileTree(
  data: Json,
  path: Path,
  position: TemplatePosition,
  context: ValueContext,
  schemas: SchemaNode[] = [],
): Value {
  const meaning = expand(schemas)
    .filter((schema) => typeof data !== 'string' || isMeant(schema, data))
    .map(meaningOf)
    .find((found) => found !== undefined);
  if (meaning === 'step' && isObject(data)) {
    const template = context.compileStepTemplate(data, path, position);
    // A StepTemplate travels in params as a live object; the schema says where, and call.ts does not check it as data.
    return (scope) => template(scope) as unknown as Json;
  }
  if (meaning === 'item' || meaning === 'item-condition')
    return compileItemTemplate(data, path, position, context, meaning === 'item-condition');
  if (typeof data === 'string') return compileText(data, path, position, context, meaning);
  if (Array.isArray(data)) return compileList(data, path, position, context, schemas);
  if (isObject(data)) return compileMap(data, path, position, context, schemas);
  return () => data;
}

/** A value that the provider computes for each item of its own: the item's fields stand beside the roots. */
function compileItemTemplate(
  data: Json,
  path: Path,
  position: TemplatePosition,
  context: ValueContext,
  isCondition: boolean,
): Value {
  const inner: TemplatePosition = { ...position, openRoots: true };
  const value =
    isCondition && typeof data === 'string'
      ? finish(compileItemExpression(data, context), path, inner, context)
      : compileItemValues(data, path, inner, context);
  return (scope) => {
    const template: ItemTemplate = { render: (item) => value(extendScope(scope, { ...fieldsOf(item, scope), item })) };
    return template as unknown as Json;
  };
}

/** Data stands for no root: a field called `consts` is read as `item.consts`. */
function fieldsOf(item: Json, scope: Scope): JsonObject {
  const fields = Object.entries(isObject(item) ? item : {});
  return Object.fromEntries(fields.filter(([name]) => !Object.hasOwn(scope, name)));
}

/** Keep's rules choose by `a ? b : c` in plain text; text that is no such expression, a URL say, stays text. */
function compileItemValues(data: Json, path: Path, position: TemplatePosition, context: ValueContext): Value {
  if (isObject(data)) {
    const entries = Object.entries(data).map(
      ([key, item]) => [key, compileItemValues(item, [...path, key], position, context)] as const,
    );
    return (scope) => Object.fromEntries(entries.map(([key, value]) => [key, value(scope)]));
  }
  if (typeof data !== 'string' || !CHOICE.test(data)) return compileTree(data, path, position, context);
  const chosen = compileItemExpression(data, context);
  return chosen.problems.length === 0 ? finish(chosen, path, position, context) : compileTree(data, path, position, context);
}

/** An item is a payload: in an expression, a field that it lacks is null. */
const compileItemExpression = (text: string, { stepNames }: ValueContext): Compiled =>
  compileExpression(text, { stepNames, scopeIsPayload: true });

const CHOICE = /\{\{.*\?.*:/s;

function compileList(data: Json[], path: Path, position: TemplatePosition, context: ValueContext, schemas: SchemaNode[]): Value {
  const inner = expand(schemas).flatMap((schema) => (isObject(schema.items) ? [schema.items as SchemaNode] : []));
  const items = data.map((item, index) => compileTree(item, [...path, index], position, context, inner));
  return (scope) => items.map((item) => item(scope));
}

function compileMap(
  data: JsonObject,
  path: Path,
  position: TemplatePosition,
  context: ValueContext,
  schemas: SchemaNode[],
): Value {
  const candidates = expand(schemas);
  if (isParameter(data) && !candidates.some((schema) => childSchema(schema, 'default').length > 0))
    return compileParameter(data, path, position, context, schemas);
  const entries = Object.entries(data).map(([key, item]): [string, Value] => {
    const inner = candidates.flatMap((schema) => childSchema(schema, key));
    return [key, compileTree(item, [...path, key], position, context, inner)];
  });
  return (scope) => {
    const result: JsonObject = {};
    for (const [key, value] of entries) result[key] = value(scope);
    return result;
  };
}

const PARAMETER_KEYS = new Set(['key', 'default', 'safe']);

/** Keep's `{key: "{{ path }}", default: 0}`: a value, and what stands for it where it is missing. */
export const isParameter = (data: JsonObject): boolean =>
  Object.hasOwn(data, 'key') && Object.keys(data).length > 1 && Object.keys(data).every((key) => PARAMETER_KEYS.has(key));

function compileParameter(
  data: JsonObject,
  path: Path,
  position: TemplatePosition,
  context: ValueContext,
  schemas: SchemaNode[],
): Value {
  const value = compileTree(data.key ?? null, [...path, 'key'], position, context, schemas);
  const hasDefault = Object.hasOwn(data, 'default');
  const otherwise = compileTree(data.default ?? null, [...path, 'default'], position, context, schemas);
  const forgives = hasDefault || data.safe === false;
  return (scope) => {
    try {
      const found = value(scope);
      return found === null && hasDefault ? otherwise(scope) : found;
    } catch (thrown) {
      if (forgives && thrown instanceof ThreadlineError && thrown.code === 'missing_value') return otherwise(scope);
      throw thrown;
    }
  };
}

const expand = (schemas: SchemaNode[]): SchemaNode[] =>
  schemas.flatMap((schema) => [schema, ...expand((schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) as SchemaNode[])]);

function childSchema(schema: SchemaNode, key: string): SchemaNode[] {
  const properties = schema.properties as Record<string, SchemaNode> | undefined;
  if (properties && Object.hasOwn(properties, key)) return [properties[key] as SchemaNode];
  if (isObject(schema.additionalProperties)) return [schema.additionalProperties as SchemaNode];
  return Object.values((schema.patternProperties as Record<string, SchemaNode> | undefined) ?? {});
}

function compileText(
  text: string,
  path: Path,
  position: TemplatePosition,
  context: ValueContext,
  meaning: string | undefined,
): Value {
  if (meaning === 'url') return compileUrlText(text, path, position, context);
  if (meaning === 'workflow') return compileWorkflowPath(text, path, context);
  if (!hasTemplate(text) && !text.includes('{%') && !text.includes('{#') && !text.includes('\\{{')) {
    if (meaning === 'file' || (meaning === 'files' && !isGlob(text)))
      context.files.push({ file: text, place: context.parsed.locate(path) });
    return () => text;
  }
  const compiled = compileTemplate(text, compileOptions(context));
  const value = finish(compiled, path, position, context);
  if (meaning === 'file' || meaning === 'files') refuseUntrusted(compiled, path, position, context, () => true, 'a file');
  if (meaning === 'program') refuseUntrusted(compiled, path, position, context, () => true, 'a program');
  if (position.onlyTrusted) refuseUntrusted(compiled, path, position, context, () => true, 'a configuration');
  return value;
}

function compileWorkflowPath(text: string, path: Path, context: ValueContext): Value {
  const place = context.parsed.locate(path);
  if (hasTemplate(text)) {
    const message = 'which workflow is called must be written out';
    const hint = 'Choose between written calls with `if` or `switch`.';
    context.report.at(path, { code: 'untrusted-target', message, hint });
  } else context.workflows.push({ file: text, place });
  return () => text;
}

function compileUrlText(text: string, path: Path, position: TemplatePosition, context: ValueContext): Value {
  const { compiled, choosesHost } = compileUrl(text, context.stepNames);
  refuseUntrusted(compiled, path, position, context, choosesHost, 'a host');
  return finish(compiled, path, position, context);
}

const SAID_IN_BRACES = /^\s*\{\{[^{}]*?(?:[=!<>]=|[<>]|&&|\|\||\sand\s|\sor\s)[^{}]*\}\}\s*$/;

/** The tags of `{{ a }} && {{ b }}`, each for itself. */
export function compilePairs(
  text: string,
  isPaired: boolean,
  path: Path,
  position: TemplatePosition,
  context: ValueContext,
): Value[] {
  const found = isPaired ? [...text.matchAll(/\{\{[^{}]*\}\}/g)].map(({ 0: tag, index }) => ({ tag, index })) : [];
  const parts = isPaired ? found : [{ tag: text.trim(), index: text.length - text.trimStart().length }];
  return parts.map(({ tag, index }) => finish(compileTemplate(tag, compileOptions(context)), path, position, context, index));
}

export function compileCondition(text: string, path: Path, position: TemplatePosition, context: ValueContext): Value {
  if (SAID_IN_BRACES.test(text)) {
    const message = 'in Keep a condition inside of `{{ }}` is never true';
    context.report.at(path, { code: 'keep-difference', severity: 'note', message, hint: 'Here it means what it says.' });
  }
  return finish(compileExpression(text, compileOptions(context)), path, position, context);
}

/** Reports what is wrong with the text itself and with what it reads. `start`: where in the string at `path` it begins. */
function finish(compiled: Compiled, path: Path, position: TemplatePosition, context: ValueContext, start = 0): Value {
  const at = ({ offset, length }: { offset: number; length: number }) => ({ offset: start + offset, length });
  for (const problem of compiled.problems)
    context.report.inside(path, { ...problem, message: problem.message.replace(/\.$/, '') }, at(problem));
  for (const name of compiled.calls) context.calls.add(name);
  const broken = new Set(compiled.problems.map((problem) => problem.offset));
  for (const reference of compiled.references) {
    if (broken.has(reference.offset)) continue;
    context.reads.add(reference.root);
    if (typeof reference.path[0] === 'string') context.reads.add(`${reference.root}.${reference.path[0]}`);
    context.collected?.push(reference);
    const { root, path: keys } = reference;
    // A bare name that nothing fills is a field of an item.
    const isField = position.openRoots === true && !rootNames.includes(root) && !keywordRoots.has(root);
    const read = isField ? { root: 'item', path: [root, ...keys] } : { root, path: keys };
    const wants = wantedBy(reference, position);
    context.references.push({ ...read, step: position.step, wants, isOfIteration: ITEM_ROOTS.has(root) });
    const problem = checkReference(reference, context.names, position);
    if (problem) context.report.inside(path, problem, at(reference));
  }
  return (scope) => compiled.evaluate(scope);
}

/** Roots that read one item of the list that a step runs over. */
const ITEM_ROOTS = new Set(iterations.flatMap(({ name, iterates }) => (iterates === 'list' ? [name] : [])));

function wantedBy({ isSection, meant }: Reference, position: TemplatePosition): TextReference['wants'] {
  if (position.wants !== undefined) return position.wants;
  if (meant === 'number' || meant === 'time') return meant;
  return isSection || meant === 'list' ? 'section' : undefined;
}

/** Whether the file's author or whoever starts the workflow wrote all of it, by way of inputs or constants too. */
export function isWritten(data: Json, position: TemplatePosition, context: ValueContext): boolean {
  if (Array.isArray(data) || isObject(data)) return Object.values(data).every((item) => isWritten(item, position, context));
  if (typeof data !== 'string' || !hasTemplate(data)) return true;
  const { references } = compileTemplate(data, compileOptions(context));
  return references.every((reference) => isTrusted(reference, context.names, position));
}

function refuseUntrusted(
  compiled: Compiled,
  path: Path,
  position: TemplatePosition,
  context: ValueContext,
  matters: (offset: number) => boolean,
  what: string,
): void {
  for (const reference of compiled.references) {
    if (!matters(reference.offset) || isTrusted(reference, context.names, position)) continue;
    const problem = {
      code: 'untrusted-target' as const,
      message: `\`${reference.root}\` is data, and data must not choose ${what}`,
      hint: `Write ${what} out, or take it from inputs, consts or env.`,
    };
    context.report.inside(path, problem, reference);
  }
}
