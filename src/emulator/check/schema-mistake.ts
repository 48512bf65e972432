import { isObject, type Json } from '../../shared/json/json.ts';
import { type RefusalOptions, type SchemaRefusal, type SchemaRule, schemaRefusals } from '../../shared/schema/refused-schema.ts';

/** The first construct of a schema that OpenAI refuses, as a sentence of its API; undefined where there is none. */
export function schemaMistake(schema: Json | undefined, options: RefusalOptions): string | undefined {
  const [refusal] = isObject(schema) ? schemaRefusals(schema, options) : [];
  return refusal && SENTENCES[refusal.rule](refusal);
}

const within = (said: (subject: string) => string) => (refusal: SchemaRefusal) =>
  `In context=(${refusal.path.map((step) => `'${step}'`).join(', ')}), ${said(refusal.subject)}.`;

const SENTENCES: Record<SchemaRule, (refusal: SchemaRefusal) => string> = {
  'root-type': ({ subject }) => `schema must be a JSON Schema of 'type: "object"', got 'type: ${subject}'.`,
  'root-choice': () =>
    `schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level.`,
  'items-missing': within(() => 'array schema missing items'),
  'items-list': within(() => "'items' must be a schema, not an array of schemas"),
  'object-open': within(() => "'additionalProperties' is required to be supplied and to be false"),
  'properties-missing': within(() => 'object schema missing properties'),
  'key-optional': within(
    (key) => `'required' is required to be supplied and to be an array including every key in properties. Missing '${key}'`,
  ),
  'key-unknown': within((key) => `'required' is an array including a key that is not in properties. Extra required key '${key}'`),
  keyword: within((word) => `'${word}' is not permitted`),
  'type-missing': within(() => "schema must have a 'type' key"),
  format: within((format) => `'${format}' is not a valid format`),
  pattern: within(() => "'pattern' is not a valid regex: look-around is not supported"),
  'value-type': within((value) => `enum value ${value} does not validate against the type of its schema`),
  'ref-siblings': within((words) => `$ref cannot have keywords {${words.replace(/[^, ]+/g, "'$&'")}}`),
  'ref-target': within(() => 'reference can only point to definitions defined at the top level of the schema'),
  'not-an-object': within((given) => `${given} is not of type 'object'`),
  size: ({ subject }) => `${subject}.`,
};
