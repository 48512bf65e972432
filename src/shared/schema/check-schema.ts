import { type DataPath, isObject, type Json } from '../json/json.ts';
import { isNumber } from '../json/number.ts';
import type { SchemaNode } from './schema.ts';
import { withBranches } from './schema-branches.ts';
import {
  canonical,
  checkNumber,
  checkString,
  checkType,
  checkWords,
  count,
  countKeys,
  expectedKinds,
  invalid,
  isKindOfNumber,
  kindOf,
  notOneOf,
  type SchemaIssue,
  tooWide,
  unknownKey,
  words,
  wordsOf,
} from './schema-rules.ts';
import { takesTextForNumber } from './wide-numbers.ts';

export { kindOf, type SchemaIssue } from './schema-rules.ts';

export interface CheckOptions {
  /** Tells which values, such as templates, are not known yet and are therefore valid. */
  isOpen?(value: Json, schema: SchemaNode): boolean;
  /**
   * Whole numbers beyond 2^53 are numbers. Else they are refused, or checked as the text that `wideNumbersAsText` makes of them:
   * code that reads the data knows JavaScript's numbers only.
   */
  takesWideNumbers?: boolean;
}

/**
 * Checks a value against a JSON Schema (draft-07, the keywords in SUPPORTED) and reports every mistake in the user's words:
 * for a union only the intended branch, for an unknown key the nearest known one. Agrees with ajv on validity
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

/** The keywords that checkSchema does not support, so that a provider with one is refused instead of partly checked. */
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
      visitValue(keyword, value);
    }
  };
  const visitValue = (keyword: string, value: unknown): void => {
    const isMap = NAMED_SCHEMAS.has(keyword) && typeof value === 'object' && value !== null;
    if (isMap) Object.values(value).forEach(visitSchema);
    else if (Array.isArray(value)) value.forEach(visitSchema);
    else visit(value);
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

  node(schema: SchemaNode, given: Json, path: DataPath): SchemaIssue[] {
    const target = this.resolve(schema);
    if (this.options.isOpen?.(given, target)) return [];
    const isWide = typeof given === 'bigint' && this.options.takesWideNumbers !== true;
    const branches = isWide ? withBranches([target]).map((branch) => this.resolve(branch)) : [];
    const value = takesTextForNumber(branches) ? String(given) : given;
    if (typeof value === 'bigint' && isWide && expectedKinds(target).some(isKindOfNumber)) return [tooWide(value, path)];
    const wrongType = checkType(target, value, path);
    if (wrongType) return [wrongType];
    const issues = [...checkWords(target, value, path), ...this.unions(target, value, path)];
    if (typeof value === 'string') issues.push(...checkString(target, value, path));
    else if (isNumber(value)) issues.push(...checkNumber(target, value, path));
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

  private unions(schema: SchemaNode, value: Json, path: DataPath): SchemaIssue[] {
    const all = (schema.allOf as SchemaNode[] | undefined) ?? [];
    const issues = all.flatMap((branch) => this.node(branch, value, path));
    for (const branches of [schema.anyOf, schema.oneOf] as (SchemaNode[] | undefined)[])
      if (branches) issues.push(...this.union(branches, value, path));
    return [...issues, ...this.oneOnly((schema.oneOf as SchemaNode[] | undefined) ?? [], value, path)];
  }

  private oneOnly(branches: SchemaNode[], value: Json, path: DataPath): SchemaIssue[] {
    if (branches.some((branch) => this.options.isOpen?.(value, this.resolve(branch)))) return [];
    const fitting = branches.filter((branch) => this.node(branch, value, path).length === 0);
    return fitting.length > 1 ? [invalid(path, 'fits more than one of the forms that it may have')] : [];
  }

  /** If no branch is valid, reports the mistakes against the most likely one. */
  private union(branches: SchemaNode[], value: Json, path: DataPath): SchemaIssue[] {
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
    return this.noSuchKind(ofType, value, path) ?? best?.issues ?? [];
  }

  /** For `type: alrt` where each branch has its own `type`, lists all types instead of the mistakes against one branch. */
  private noSuchKind(branches: SchemaNode[], value: Json, path: DataPath): SchemaIssue[] | undefined {
    if (!isObject(value) || branches.length < 2) return undefined;
    const propertiesOf = (branch: SchemaNode) => (branch.properties as Record<string, SchemaNode> | undefined) ?? {};
    const isKind = (key: string) => branches.every((branch) => propertiesOf(branch)[key]?.const !== undefined);
    const kind = Object.keys(propertiesOf(branches[0] ?? {})).find((key) => Object.hasOwn(value, key) && isKind(key));
    if (kind === undefined) return undefined;
    const constants = branches.map((branch) => String(propertiesOf(branch)[kind]?.const));
    return constants.includes(String(value[kind])) ? undefined : [notOneOf(constants, value[kind] ?? null, [...path, kind])];
  }

  private contradictsConstant(branch: SchemaNode, value: Json): boolean {
    if (!isObject(value)) return false;
    return Object.entries((branch.properties as Record<string, SchemaNode> | undefined) ?? {}).some(
      ([key, property]) => property.const !== undefined && value[key] !== property.const,
    );
  }

  private list(schema: SchemaNode, value: Json[], path: DataPath): SchemaIssue[] {
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

  private object(schema: SchemaNode, value: { [key: string]: Json }, path: DataPath): SchemaIssue[] {
    const properties = (schema.properties as Record<string, SchemaNode> | undefined) ?? {};
    const issues: SchemaIssue[] = [];
    const missing = new Set(((schema.required as string[] | undefined) ?? []).filter((key) => !Object.hasOwn(value, key)));
    for (const [key, item] of Object.entries(value)) {
      if (Object.hasOwn(properties, key)) issues.push(...this.node(properties[key] as SchemaNode, item, [...path, key]));
      issues.push(...this.otherKey(schema, properties, key, item, path, missing));
    }
    for (const key of missing) issues.push({ code: 'missing-key', path, message: `\`${key}\` is missing` });
    return [...issues, ...countKeys(schema, Object.keys(value).length, path)];
  }

  /** Checks a key against the patterns, and an unknown key against `additionalProperties`. */
  private otherKey(
    schema: SchemaNode,
    properties: Record<string, SchemaNode>,
    key: string,
    item: Json,
    path: DataPath,
    missing: Set<string>,
  ): SchemaIssue[] {
    const patterns = Object.entries((schema.patternProperties as Record<string, SchemaNode> | undefined) ?? {});
    const matching = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(key));
    if (matching.length > 0) return matching.flatMap(([, rule]) => this.node(rule, item, [...path, key]));
    if (Object.hasOwn(properties, key)) return [];
    if (schema.additionalProperties === false) return [unknownKey(key, schema, path, missing)];
    if (isSchema(schema.additionalProperties)) return this.node(schema.additionalProperties, item, [...path, key]);
    return [];
  }
}

const isSchema = (value: unknown): value is SchemaNode => typeof value === 'object' && value !== null;
