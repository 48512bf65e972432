import { isObject } from 'threadline/provider';

/** The keywords that OpenAI's enforcement of schemas understands. For any other it refuses the whole request. */
const WORDS = new Set(
  'type properties required additionalProperties items anyOf enum const $ref $defs definitions $schema title description pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems'.split(
    ' ',
  ),
);
const FORMATS = new Set('date-time time date duration email hostname ipv4 ipv6 uuid'.split(' '));

/** Whether a server that enforces schemas takes this one: an object at the top, all objects closed, every key required. */
export const isStrict = (schema: unknown): boolean => isObject(schema) && schema.type === 'object' && isEnforceable(schema);

function isEnforceable(schema: unknown): boolean {
  if (!isObject(schema) || Object.keys(schema).some((word) => !WORDS.has(word))) return false;
  if (schema.type === undefined && schema.anyOf === undefined && schema.$ref === undefined) return false;
  if (typeof schema.format === 'string' && !FORMATS.has(schema.format)) return false;
  return isClosed(schema) && innerSchemas(schema).every(isEnforceable);
}

function isClosed({ type, properties, required, additionalProperties }: Record<string, unknown>): boolean {
  const isOfObjects = isObject(properties) || [type].flat().includes('object');
  if (!isOfObjects) return true;
  const keys = Object.keys(isObject(properties) ? properties : {});
  return additionalProperties === false && keys.every((key) => Array.isArray(required) && required.includes(key));
}

const innerSchemas = ({ items, anyOf, ...schema }: Record<string, unknown>): unknown[] => [
  ...(items === undefined ? [] : [items]),
  ...(Array.isArray(anyOf) ? anyOf : []),
  ...['properties', '$defs', 'definitions'].flatMap((map) => (isObject(schema[map]) ? Object.values(schema[map]) : [])),
];
