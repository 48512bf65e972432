import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { ThreadlineError } from '../errors/errors.ts';
import type { DataPath, Json, JsonObject } from '../json/json.ts';
import { hasNumber } from '../json/number.ts';
import { didYouMean } from '../text/suggest.ts';
import { checkSchema, type SchemaIssue } from './check-schema.ts';
import { compareExactly, roundedCopy } from './exact-keywords.ts';
import { OneOf, Type } from './schema.ts';
import { checkRefs } from './schema-refs.ts';

/** Schemas that users write (response_format, function parameters): ajv, loaded when the first one is needed. */

const SELF = { $ref: '#/definitions/schema' };
const TYPE_WORD = OneOf(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);
const named = { type: 'object', additionalProperties: SELF };
const branches = { type: 'array', items: SELF, minItems: 1 };
const size = Type.Integer({ minimum: 0 });

const ONE_SCHEMA = 'additionalProperties propertyNames contains not if then else unevaluatedProperties unevaluatedItems'.split(
  ' ',
);

/** JSON Schema (draft-07 and the words of 2020-12 that models' APIs take), as a closed schema: an unknown word is a typo. */
const META = {
  ...SELF,
  definitions: {
    schema: {
      anyOf: [
        { type: 'boolean' },
        {
          type: 'object',
          additionalProperties: false,
          patternProperties: { '^x-': {} },
          properties: {
            ...Object.fromEntries(ONE_SCHEMA.map((word) => [word, SELF])),
            type: { anyOf: [TYPE_WORD, { type: 'array', items: TYPE_WORD, minItems: 1 }] },
            properties: named,
            patternProperties: named,
            definitions: named,
            $defs: named,
            dependentSchemas: named,
            required: { type: 'array', items: { type: 'string' }, uniqueItems: true },
            items: { anyOf: [SELF, branches] },
            prefixItems: branches,
            anyOf: branches,
            oneOf: branches,
            allOf: branches,
            enum: { type: 'array', minItems: 1 },
            const: {},
            default: {},
            examples: { type: 'array' },
            title: { type: 'string' },
            description: { type: 'string' },
            $comment: { type: 'string' },
            $id: { type: 'string' },
            $schema: { type: 'string' },
            $ref: { type: 'string' },
            $anchor: { type: 'string' },
            format: { type: 'string' },
            pattern: { type: 'string' },
            contentEncoding: { type: 'string' },
            contentMediaType: { type: 'string' },
            minLength: size,
            maxLength: size,
            minItems: size,
            maxItems: size,
            minProperties: size,
            maxProperties: size,
            minContains: size,
            maxContains: size,
            minimum: { type: 'number' },
            maximum: { type: 'number' },
            exclusiveMinimum: { type: 'number' },
            exclusiveMaximum: { type: 'number' },
            multipleOf: { type: 'number', exclusiveMinimum: 0 },
            uniqueItems: { type: 'boolean' },
            nullable: { type: 'boolean' },
            deprecated: { type: 'boolean' },
            readOnly: { type: 'boolean' },
            writeOnly: { type: 'boolean' },
            dependentRequired: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
          },
        },
      ],
    },
  },
};

/** Finds mistakes in a user's JSON Schema: unknown words, wrong types, `required` keys without a property, lost references. */
export function checkJsonSchema(schema: Json): SchemaIssue[] {
  return [...checkSchema(META, schema, { takesWideNumbers: true }), ...checkRequired(schema, []), ...checkRefs(schema)];
}

/** A required key without a property is nearly always a typo in one of the two. */
function checkRequired(schema: Json, path: DataPath): SchemaIssue[] {
  if (Array.isArray(schema)) return schema.flatMap((item, index) => checkRequired(item, [...path, index]));
  if (typeof schema !== 'object' || schema === null) return [];
  const issues: SchemaIssue[] = [];
  const { properties, required } = schema as JsonObject;
  if (typeof properties === 'object' && properties !== null && !Array.isArray(properties) && Array.isArray(required)) {
    for (const [index, key] of required.entries()) {
      if (typeof key === 'string' && !Object.hasOwn(properties, key)) {
        const hint = didYouMean(key, Object.keys(properties));
        issues.push({
          code: 'invalid-value',
          path: [...path, 'required', index],
          message: `names \`${key}\`, which is not among the properties`,
          ...(hint ? { hint } : {}),
        });
      }
    }
  }
  for (const [key, value] of Object.entries(schema)) {
    if (key !== 'enum' && key !== 'const' && key !== 'default' && key !== 'examples')
      issues.push(...checkRequired(value, [...path, key]));
  }
  return issues;
}

/** The mistakes of a value, one sentence each, `/severity must be equal to one of the allowed values: …`; empty when it fits. */
export type Validator = (value: Json) => string[];

/** Items of a foreach ask with the same schema: compiled once. */
const compiled = new Map<string, Promise<Validator>>();
const MOST_COMPILED = 200;

/** Compiles a JSON Schema. Rejects with `invalid_params` if it is not valid. */
export function compileJsonSchema(schema: JsonObject): Promise<Validator> {
  const { $schema: _, ...body } = schema;
  const key = JSON.stringify(body);
  const known = compiled.get(key);
  if (known) return known;
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  const validator = compileWithAjv(body);
  compiled.set(key, validator);
  return validator;
}

async function compileWithAjv(schema: JsonObject): Promise<Validator> {
  const [issue] = checkJsonSchema(schema);
  if (issue) throw unusable(`\`${issue.path.join('.')}\` ${issue.message}`);
  // The index of ajv-formats would load a second ajv, for keywords that are not taken here.
  const [{ Ajv2020 }, { fullFormats: formats }] = await Promise.all([
    import('ajv/dist/2020.js'),
    import('ajv-formats/dist/formats.js'),
  ]);
  // The schema has just been checked; without ajv's own check of it, which compiles the meta-schemas, this takes a quarter.
  const openAjv = () => new Ajv2020({ allErrors: true, strict: false, meta: false, validateSchema: false, formats });
  try {
    let exact = hasWideNumber(schema) ? exactValidator(openAjv(), schema) : undefined;
    const validate = exact ? undefined : openAjv().compile(schema);
    return (value) => {
      if (validate && !hasWideNumber(value)) return validate(value) ? [] : sentencesOf(validate);
      exact ??= exactValidator(openAjv(), schema);
      return exact(value);
    };
  } catch (cause) {
    throw unusable((cause as Error).message, cause);
  }
}

const hasWideNumber = (data: Json): boolean => hasNumber(data, (value) => typeof value === 'bigint');

/** A validator that compares whole numbers beyond 2^53 by all their digits; slower, and so for data that has them. */
function exactValidator(ajv: Ajv2020, schema: JsonObject): Validator {
  let root: Json = null;
  compareExactly(ajv, () => root);
  const validate = ajv.compile(schema);
  return (value) => {
    root = value;
    return validate(roundedCopy(value)) ? [] : sentencesOf(validate);
  };
}

const sentencesOf = ({ errors }: ValidateFunction): string[] => (errors ?? []).map(sentenceOf);

const unusable = (reason: string, cause?: unknown) =>
  new ThreadlineError('invalid_params', `The JSON Schema cannot be used: ${reason}.`, { cause });

function sentenceOf({ instancePath, message, params }: ErrorObject): string {
  const allowed = params.allowedValues === undefined ? '' : `: ${JSON.stringify(params.allowedValues)}`;
  const extra = params.additionalProperty === undefined ? '' : `: ${params.additionalProperty}`;
  return `${instancePath || 'the value'} ${message}${allowed}${extra}`;
}
