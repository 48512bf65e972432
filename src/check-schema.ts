import { isObject, type Json } from './json.ts';
import type { SchemaNode } from './schema.ts';
import { didYouMean, nearest } from './suggest.ts';

/** One place where a value does not fit its schema. */
export interface SchemaIssue {
  code: 'unknown-key' | 'missing-key' | 'wrong-type' | 'invalid-value';
  path: (string | number)[];
  message: string;
  hint?: string;
}

export interface CheckOptions {
  /** Values that are not known yet, such as templates: they fit everything. */
  isOpen?(value: Json, schema: SchemaNode): boolean;
}

type Path = (string | number)[];

/**
 * Checks a value against a JSON Schema (draft-07, the keywords in SUPPORTED) and says every mistake in the user's words:
 * of a union only the branch that was meant, of an unknown key the nearest known one. Agrees with ajv on what is valid
 * (a property test compares); ajv itself takes longer to load and compile than a whole `threadline validate`.
 */
export function checkSchema(schema: object, value: Json, options: CheckOptions = {}): SchemaIssue[] {
  const root = schema as SchemaNode;
  return new Check(root, options).node(root, value, []);
}

const SUPPORTED = new Set(
  'type enum const properties required additionalProperties items minItems maxItems uniqueItems minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum minProperties maxProperties anyOf oneOf allOf $ref definitions $defs $schema $id title description default examples deprecated format patternProperties'.split(
    ' ',
  ),
);

/** The keywords of a schema that checkSchema would not look at: a provider that uses one is refused, not half checked. */
export function unsupportedKeywords(schema: unknown): string[] {
  const found = new Set<string>();
  const visitSchema = (node: unknown): void => {
    if (node === false) found.add('false as a schema');
    visit(node);
  };
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [keyword, value] of Object.entries(node)) {
      if (HOLDS_DATA.has(keyword) || keyword.startsWith('x-') || keyword.startsWith('~')) continue;
      if (!SUPPORTED.has(keyword)) found.add(keyword);
      if (keyword === 'items' && Array.isArray(value)) found.add('items as a list');
      if (NAMED_SCHEMAS.has(keyword) && typeof value === 'object' && value !== null) Object.values(value).forEach(visitSchema);
      else if (Array.isArray(value)) value.forEach(visitSchema);
      else visit(value);
    }
  };
  visit(schema);
  return [...found];
}

const HOLDS_DATA = new Set(['default', 'examples', 'enum', 'const']);
const NAMED_SCHEMAS = new Set(['properties', 'patternProperties', 'definitions', '$defs']);

class Check {
  private readonly root: SchemaNode;
  private readonly options: CheckOptions;

  constructor(root: SchemaNode, options: CheckOptions) {
    this.root = root;
    this.options = options;
  }

  node(schema: SchemaNode, value: Json, path: Path): SchemaIssue[] {
    const target = this.resolve(schema);
    if (this.options.isOpen?.(value, target)) return [];
    const wrongType = checkType(target, value, path);
    if (wrongType) return [wrongType];
    const issues = [...checkWords(target, value, path), ...this.unions(target, value, path)];
    if (typeof value === 'string') issues.push(...checkString(target, value, path));
    else if (typeof value === 'number') issues.push(...checkNumber(target, value, path));
    else if (Array.isArray(value)) issues.push(...this.list(target, value, path));
    else if (isObject(value)) issues.push(...this.object(target, value, path));
    return issues;
  }

  private resolve(schema: SchemaNode): SchemaNode {
    if (typeof schema.$ref !== 'string') return schema;
    let target: unknown = this.root;
    for (const step of schema.$ref.split('/').slice(1)) target = (target as SchemaNode | undefined)?.[step];
    if (!target) throw new Error(`schema has no ${schema.$ref}`);
    return this.resolve(target as SchemaNode);
  }

  private unions(schema: SchemaNode, value: Json, path: Path): SchemaIssue[] {
    const all = (schema.allOf as SchemaNode[] | undefined) ?? [];
    const issues = all.flatMap((branch) => this.node(branch, value, path));
    for (const branches of [schema.anyOf, schema.oneOf] as (SchemaNode[] | undefined)[])
      if (branches) issues.push(...this.union(branches, value, path));
    return [...issues, ...this.oneOnly((schema.oneOf as SchemaNode[] | undefined) ?? [], value, path)];
  }

  private oneOnly(branches: SchemaNode[], value: Json, path: Path): SchemaIssue[] {
    if (branches.some((branch) => this.options.isOpen?.(value, this.resolve(branch)))) return [];
    const fitting = branches.filter((branch) => this.node(branch, value, path).length === 0);
    return fitting.length > 1 ? [invalid(path, 'fits more than one of the forms that it may have')] : [];
  }

