/**
 * What OpenAI's servers refuse in a schema that a request carries: the emulator answers with it, and `validate` says it before
 * anything is paid. The rules are those of the guide to structured outputs, and of the API's own error messages.
 */
import { type DataPath, isObject, type Json, type JsonObject } from '../json/json.ts';
import { isOf, keyOfPointer, nodesOf } from './schema-nodes.ts';
import { checkType } from './schema-rules.ts';
import { excessOf } from './schema-size.ts';

/** What a schema describes: the model's answer, or the arguments of a function. */
export type SchemaUse = 'answer' | 'function';

/** Each reason for which a schema is refused. */
export type SchemaRule =
  | 'root-type'
  | 'root-choice'
  | 'items-missing'
  | 'items-list'
  | 'object-open'
  | 'properties-missing'
  | 'key-optional'
  | 'key-unknown'
  | 'keyword'
  | 'type-missing'
  | 'format'
  | 'pattern'
  | 'value-type'
  | 'ref-siblings'
  | 'ref-target'
  | 'not-an-object'
  | 'size';

export interface SchemaRefusal {
  rule: SchemaRule;
  /** Leads to the place within the schema. */
  path: DataPath;
  /** What is meant at that place: a keyword, a key, a value; for `size` the sentence. */
  subject: string;
}

export interface RefusalOptions {
  use: SchemaUse;
  /** Whether the server is asked to enforce the schema, for which it takes a part of JSON Schema only. */
  strict: boolean;
}

type SchemaFault = Omit<SchemaRefusal, 'path'>;

/** The reasons for which a schema is refused, one for each place at most. */
export function schemaRefusals(schema: JsonObject, { use, strict }: RefusalOptions): SchemaRefusal[] {
  const atRoot = rootFault(schema, use);
  const refusals: SchemaRefusal[] = atRoot ? [{ ...atRoot, path: [] }] : [];
  for (const { path, node } of nodesOf(schema)) {
    if (path.length === 0 && atRoot) continue;
    const fault = faultOf(node) ?? (strict ? strictFault(node, schema) : undefined);
    if (fault) refusals.push({ ...fault, path });
  }
  const excess = strict && refusals.length === 0 ? excessOf(schema) : undefined;
  return excess === undefined ? refusals : [{ rule: 'size', subject: excess, path: [] }];
}

/** Choices that may not stand at the root. Beside `type: object` of an answer, servers take all but `anyOf`. */
const ROOT_CHOICES: Record<SchemaUse, string[]> = {
  answer: ['anyOf'],
  function: ['oneOf', 'anyOf', 'allOf', 'enum', 'const', 'not'],
};

function rootFault(schema: JsonObject, use: SchemaUse): SchemaFault | undefined {
  const choice = ROOT_CHOICES[use].find((word) => schema[word] !== undefined);
  if (choice !== undefined) return { rule: 'root-choice', subject: choice };
  return schema.type === 'object' ? undefined : { rule: 'root-type', subject: JSON.stringify(schema.type ?? null) };
}

/** What is refused whether the schema is enforced or not. */
function faultOf(node: Json): SchemaFault | undefined {
  if (!isObject(node)) return undefined;
  if (Array.isArray(node.items)) return { rule: 'items-list', subject: '' };
  return isOf(node, 'array') && node.items === undefined ? { rule: 'items-missing', subject: '' } : undefined;
}

/** The keywords that can be enforced. */
const WORDS = new Set(
  'type properties required additionalProperties items anyOf enum const $ref $defs definitions $schema title description pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems'.split(
    ' ',
  ),
);
const FORMATS = new Set('date-time time date duration email hostname ipv4 ipv6 uuid'.split(' '));
/** Their expressions cannot look around. */
const LOOKS_AROUND = /\(\?<?[=!]/;

function strictFault(node: Json, root: JsonObject): SchemaFault | undefined {
  if (!isObject(node)) return { rule: 'not-an-object', subject: JSON.stringify(node) };
  if (node.$ref !== undefined) return refFault(node, root);
  const keyword = Object.keys(node).find((word) => !WORDS.has(word));
  if (keyword !== undefined) return { rule: 'keyword', subject: keyword };
  if (node.type === undefined && node.anyOf === undefined) return { rule: 'type-missing', subject: '' };
  return objectFault(node) ?? valueFault(node);
}

function refFault({ $ref, ...others }: JsonObject, root: JsonObject): SchemaFault | undefined {
  const siblings = Object.keys(others);
  if (siblings.length > 0) return { rule: 'ref-siblings', subject: siblings.join(', ') };
  const [, map = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String($ref)) ?? [];
  const definitions = root[map];
  const isKnown = $ref === '#' || (isObject(definitions) && Object.hasOwn(definitions, keyOfPointer(name)));
  return isKnown ? undefined : { rule: 'ref-target', subject: String($ref) };
}

function objectFault(node: JsonObject): SchemaFault | undefined {
  if (!isOf(node, 'object') && node.properties === undefined) return undefined;
  if (node.additionalProperties !== false) return { rule: 'object-open', subject: '' };
  if (!isObject(node.properties)) return { rule: 'properties-missing', subject: '' };
  const keys = Object.keys(node.properties);
  const required: Json[] = Array.isArray(node.required) ? node.required : [];
  const optional = keys.find((key) => !required.includes(key));
  if (optional !== undefined) return { rule: 'key-optional', subject: optional };
  const unknown = required.find((key) => !keys.includes(String(key)));
  return unknown === undefined ? undefined : { rule: 'key-unknown', subject: String(unknown) };
}

function valueFault(node: JsonObject): SchemaFault | undefined {
  const { format, pattern, type } = node;
  if (typeof format === 'string' && !FORMATS.has(format)) return { rule: 'format', subject: format };
  if (typeof pattern === 'string' && LOOKS_AROUND.test(pattern)) return { rule: 'pattern', subject: pattern };
  const values = [...(Array.isArray(node.enum) ? node.enum : []), ...(node.const === undefined ? [] : [node.const])];
  const stray = type === undefined ? undefined : values.find((value) => checkType({ type }, value, []) !== undefined);
  return stray === undefined ? undefined : { rule: 'value-type', subject: JSON.stringify(stray) };
}
