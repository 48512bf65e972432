import type { Scope, Value } from '../plan/plan.ts';
import { extendScope } from '../plan/scope.ts';
import type { ItemTemplate } from '../plan/step-template.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { isGlob, isMeant, itemRootsOf, meaningOf, type SchemaNode } from '../shared/schema/schema.ts';
import { schemasOfItems, schemasOfKey, withBranches } from '../shared/schema/schema-branches.ts';
import { type Compiled, compileExpression, compileTemplate, isSomething } from '../values/index.ts';
import { compileOptions, finish, hasTemplate, isWorkflowRoot, refuseUntrusted } from './checked-value.ts';
import { partOfKey } from './key-text.ts';
import type { TemplatePosition } from './template-position.ts';
import { textIfNeeded } from './text-value.ts';
import { compileUrl } from './url.ts';
import type { ValueContext } from './value-context.ts';

/** Compiles a tree of data with templates. The possible `schemas` of the place tell the meaning of strings. */
export function compileTree(
  data: Json,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
  schemas: SchemaNode[] = [],
): Value {
  const alternatives = withBranches(schemas);
  const meant = alternatives
    .filter((schema) => typeof data !== 'string' || isMeant(schema, data))
    .find((schema) => meaningOf(schema) !== undefined);
  const meaning = meant && meaningOf(meant);
  if (meaning === 'step' && isObject(data)) {
    const template = context.compileStepTemplate(data, path, position);
    // A StepTemplate travels in params as a live object; the schema says where, and call.ts does not check it as data.
    return (scope) => template(scope) as unknown as Json;
  }
  if (meant && (meaning === 'item' || meaning === 'item-condition'))
    return compileItemTemplate(data, path, itemPosition(position, itemRootsOf(meant)), context, meaning === 'item-condition');
  if (typeof data === 'string') return textIfNeeded(compileText(data, path, position, context, meaning), alternatives);
  if (Array.isArray(data)) return compileList(data, path, position, context, schemas);
  if (isObject(data)) return compileMap(data, path, position, context, schemas);
  return () => data;
}

/** Where the fields of items are not known beforehand, any name may be one. */
function itemPosition(position: TemplatePosition, roots: readonly string[] | undefined): TemplatePosition {
  if (!roots) return { ...position, openRoots: true };
  const known = Object.fromEntries(roots.map((name) => [name, undefined]));
  return { ...position, extraRoots: { ...position.extraRoots, ...known } };
}

/** Compiles a value that the provider evaluates for each of its own items, whose fields are added to the roots. */
function compileItemTemplate(
  data: Json,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
  isCondition: boolean,
): Value {
  const value =
    isCondition && typeof data === 'string'
      ? finish(compileItemExpression(data, context, true), path, position, context)
      : compileItemValues(data, path, position, context);
  return (scope) => {
    const valueFor = (item: Json) => value(extendScope(scope, { ...fieldsOf(item, scope), item }));
    const condition = { render: (item: Json) => isSomething(valueFor(item)), toJSON: () => data };
    return (isCondition ? condition : shownTemplate(valueFor, data)) as unknown as Json;
  };
}

/** Shows what it has given; before that, what it gives without an item, or as it is written where it needs one. */
function shownTemplate(render: ItemTemplate['render'], written: Json): ItemTemplate {
  const rendered = new Map<string, Json>();
  return {
    render(item) {
      const value = render(item);
      rendered.set(JSON.stringify(value), value);
      return value;
    },
    toJSON() {
      const [first, second] = rendered.values();
      if (second !== undefined) return [...rendered.values()];
      if (first !== undefined) return first;
      try {
        return render(null);
      } catch {
        return written;
      }
    },
  };
}

/** Fields never hide roots: a field called `consts` is read as `item.consts`. */
function fieldsOf(item: Json, scope: Scope): JsonObject {
  const fields = Object.entries(isObject(item) ? item : {});
  return Object.fromEntries(fields.filter(([name]) => !Object.hasOwn(scope, name)));
}

/** Keep's rules write `a ? b : c` as plain text. Text that does not parse as such an expression, such as a URL, stays text. */
function compileItemValues(data: Json, path: DataPath, position: TemplatePosition, context: ValueContext): Value {
  if (isObject(data)) {
    const entries = Object.entries(data).map(([key, item]) => {
      refuseTag(key, path, context);
      return [key, compileItemValues(item, [...path, key], position, context)] as const;
    });
    return (scope) => Object.fromEntries(entries.map(([key, value]) => [key, value(scope)]));
  }
  if (typeof data !== 'string' || !CHOICE.test(data)) return compileTree(data, path, position, context);
  const chosen = compileItemExpression(data, context, false);
  return chosen.problems.length === 0 ? finish(chosen, path, position, context) : compileTree(data, path, position, context);
}

/** Items count as payloads: a missing field is null, and as in a trigger, a condition on it does not hold. */
const compileItemExpression = (text: string, { stepNames }: ValueContext, falseIfMissing: boolean): Compiled =>
  compileExpression(text, { stepNames, isField: (root) => !isWorkflowRoot(root), falseIfMissing });