  /** Of the branches that do not fit, reports the one that was most likely meant. */
  private union(branches: SchemaNode[], value: Json, path: Path): SchemaIssue[] {
    const ofType: SchemaNode[] = [];
    for (const branch of branches.map((one) => this.resolve(one))) {
      if (this.options.isOpen?.(value, branch)) return [];
      if (!checkType(branch, value, path)) ofType.push(branch);
    }
    if (ofType.length === 0) {
      const kinds = [...new Set(branches.flatMap((branch) => expectedKinds(this.resolve(branch))))];
      return [{ code: 'wrong-type', path, message: `must be ${words(kinds)}, not ${kindOf(value)}` }];
    }
    let best: { issues: SchemaIssue[]; score: number } | undefined;
    for (const branch of ofType) {
      const issues = this.node(branch, value, path);
      if (issues.length === 0) return [];
      const score = issues.length + (this.contradictsConstant(branch, value) ? 1000 : 0);
      if (!best || score < best.score) best = { issues, score };
    }
    const constants = ofType.flatMap((branch) => wordsOf(branch));
    if (constants.length > 0 && typeof value === 'string' && ofType.every((branch) => wordsOf(branch).length > 0)) {
      return [notOneOf(constants, value, path)];
    }
    return best?.issues ?? [];
  }

  private contradictsConstant(branch: SchemaNode, value: Json): boolean {
    if (!isObject(value)) return false;
    return Object.entries((branch.properties as Record<string, SchemaNode> | undefined) ?? {}).some(
      ([key, property]) => property.const !== undefined && value[key] !== property.const,
    );
  }

  private list(schema: SchemaNode, value: Json[], path: Path): SchemaIssue[] {
    const issues: SchemaIssue[] = [];
    const { minItems, maxItems } = schema as { minItems?: number; maxItems?: number };
    if (minItems !== undefined && value.length < minItems)
      issues.push(invalid(path, `needs at least ${count(minItems, 'item')}`));
    if (maxItems !== undefined && value.length > maxItems)
      issues.push(invalid(path, `takes at most ${count(maxItems, 'item')}, not ${value.length}`));
    if (schema.uniqueItems && new Set(value.map(canonical)).size < value.length) issues.push(invalid(path, 'has an item twice'));
    if (schema.items) {
      const items = schema.items as SchemaNode;
      for (const [index, item] of value.entries()) issues.push(...this.node(items, item, [...path, index]));
    }
    return issues;
  }

  private object(schema: SchemaNode, value: { [key: string]: Json }, path: Path): SchemaIssue[] {
    const properties = (schema.properties as Record<string, SchemaNode> | undefined) ?? {};
    const issues: SchemaIssue[] = [];
    const missing = new Set(((schema.required as string[] | undefined) ?? []).filter((key) => !Object.hasOwn(value, key)));
    for (const [key, item] of Object.entries(value)) {
      const known = Object.hasOwn(properties, key);
      if (known) issues.push(...this.node(properties[key] as SchemaNode, item, [...path, key]));
      issues.push(...this.otherKey(schema, properties, key, item, path, missing, known));
    }
    for (const key of missing) issues.push({ code: 'missing-key', path, message: `\`${key}\` is missing` });
    return [...issues, ...countKeys(schema, Object.keys(value).length, path)];
  }

  /** What patterns say of any key, and `additionalProperties` of one that nothing else knows. */
  private otherKey(
    schema: SchemaNode,
    properties: Record<string, SchemaNode>,
    key: string,
    item: Json,
    path: Path,
    missing: Set<string>,
    known: boolean,
  ): SchemaIssue[] {
    const patterns = Object.entries((schema.patternProperties as Record<string, SchemaNode> | undefined) ?? {});
    const matching = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(key));
    if (matching.length > 0) return matching.flatMap(([, rule]) => this.node(rule, item, [...path, key]));
    if (known) return [];
    if (schema.additionalProperties === false) return [unknownKey(key, Object.keys(properties), path, missing)];
    if (isSchema(schema.additionalProperties)) return this.node(schema.additionalProperties, item, [...path, key]);
    return [];
  }
}

const isSchema = (value: unknown): value is SchemaNode => typeof value === 'object' && value !== null;

/** A missing required key that the unknown one resembles is what was meant, before any other: one typo is one mistake. */
function unknownKey(key: string, known: string[], path: Path, missing: Set<string>): SchemaIssue {
  const meant = nearest(key, missing);
  if (meant !== undefined) missing.delete(meant);
  const hint =
    didYouMean(key, meant === undefined ? [] : [meant]) ??
    didYouMean(key, known) ??
    (known.length > 0 && known.length <= 12 ? `Known here: ${known.join(', ')}.` : undefined);
  return { code: 'unknown-key', path: [...path, key], message: `unknown key \`${key}\``, ...(hint ? { hint } : {}) };
}

