import type { JsonObject, ParamsProblem } from 'threadline/provider';
import { OPERATIONS, type Operation, operationKeys } from '../contract/operation-schema.ts';

const COMMON = ['operation', 'timeout'];

/** Parameters that an operation needs and lacks, and ones that it does not take. */
export function checkOperation(params: JsonObject): ParamsProblem[] {
  const { operation = 'ask' } = params;
  if (operation === 'ask') return foreignKeys(params, 'ask', (key) => key === 'operation' || !Object.hasOwn(operationKeys, key));
  if (typeof operation !== 'string' || !Object.hasOwn(OPERATIONS, operation)) return [];
  const { needs, takes }: { needs: readonly (readonly string[])[]; takes: readonly string[] } =
    OPERATIONS[operation as Operation];
  const known = new Set([...COMMON, ...needs.flat(), ...takes]);
  return [
    ...needs.flatMap((group) => checkGroup(params, group, operation)),
    ...foreignKeys(params, operation, (key) => known.has(key)),
    ...checkData(params, known),
    ...(params.scope !== undefined && params.key === undefined && known.has('scope')
      ? [{ path: ['scope'], part: 'key' as const, message: '`scope` is about a `key`' }]
      : []),
  ];
}

function checkGroup(params: JsonObject, group: readonly string[], operation: string): ParamsProblem[] {
  const given = group.filter((key) => params[key] !== undefined);
  const names = group.map((key) => `\`${key}\``).join(' or ');
  if (given.length === 0) return [{ path: [], message: `\`operation: ${operation}\` needs ${names}` }];
  const [, second] = given;
  return second === undefined ? [] : [{ path: [second], part: 'key', message: `only one of ${names} can be given` }];
}

function foreignKeys(params: JsonObject, operation: string, isKnown: (key: string) => boolean): ParamsProblem[] {
  const foreign = Object.keys(params).filter((key) => params[key] !== undefined && !isKnown(key));
  return foreign.map((key) => {
    const takers = Object.entries(OPERATIONS).filter(([, { needs, takes }]) =>
      [...needs.flat(), ...takes].some((one) => one === key),
    );
    const hint = takers.length > 0 ? `It belongs to ${takers.map(([name]) => `\`operation: ${name}\``).join(', ')}.` : undefined;
    const message = `\`${key}\` means nothing to \`operation: ${operation}\``;
    return { path: [key], part: 'key', message, ...(hint ? { hint } : {}) };
  });
}

function checkData({ data, name, paths, path }: JsonObject, known: Set<string>): ParamsProblem[] {
  if (!known.has('data')) return [];
  if (data !== undefined && name === undefined) return [{ path: ['data'], message: '`data` needs a `name`' }];
  const isOne = data !== undefined || (path !== undefined && paths === undefined);
  return name !== undefined && !isOne ? [{ path: ['name'], message: '`name` is for one file' }] : [];
}
