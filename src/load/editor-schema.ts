import { WorkflowSchema } from '../language/schema.ts';
import { ProviderUseSchema, ReusableActionSchema, StepSchema, withKeys } from '../language/step-schema.ts';
import type { ProviderRegistry } from '../provider/load.ts';
import { type ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type JsonObject } from '../shared/json/json.ts';
import { meaningOf, type SchemaNode } from '../shared/schema/schema.ts';

/** Text with a template is allowed wherever a value is computed. */
const TEMPLATE = { type: 'string', pattern: '\\{\\{' };
const TEMPLATED_KEYS = new Set(['with', 'consts', 'outputs', 'authentication', 'config']);

/**
 * The JSON Schema (draft-07) of workflow files: the language, and the parameters of every provider of the registry. One that
 * cannot be loaded is left out where `onBroken` returns.
 */
export async function editorSchema(
  registry: ProviderRegistry,
  onBroken: (error: ThreadlineError) => void = (error) => {
    throw error;
  },
): Promise<JsonObject> {
  const names = registry.names();
  const { definitions: _, ...workflow } = plain(WorkflowSchema);
  const { required: __, ...reusable } = plain(ReusableActionSchema);
  const definitions: Record<string, unknown> = { workflow, step: plain(StepSchema), 'reusable-action': reusable };
  const cases: unknown[] = [];
  for (const name of names) {
    const provider = await registry.load(name).catch((thrown: unknown) => onBroken(toThreadlineError(thrown, 'invalid_config')));
    if (!provider) continue;
    const params = templated(provider.params as SchemaNode);
    definitions[`${name}.with`] = { ...params, properties: { ...(params.properties as object), ...hostKeys() } };
    cases.push({
      if: { properties: { type: { const: name } }, required: ['type'] },
      ...{ ['then' as string]: { properties: { with: { $ref: `#/definitions/${name}.with` } } } },
    });
  }
  const use = plain(ProviderUseSchema) as { properties: Record<string, unknown> };
  use.properties.type = { ...(use.properties.type as object), anyOf: [{ enum: names }, { type: 'string' }] };
  definitions.provider = { ...use, allOf: cases };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Threadline workflow',
    anyOf: [wrapped(workflow), { $ref: '#/definitions/workflow' }],
    definitions,
  };
  describeKinds(schema as unknown as SchemaNode);
  return schema as unknown as JsonObject;
}

/** A workflow under its wrapper, with the keys that are allowed beside it. */
function wrapped({ properties }: SchemaNode): SchemaNode {
  const one = { $ref: '#/definitions/workflow', description: 'The workflow.' };
  const many = { type: 'array', items: { $ref: '#/definitions/workflow' }, description: 'Several workflows in one file.' };
  const actions = { type: 'array', items: { $ref: '#/definitions/reusable-action' }, description: 'Actions for `use`.' };
  const { providers } = properties as Record<string, SchemaNode>;
  return {
    type: 'object',
    additionalProperties: false,
    properties: { workflow: one, workflows: many, alert: one, alerts: many, actions, providers },
    anyOf: ['workflow', 'workflows', 'alert', 'alerts'].map((key) => ({ required: [key] })),
  };
}

/** Keys of keywords in the `with:` of any provider. */
const hostKeys = (): Record<string, SchemaNode> =>
  mapValues(withKeys as unknown as Record<string, SchemaNode>, (schema) => templated(plain(schema)));

/** Also describes each kind on its `type`, because editors show the description of a key. */
function describeKinds(node: SchemaNode): void {
  const { type } = (node.properties ?? {}) as Record<string, SchemaNode>;
  if (type && type.description === undefined && typeof node.description === 'string') type.description = node.description;
  for (const child of Object.values(node)) {
    if (Array.isArray(child)) for (const item of child) if (isObject(item)) describeKinds(item as SchemaNode);
    if (isObject(child)) describeKinds(child as SchemaNode);
  }
}

/** Adds references to the provider's part, and allows templates where the language computes values. */
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

/** Allows a template in every position of the schema, and a step where its meaning is `step`. */
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