function countKeys(schema: SchemaNode, size: number, path: Path): SchemaIssue[] {
  const { minProperties, maxProperties } = schema as { minProperties?: number; maxProperties?: number };
  if (minProperties !== undefined && size < minProperties)
    return [invalid(path, `needs at least ${count(minProperties, 'key')}`)];
  if (maxProperties !== undefined && size > maxProperties)
    return [invalid(path, `takes at most ${count(maxProperties, 'key')}, not ${size}`)];
  return [];
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'null',
};

export function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return KINDS[typeof value] ?? typeof value;
}

const typesOf = (schema: SchemaNode): string[] => (schema.type === undefined ? [] : [schema.type as string | string[]].flat());

function expectedKinds(schema: SchemaNode): string[] {
  const branches = ((schema.anyOf ?? schema.oneOf) as SchemaNode[] | undefined) ?? [];
  return typesOf(schema).length > 0 ? typesOf(schema).map((type) => KINDS[type] ?? type) : branches.flatMap(expectedKinds);
}

function checkType(schema: SchemaNode, value: Json, path: Path): SchemaIssue | undefined {
  const types = typesOf(schema);
  if (types.length === 0 || types.some((type) => isOfType(type, value))) return undefined;
  const hint = typeof value === 'number' && types.includes('string') ? 'Put quotes around it.' : undefined;
  return {
    code: 'wrong-type',
    path,
    message: `must be ${words(expectedKinds(schema))}, not ${kindOf(value)}`,
    ...(hint ? { hint } : {}),
  };
}

function isOfType(type: string, value: Json): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

/** The same text for the same data, in whatever order its keys stand. */
const canonical = (value: Json): string =>
  JSON.stringify(value, (_, item) => (isObject(item) ? Object.fromEntries(Object.entries(item).sort()) : item));

const wordsOf = (schema: SchemaNode): string[] =>
  schema.const !== undefined ? [String(schema.const)] : ((schema.enum as Json[] | undefined) ?? []).map(String);

function checkWords(schema: SchemaNode, value: Json, path: Path): SchemaIssue[] {
  const allowed = (schema.const !== undefined ? [schema.const] : schema.enum) as Json[] | undefined;
  if (!allowed || allowed.some((word) => canonical(word) === canonical(value))) return [];
  return [notOneOf(allowed.map(String), value, path)];
}

function notOneOf(allowed: string[], value: Json, path: Path): SchemaIssue {
  const hint = didYouMean(String(value), allowed);
  const message = `must be ${words(allowed.map((word) => `\`${word}\``))}, not \`${shorten(value)}\``;
  return { code: 'invalid-value', path, message, ...(hint ? { hint } : {}) };
}

function checkString(schema: SchemaNode, value: string, path: Path): SchemaIssue[] {
  const { minLength, maxLength, pattern, examples } = schema as {
    minLength?: number;
    maxLength?: number;
    pattern?: string;
    examples?: string[];
  };
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length;
  if (minLength !== undefined && length < minLength) {
    return [invalid(path, minLength === 1 ? 'must not be empty' : `needs at least ${count(minLength, 'character')}`)];
  }
  if (maxLength !== undefined && length > maxLength)
    return [invalid(path, `takes at most ${count(maxLength, 'character')}, not ${length}`)];
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    const hint = examples ? `Like ${words(examples.map((example) => `\`${example}\``))}.` : `It has to match ${pattern}.`;
    return [{ ...invalid(path, `\`${shorten(value)}\` is not of the right form`), hint }];
  }
  return [];
}

function checkNumber(schema: SchemaNode, value: number, path: Path): SchemaIssue[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Record<string, number | undefined>;
  if (minimum !== undefined && value < minimum) return [invalid(path, `must be at least ${minimum}, not ${value}`)];
  if (maximum !== undefined && value > maximum) return [invalid(path, `must be at most ${maximum}, not ${value}`)];
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    return [invalid(path, `must be more than ${exclusiveMinimum}, not ${value}`)];
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    return [invalid(path, `must be less than ${exclusiveMaximum}, not ${value}`)];
  return [];
}

const invalid = (path: Path, message: string): SchemaIssue => ({ code: 'invalid-value', path, message });
const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
const shorten = (value: Json) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** `a, b or c`. */
function words(parts: string[]): string {
  const unique = [...new Set(parts)];
  return unique.length < 2 ? (unique[0] ?? '') : `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}`;
}
