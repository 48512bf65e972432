import { isObject, type Json } from '../shared/json/json.ts';
import { indented, type Line, linesOf, span } from './line.ts';

/** Renders complete data for people: like YAML, with unescaped texts of several lines. */
export function valueLines(value: Json): Line[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => entryLines('-', item));
  if (isObject(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, item]) => entryLines(`${name}:`, item));
  return typeof value === 'string' ? linesOf(value) : [[span(JSON.stringify(value))]];
}

function entryLines(label: string, value: Json): Line[] {
  const lines = valueLines(value);
  const [first = []] = lines;
  const isShort = lines.length === 1 && (typeof value !== 'object' || value === null || Object.keys(value).length === 0);
  if (isShort) return [[span(label, 'dim'), span(' '), ...first]];
  // `- name: x`, with the other keys of the entry below.
  if (label === '-') return [[span('- ', 'dim'), ...first], ...lines.slice(1).map(indented)];
  return [[span(label, 'dim')], ...lines.map(indented)];
}
