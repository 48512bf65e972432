import { isObject, type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import { compileJsonSchema } from 'threadline/runtime';
import type { Assistant, Config } from '../contract/schema.ts';
import { isStrict } from '../contract/strict-schema.ts';
import type { Format } from '../question/ask.ts';

/** The form that the answer must have, and the check of it. */
export interface OutputRule {
  format: Format;
  wantsJson: boolean;
  /** The schema that an answer has to fit. */
  schema?: JsonObject;
  /** The mistakes of parsed JSON, one sentence each. */
  validate(value: unknown): string[];
  /** How often the model is asked again. */
  repair: number;
}

const TEXT: OutputRule = { format: { type: 'text' }, wantsJson: false, validate: () => [], repair: 0 };
const JSON_OBJECT: OutputRule = {
  format: { type: 'json_object' },
  wantsJson: true,
  validate: (value) => (isObject(value) ? [] : ['the answer must be a JSON object']),
  repair: 0,
};

export async function outputRule(given: Assistant['response_format'], context: ProviderContext<Config>): Promise<OutputRule> {
  const form = typeof given === 'string' ? given : given && 'type' in given && given.type !== 'json_schema' ? given.type : given;
  if (form === undefined || form === 'auto' || form === 'text') return TEXT;
  if (form === 'json_object') return JSON_OBJECT;
  const wanted = 'json_schema' in form ? form.json_schema : form;
  const schema = typeof wanted.schema === 'string' ? await readSchema(wanted.schema, context) : (wanted.schema as JsonObject);
  const { name = 'output', description, strict = isStrict(schema), repair = 0 } = wanted;
  const validate = await compileJsonSchema(schema);
  return {
    format: { type: 'json_schema', name, description, schema, strict },
    wantsJson: true,
    schema,
    validate: (value) => validate(value as JsonObject),
    repair,
  };
}

async function readSchema(path: string, context: ProviderContext<Config>): Promise<JsonObject> {
  const data = await context.files.data(path);
  if (isObject(data)) return data;
  throw new ThreadlineError('invalid_params', `${path} does not hold a JSON Schema.`);
}
