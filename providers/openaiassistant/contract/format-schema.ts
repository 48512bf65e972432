import { Closed, FilePath, OneOf, type Static, Type } from 'threadline/provider';

/** The names of functions and schemas that APIs take. */
export const FUNCTION_NAME = '^[a-zA-Z0-9_-]{1,64}$';

const JsonSchemaFormat = Closed({
  name: Type.Optional(Type.String({ pattern: FUNCTION_NAME, description: 'What the model is told the schema is called.' })),
  description: Type.Optional(Type.String({ description: 'What the answer is for, for the model.' })),
  schema: Type.Union([FilePath({ description: 'A JSON Schema file.' }), Type.Record(Type.String(), Type.Unknown())], {
    description: 'A JSON Schema, or a file of one.',
  }),
  strict: Type.Optional(
    Type.Boolean({
      description:
        'Let the server enforce the schema. Needs `additionalProperties: false` and all keys required. By default, wherever the schema allows it.',
    }),
  ),
  repair: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 5,
      description: 'How often the model is asked again, with what is wrong, when its answer does not fit.',
      default: 0,
    }),
  ),
});

export const ResponseFormat = Type.Union(
  [
    OneOf(['auto', 'text', 'json_object']),
    JsonSchemaFormat,
    Closed({ type: OneOf(['text', 'json_object'], { description: "OpenAI's own form." }) }),
    Closed({
      type: Type.Literal('json_schema', { description: "OpenAI's own form, with a schema." }),
      json_schema: Type.Unsafe<Static<typeof JsonSchemaFormat>>({
        ...JsonSchemaFormat,
        description: 'The schema, and its name.',
      }),
    }),
  ],
  {
    description:
      'What the answer must be: `json_object`, `{ schema: … }`, or a form of OpenAI. With JSON, `results.response` is the data.',
  },
);