const CHOICE = /\{\{.*\?.*:/s;

function compileList(
  data: Json[],
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
  schemas: SchemaNode[],
): Value {
  const inner = withBranches(schemas).flatMap(schemasOfItems);
  const items = data.map((item, index) => compileTree(item, [...path, index], position, context, inner));
  return (scope) => items.map((item) => item(scope));
}

function compileMap(
  data: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
  schemas: SchemaNode[],
): Value {
  const candidates = withBranches(schemas);
  if (isParameter(data) && !candidates.some((schema) => schemasOfKey(schema, 'default').length > 0))
    return textIfNeeded(compileParameter(data, path, position, context, schemas), candidates);
  const entries = Object.entries(data).map(([key, item]): [string, Value] => {
    refuseTag(key, path, context);
    const inner = candidates.flatMap((schema) => schemasOfKey(schema, key));
    return [key, compileTree(item, [...path, key], position, context, inner)];
  });
  return (scope) => {
    const result: JsonObject = {};
    for (const [key, value] of entries) result[key] = value(scope);
    return result;
  };
}

/** Keys stay as they are written, which a tag in one does not say. */
function refuseTag(key: string, path: DataPath, { report }: ValueContext): void {
  if (!key.includes('{{')) return;
  const message = 'a `{{ }}` in a key is not filled';
  const hint = 'Make the map by {{ keep.dict_set(map, key, value) }}, or write a JSON text: \'{"{{ alert.name }}": 1}\'.';
  report.at([...path, key], { code: 'template', message, hint }, 'key');
}

const PARAMETER_KEYS = new Set(['key', 'default', 'safe']);

/** Keep's `{key: "{{ path }}", default: 0}`: a value with a default for when it is missing. */
export const isParameter = (data: JsonObject): boolean =>
  Object.hasOwn(data, 'key') && Object.keys(data).length > 1 && Object.keys(data).every((key) => PARAMETER_KEYS.has(key));

function compileParameter(
  data: JsonObject,
  path: DataPath,
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

function compileText(
  text: string,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
  meaning: string | undefined,
): Value {
  if (meaning === 'url') return compileUrlText(text, path, position, context);
  if (meaning === 'workflow') return compileWorkflowPath(text, path, context);
  if (meaning === 'item-field' && !hasTemplate(text)) noteField(text, position, context);
  if (!hasTemplate(text) && !text.includes('{%') && !text.includes('{#') && !text.includes('\\{{')) {
    if (meaning === 'file' || (meaning === 'files' && !isGlob(text)))
      context.files.push({ file: text, place: context.parsed.locate(path) });
    return () => text;
  }
  const encode = meaning === 'key' ? { encode: partOfKey(text) } : {};
  const compiled = compileTemplate(text, { ...compileOptions(context), ...encode });
  const value = finish(compiled, path, position, context);
  if (meaning === 'file' || meaning === 'files') refuseUntrusted(compiled, path, position, context, () => true, 'a file');
  if (meaning === 'program') refuseUntrusted(compiled, path, position, context, () => true, 'a program');
  if (position.onlyTrusted) refuseUntrusted(compiled, path, position, context, () => true, 'a configuration');
  return value;
}

/** A field that is named without a template is read of the item as well. */
function noteField(text: string, { step }: TemplatePosition, { references }: ValueContext): void {
  references.push({ root: 'item', path: text.split('.'), step, wants: undefined, isOfIteration: false });
}

function compileWorkflowPath(text: string, path: DataPath, context: ValueContext): Value {
  const place = context.parsed.locate(path);
  if (hasTemplate(text)) {
    const message = 'which workflow is called must be written out';
    const hint = 'Choose between written calls with `if` or `switch`.';
    context.report.at(path, { code: 'untrusted-target', message, hint });
  } else context.workflows.push({ file: text, place });
  return () => text;
}

function compileUrlText(text: string, path: DataPath, position: TemplatePosition, context: ValueContext): Value {
  const { compiled, choosesHost } = compileUrl(text, context.stepNames);
  refuseUntrusted(compiled, path, position, context, choosesHost, 'a host');
  return finish(compiled, path, position, context);
}

const SAID_IN_BRACES = /^\s*\{\{[^{}]*?(?:[=!<>]=|[<>]|&&|\|\||\sand\s|\sor\s)[^{}]*\}\}\s*$/;

const EQUALS_NUMBER = /\}\}\s*[=!]=\s*-?\d+(?:\.\d+)?\s*(?:$|\)|and\b|or\b|&&|\|\|)/;

/** Splits `{{ a }} && {{ b }}` into its tags. */
export function compilePairs(
  text: string,
  isPaired: boolean,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
): Value[] {
  const found = isPaired ? [...text.matchAll(/\{\{[^{}]*\}\}/g)].map(({ 0: tag, index }) => ({ tag, index })) : [];
  const parts = isPaired ? found : [{ tag: text.trim(), index: text.length - text.trimStart().length }];
  return parts.map(({ tag, index }) => finish(compileTemplate(tag, compileOptions(context)), path, position, context, index));
}

export function compileCondition(text: string, path: DataPath, position: TemplatePosition, context: ValueContext): Value {
  if (SAID_IN_BRACES.test(text)) {
    const message = 'in Keep a condition inside of `{{ }}` is never true';
    context.report.at(path, { code: 'keep-difference', severity: 'note', message, hint: 'Threadline takes it literally.' });
  }
  if (EQUALS_NUMBER.test(text)) {
    const message = 'in Keep a value in `{{ }}` never equals a number';
    context.report.at(path, { code: 'keep-difference', severity: 'note', message, hint: 'Here numbers compare as numbers.' });
  }
  return finish(compileExpression(text, compileOptions(context)), path, position, context);
}
