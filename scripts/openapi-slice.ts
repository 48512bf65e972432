/**
 * Slices the facts that the tests hold our wire against out of OpenAI's API document:
 *   node --conditions=threadline-source scripts/openapi-slice.ts openapi.yaml
 * Writes test/fixtures/openai/. Sentences stay behind: only names, types and limits come along.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { isObject, type Json, type JsonObject } from '../src/shared/json/json.ts';

const TARGET = join(import.meta.dirname, '../test/fixtures/openai');

/** Which paths of the document the fixture covers. A new wire adds its paths here. */
const PATHS = [
  /^\/(responses|conversations|models|assistants|threads|files|vector_stores)(\/[^?]*)?$/,
  /^\/chat\/completions$/,
  /^\/containers\/\{container_id\}\/files(\/[^?]*)?$/,
];
/** Where the document does not say what a stream consists of. */
const EVENTS: Record<string, string> = {
  'POST /threads/runs': 'AssistantStreamEvent',
  'POST /threads/{thread_id}/runs': 'AssistantStreamEvent',
  'POST /threads/{thread_id}/runs/{run_id}/submit_tool_outputs': 'AssistantStreamEvent',
};
const METHODS = ['get', 'post', 'delete'];

/** Keywords that hold a map from names to schemas; the names are data and never dropped. */
const SCHEMA_MAPS = new Set(['properties', 'patternProperties', '$defs']);
const PROSE = /^(description|title|summary|examples?|default|deprecated|discriminator|x-.*|\$recursiveAnchor|nullable)$/;
const FORMATS_THAT_AJV_KNOWS = new Set(['uri', 'date', 'date-time', 'uuid', 'email']);

const COMPONENT = '#/components/schemas/';
const asObject = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

/** One schema of the document as plain JSON Schema 2020-12. `component` is the named schema that it belongs to. */
function convert(schema: Json, component: string): Json {
  if (Array.isArray(schema)) return schema.map((item) => convert(item, component));
  if (!isObject(schema)) return schema;
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const isUnknownFormat = keyword === 'format' && !FORMATS_THAT_AJV_KNOWS.has(String(value));
    if (!PROSE.test(keyword) && !isUnknownFormat) Object.assign(result, convertKeyword(keyword, value, component));
  }
  return schema.nullable === true ? { anyOf: [result, { type: 'null' }] } : result;
}

function convertKeyword(keyword: string, value: Json, component: string): JsonObject {
  if (keyword === 'enum' || keyword === 'const' || keyword === 'required') return { [keyword]: value };
  if (keyword === '$ref') return { $ref: String(value).replace(COMPONENT, '#/$defs/') };
  if (keyword === '$recursiveRef') return { $ref: `#/$defs/${component}` };
  // The document's unions overlap, so `oneOf` would refuse valid bodies.
  if (keyword === 'oneOf') return { anyOf: convert(value, component) };
  if (SCHEMA_MAPS.has(keyword)) return { [keyword]: convertMap(asObject(value), component) };
  return { [keyword]: convert(value, component) };
}

const convertMap = (schemas: JsonObject, component: string): JsonObject =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, convert(schema, component)]));

class Slice {
  readonly defs: JsonObject = {};
  readonly operations: JsonObject = {};
  readonly #components: JsonObject;

  constructor(components: JsonObject) {
    this.#components = components;
  }

  addOperation(key: string, operation: JsonObject): void {
    const name = String(operation.operationId);
    const answers = asObject(asObject(asObject(operation.responses)['200']).content);
    const body = asObject(asObject(operation.requestBody).content);
    const parameters = Array.isArray(operation.parameters) ? operation.parameters.map(asObject) : [];
    this.operations[key] = {
      query: parameters.filter((parameter) => parameter.in === 'query').map((parameter) => String(parameter.name)),
      request: this.#root(body['application/json'] ?? body['multipart/form-data'], `${name}Request`),
      response: this.#root(answers['application/json'], `${name}Response`),
      event: EVENTS[key] ?? this.#root(answers['text/event-stream'], `${name}Event`),
    };
    if (EVENTS[key]) this.addComponent(EVENTS[key]);
  }

  addComponent(name: string): void {
    if (name in this.defs) return;
    const schema = this.#components[name];
    if (schema === undefined) throw new Error(`The document has no component ${name}.`);
    this.#define(name, schema);
  }

  #define(name: string, schema: Json): void {
    const converted = convert(schema, name);
    this.defs[name] = converted;
    for (const [, reference] of JSON.stringify(converted).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)) {
      if (reference !== undefined) this.addComponent(reference);
    }
  }

  /** The name of the schema of a body; one written in place gets the operation's name. */
  #root(content: Json | undefined, nameInPlace: string): Json {
    const schema = asObject(content).schema;
    if (!isObject(schema)) return null;
    const reference = typeof schema.$ref === 'string' ? schema.$ref.replace(COMPONENT, '') : undefined;
    if (reference !== undefined) this.addComponent(reference);
    else this.#define(nameInPlace, schema);
    return reference ?? nameInPlace;
  }
}

function slice(document: JsonObject): JsonObject {
  const result = new Slice(asObject(asObject(document.components).schemas));
  for (const [path, methods] of Object.entries(asObject(document.paths))) {
    if (!PATHS.some((pattern) => pattern.test(path))) continue;
    for (const method of METHODS) {
      const operation = asObject(methods)[method];
      if (isObject(operation)) result.addOperation(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  result.addComponent('ErrorResponse');
  return { operations: result.operations, $defs: result.defs };
}

/** One operation and one component a line: small, and a new version of the document diffs well. */
function print(fixture: JsonObject): string {
  const block = (name: string) => {
    const entries = Object.entries(asObject(fixture[name])).map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    return `${JSON.stringify(name)}:{\n${entries.join(',\n')}\n}`;
  };
  return `{\n${Object.keys(fixture).map(block).join(',\n')}\n}\n`;
}

const README = `Names, types and limits from OpenAI's API document (github.com/openai/openai-openapi, MIT, see LICENSE), without its prose.
Made by \`node --conditions=threadline-source scripts/openapi-slice.ts path/to/openapi.yaml\`; the LICENSE is taken from beside that file.
`;

const source = process.argv[2];
if (source === undefined) throw new Error('Name the OpenAPI document: openapi-slice.ts path/to/openapi.yaml');
mkdirSync(TARGET, { recursive: true });
writeFileSync(join(TARGET, 'schemas.json'), print(slice(parse(readFileSync(source, 'utf8')))));
writeFileSync(join(TARGET, 'README.md'), README);
copyFileSync(join(dirname(source), 'LICENSE'), join(TARGET, 'LICENSE'));
