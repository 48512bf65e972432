import { isObject } from '../shared/json/json.ts';
import { meaningOf, type SchemaNode } from '../shared/schema/schema.ts';

/** A parameter as a row of a table. */
export interface ParameterRow {
  name: string;
  type: string;
  required: boolean;
  description: string;
}

/** The parameters of a closed object schema, in its order. */
export function parameterRows(schema: object): ParameterRow[] {
  const { properties, required } = schema as { properties?: Record<string, SchemaNode>; required?: string[] };
  return Object.entries(properties ?? {}).map(([name, property]) => ({
    name,
    type: typeText(property),
    required: required?.includes(name) ?? false,
    description: [property.description, defaultText(property)].filter(Boolean).join(' '),
  }));
}

const defaultText = ({ default: value }: SchemaNode) => (value === undefined ? '' : `Default: \`${JSON.stringify(value)}\`.`);

/** `text`, `a | b`, `list of …`: what may stand there, in the words of the docs. */
function typeText(schema: SchemaNode): string {
  const meaning = meaningOf(schema);
  if (meaning === 'step') return 'step';
  if (meaning === 'file') return 'file';
  if (meaning === 'files') return 'file or glob';
  if (meaning === 'url') return 'URL';
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${word}\``).join(' | ');
  const branches = (schema.anyOf ?? schema.oneOf) as SchemaNode[] | undefined;
  if (branches) return [...new Set(branches.map(typeText))].join(' | ');
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? '';
  if (schema.type === 'array') return `list of ${isObject(schema.items) ? typeText(schema.items as SchemaNode) : 'anything'}`;
  if (schema.type === 'object') return mapText(schema);
  return `${TYPES[String(schema.type)] ?? 'anything'}${rangeText(schema)}`;
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'boolean',
  null: 'null',
};

function mapText(schema: SchemaNode): string {
  const keys = Object.keys((schema.properties as object | undefined) ?? {});
  return keys.length > 0 ? `{${keys.join(', ')}}` : 'map';
}

function rangeText({ minimum, maximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum}–${maximum}`;
  return minimum === undefined ? '' : ` ≥ ${minimum}`;
}

/** Aligns all columns but the last. */
export function textTable(rows: string[][], indent = ''): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.min(36, Math.max(...rows.map((row) => row[column]?.length ?? 0))));
  return rows
    .map(
      (row) =>
        `${indent}${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}\n`,
    )
    .join('');
}
