import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Scope, Value } from '../plan.ts';
import type { StepTemplate } from '../provider/contract.ts';
import { meaningOf, type SchemaNode } from '../schema.ts';
import { type Compiled, compileExpression, compileTemplate } from '../values/index.ts';
import type { Path } from './parse.ts';
import { checkReference, isTrusted, type Names, type Site } from './references.ts';
import type { Report } from './report.ts';
import { compileUrl } from './url.ts';

/** A file that the workflow names, for whoever may look whether it is there. */
export interface FileUse {
  file: string;
  path: Path;
}

/** What compiling values needs to know of the file, and what it finds out. */
export interface ValueContext {
  report: Report;
  names: Names;
  stepNames: readonly string[];
  files: FileUse[];
  reads: Set<string>;
  /** Compiles a place that means `step`. */
  compileStepTemplate(data: JsonObject, path: Path, site: Site): (scope: Scope) => StepTemplate;
}

export const hasTemplate = (value: unknown): boolean =>
  typeof value === 'string' && (value.includes('{{') || /\bkeep\.\w+\(/.test(value));

/** Compiles a tree of data with templates in it. `schemas` are those that the place may have, for what strings mean. */
export function compileTree(data: Json, path: Path, site: Site, context: ValueContext, schemas: SchemaNode[] = []): Value {
  const meaning = expand(schemas)
    .map(meaningOf)
    .find((found) => found !== undefined);
  if (meaning === 'step' && isObject(data)) {
    const template = context.compileStepTemplate(data, path, site);
    // A StepTemplate travels in params as a live object; the schema says where, and call.ts does not check it as data.
    return (scope) => template(scope) as unknown as Json;
  }
  if (typeof data === 'string') return compileText(data, path, site, context, meaning);
  if (Array.isArray(data)) return compileList(data, path, site, context, schemas);
  if (isObject(data)) return compileMap(data, path, site, context, schemas);
  return () => data;
}

function compileList(data: Json[], path: Path, site: Site, context: ValueContext, schemas: SchemaNode[]): Value {
  const inner = expand(schemas).flatMap((schema) => (isObject(schema.items) ? [schema.items as SchemaNode] : []));
  const items = data.map((item, index) => compileTree(item, [...path, index], site, context, inner));
  return (scope) => items.map((item) => item(scope));
}

function compileMap(data: JsonObject, path: Path, site: Site, context: ValueContext, schemas: SchemaNode[]): Value {
  const candidates = expand(schemas);
  const entries = Object.entries(data).map(([key, item]): [string, Value] => {
    const inner = candidates.flatMap((schema) => childSchema(schema, key));
    return [key, compileTree(item, [...path, key], site, context, inner)];
  });
  return (scope) => {
    const result: JsonObject = {};
    for (const [key, value] of entries) result[key] = value(scope);
    return result;
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

function compileText(text: string, path: Path, site: Site, context: ValueContext, meaning: string | undefined): Value {
  if (meaning === 'url') return compileUrlText(text, path, site, context);
  if (!hasTemplate(text) && !text.includes('{%') && !text.includes('{#') && !text.includes('\\{{')) {
    if (meaning === 'file') context.files.push({ file: text, path });
    return () => text;
  }
  const compiled = compileTemplate(text, { stepNames: context.stepNames });
  const value = finish(compiled, path, site, context);
  if (meaning === 'file') refuseUntrusted(compiled, path, site, context, () => true, 'a file');
  if (site.onlyTrusted) refuseUntrusted(compiled, path, site, context, () => true, 'a configuration');
  return value;
}

function compileUrlText(text: string, path: Path, site: Site, context: ValueContext): Value {
  const { compiled, choosesHost } = compileUrl(text, context.stepNames);
  refuseUntrusted(compiled, path, site, context, choosesHost, 'a host');
  return finish(compiled, path, site, context);
}

export function compileCondition(text: string, path: Path, site: Site, context: ValueContext): Value {
  return finish(compileExpression(text, { stepNames: context.stepNames }), path, site, context);
}

/** Reports what is wrong with the text itself and with what it reads. */
function finish(compiled: Compiled, path: Path, site: Site, context: ValueContext): Value {
  for (const problem of compiled.problems)
    context.report.inside(path, { ...problem, message: problem.message.replace(/\.$/, '') }, problem);
  const broken = new Set(compiled.problems.map((problem) => problem.offset));
  for (const reference of compiled.references) {
    if (broken.has(reference.offset)) continue;
    context.reads.add(reference.root);
    if (typeof reference.path[0] === 'string') context.reads.add(`${reference.root}.${reference.path[0]}`);
    const problem = checkReference(reference, context.names, site);
    if (problem) context.report.inside(path, problem, reference);
  }
  return (scope) => compiled.evaluate(scope);
}

function refuseUntrusted(
  compiled: Compiled,
  path: Path,
  site: Site,
  context: ValueContext,
  matters: (offset: number) => boolean,
  what: string,
): void {
  for (const reference of compiled.references) {
    if (!matters(reference.offset) || isTrusted(reference, context.names, site)) continue;
    const problem = {
      code: 'untrusted-target' as const,
      message: `\`${reference.root}\` is data, and data must not choose ${what}`,
      hint: `Write ${what} out, or take it from inputs, consts or env.`,
    };
    context.report.inside(path, problem, reference);
  }
}
