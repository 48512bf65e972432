import { isObject, type Json } from '../json/json.ts';
import { nearest } from '../text/suggest.ts';
import { keyOfPointer, nodesOf } from './schema-nodes.ts';
import type { SchemaIssue } from './schema-rules.ts';

/** Finds references that lead nowhere: such a schema cannot be used. Ids and anchors are left to the one who compiles it. */
export function checkRefs(schema: Json): SchemaIssue[] {
  const nodes = nodesOf(schema);
  if (nodes.some(({ node }) => isObject(node) && (node.$id !== undefined || node.$anchor !== undefined))) return [];
  return nodes.flatMap(({ path, node }): SchemaIssue[] => {
    const ref = isObject(node) ? node.$ref : undefined;
    if (typeof ref !== 'string' || leadsSomewhere(ref, schema)) return [];
    const issue = { code: 'invalid-value', path: [...path, '$ref'] } as const;
    if (!ref.startsWith('#'))
      return [{ ...issue, message: `leads out of the schema: ${ref}`, hint: 'Write what it leads to under `$defs`.' }];
    const meant = nearest(ref, targetsIn(schema));
    return [
      { ...issue, message: `leads nowhere: ${ref}`, ...(meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` }) },
    ];
  });
}

function leadsSomewhere(ref: string, schema: Json): boolean {
  // What is encoded for an address is left to the one who compiles the schema.
  if (ref === '#' || ref.includes('%')) return true;
  if (!ref.startsWith('#/')) return false;
  const keys = ref.slice(2).split('/').map(keyOfPointer);
  const found = keys.reduce<Json | undefined>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    return isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, schema);
  return found !== undefined;
}

const targetsIn = (schema: Json): string[] =>
  ['$defs', 'definitions'].flatMap((map) => {
    const named = isObject(schema) ? schema[map] : undefined;
    return isObject(named) ? Object.keys(named).map((name) => `#/${map}/${name}`) : [];
  });
