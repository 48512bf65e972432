import type { Provider } from '../provider/contract.ts';
import { CODE_PATTERN } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { checkSchema, unsupportedKeywords } from '../shared/schema/check-schema.ts';
import { isLive, type SchemaNode } from '../shared/schema/schema.ts';

const IS_CODE = new RegExp(CODE_PATTERN);

/** What is wrong with what a provider says of itself, before any call of it. */
export function brokenInDeclaration(provider: Provider): string[] {
  const codes = Object.keys(provider.errors ?? {}).filter((code) => !IS_CODE.test(code));
  return [
    ...(provider.description.trim() === '' ? ['`description` is empty: `threadline providers` shows it.'] : []),
    ...brokenInSchema('params', 'with', provider.params as object as SchemaNode),
    ...brokenInSchema('config', 'authentication', provider.config as object as SchemaNode),
    ...codes.map((code) => `The error code \`${code}\` is not written in lower case with underscores.`),
    ...brokenInExamples(provider),
  ];
}

function brokenInSchema(name: string, yamlKey: string, schema: SchemaNode): string[] {
  if (schema.type !== 'object') return [`\`${name}\` is not the schema of an object: \`${yamlKey}:\` is a map.`];
  const open = `\`${name}\` takes any key, so that a misspelt one passes unseen: make it with \`Closed\`, or say \`additionalProperties: true\`.`;
  return [
    ...(schema.additionalProperties === undefined ? [open] : []),
    ...unsupportedKeywords(schema).map((keyword) => `\`${name}\` uses \`${keyword}\`, which Threadline does not check.`),
  ];
}

/** A text with a template fits everything, as in a workflow. */
const isTemplate = (value: Json) => typeof value === 'string' && value.includes('{{');

function brokenInExamples({ params, examples = {} }: Provider): string[] {
  const isOpen = (value: Json, schema: SchemaNode) => isTemplate(value) || isLive(schema);
  return Object.entries(examples).flatMap(([key, value]) =>
    checkSchema(params, { [key]: value }, { isOpen })
      .filter(({ path }) => path[0] === key)
      .map(({ path, message }) => `examples.${path.join('.')} ${message}.`),
  );
}

/** What does not fit of a call's parameters and configuration. */
export function brokenInParams(provider: Provider, params: JsonObject, config: JsonObject): string[] {
  const issues = [
    ...checkSchema(provider.params, params, { isOpen: (_, schema) => isLive(schema) }).map((issue) => ({
      part: 'params',
      issue,
    })),
    ...checkSchema(provider.config, config).map((issue) => ({ part: 'config', issue })),
  ];
  return issues.map(({ part, issue }) => `The test's ${[part, ...issue.path].join('.')} ${issue.message}.`);
}
