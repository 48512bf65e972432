import { isObject, type JsonObject } from './json.ts';
import { WorkflowSchema } from './language/schema.ts';
import { ProviderUseSchema, StepSchema } from './language/step-schema.ts';
import type { ProviderRegistry } from './provider/load.ts';
import { meaningOf, type SchemaNode } from './schema.ts';

/** Text that holds a template may stand wherever a value is computed. */
const TEMPLATE = { type: 'string', pattern: '\\{\\{' };
const TEMPLATED_KEYS = new Set(['with', 'consts', 'outputs', 'foreach', 'authentication', 'config']);

/** The JSON Schema (draft-07) of workflow files: the language, and the parameters of every provider of the registry. */
export async function editorSchema(registry: ProviderRegistry): Promise<JsonObject> {
  const names = registry.names();
  const { definitions: _, ...workflow } = plain(WorkflowSchema);
  const definitions: Record<string, unknown> = { workflow, step: plain(StepSchema) };
  const cases: unknown[] = [];
  for (const name of names) {
    const provider = await registry.load(name);
    if (!provider) continue;
    definitions[`${name}.with`] = templated(provider.params as SchemaNode);
    cases.push({
      if: { properties: { type: { const: name } }, required: ['type'] },
      ...{ ['then' as string]: { properties: { with: { $ref: `#/definitions/${name}.with` } } } },
    });
  }
  const use = plain(ProviderUseSchema) as { properties: Record<string, unknown> };
  use.properties.type = { ...(use.properties.type as object), anyOf: [{ enum: names }, { type: 'string' }] };
  definitions.provider = { ...use, allOf: cases };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Threadline workflow',
    anyOf: [
      {
        type: 'object',
        required: ['workflow'],
        additionalProperties: false,
        properties: { workflow: { $ref: '#/definitions/workflow' } },
      },
      { $ref: '#/definitions/workflow' },
    ],
    definitions,
  } as unknown as JsonObject;
}

/** A language schema with references to the provider's part, and templates where the language computes values. */
function plain(schema: unknown): SchemaNode {
  const copy = JSON.parse(JSON.stringify(schema)) as SchemaNode;
  return replaceProviders(copy);
}

function replaceProviders(node: SchemaNode): SchemaNode {
  const properties = node.properties as Record<string, SchemaNode> | undefined;
  for (const [key, property] of Object.entries(properties ?? {})) {
    if (key === 'provider' && properties) properties[key] = { $ref: '#/definitions/provider' };
    else if (!TEMPLATED_KEYS.has(key)) replaceProviders(property);
  }
  for (const branch of (node.anyOf as SchemaNode[] | undefined) ?? []) replaceProviders(branch);
  if (isObject(node.items)) replaceProviders(node.items as SchemaNode);
  return node;
}

/** The same schema with a template allowed in every place, and a step where a step belongs. */
function templated(schema: SchemaNode): SchemaNode {
  const copy: SchemaNode = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties' || keyword === 'patternProperties')
      copy[keyword] = mapValues(value as Record<string, SchemaNode>, open);
    else if (keyword === 'items' || (keyword === 'additionalProperties' && isObject(value)))
      copy[keyword] = open(value as SchemaNode);
    else if (keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf')
      copy[keyword] = (value as SchemaNode[]).map(templated);
    else if (!keyword.startsWith('x-')) copy[keyword] = value;
  }
  return copy;
}

function open(schema: SchemaNode): SchemaNode {
  if (meaningOf(schema) === 'step') return { $ref: '#/definitions/provider' };
  const inner = templated(schema);
  const acceptsText = inner.type === 'string' && inner.enum === undefined && inner.pattern === undefined;
  if (acceptsText || Object.keys(inner).every((keyword) => keyword === 'description')) return inner;
  const { description, ...rest } = inner;
  const branches = Array.isArray(rest.anyOf) && Object.keys(rest).length === 1 ? (rest.anyOf as SchemaNode[]) : [rest];
  return { ...(description === undefined ? {} : { description }), anyOf: [...branches, TEMPLATE] };
}

const mapValues = (map: Record<string, SchemaNode>, change: (schema: SchemaNode) => SchemaNode) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
