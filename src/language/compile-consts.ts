import type { Constant } from '../plan/plan.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import type { Reference } from '../values/index.ts';
import { compileTree } from './compile-value.ts';
import { isTrusted } from './references.ts';
import type { Names, TemplatePosition } from './template-position.ts';
import type { ValueContext } from './value-context.ts';

/** Roots that do not change during a run; a constant that reads another root is computed at every read. */
const SAME_FOR_THE_RUN = new Set(['alert', 'event', 'incident', 'inputs', 'env', 'secrets', 'run', 'consts']);

/** Compiles `consts:`. A constant may read others in any order, and every root that exists where it is read. */
export function compileConsts(
  workflow: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
): Constant[] {
  const reads = context.names.consts as Map<string, readonly Reference[] | undefined>;
  const entries = Object.entries(isObject(workflow.consts) ? workflow.consts : {});
  const constants = entries.map(([name, data]) => compileOne(name, data, [...path, 'consts', name], position, context, reads));
  const circling = new Set<string>();
  for (const [name] of entries)
    if (!circling.has(name))
      for (const other of reportCycle(name, [...path, 'consts', name], reads, context)) circling.add(other);
  const late = reaching(reads, (reference) => !SAME_FOR_THE_RUN.has(reference.root));
  const tainted = context.names.taintedConsts as Set<string>;
  for (const name of reaching(reads, (reference) => reference.root !== 'consts' && !trusts(reference, context.names, position)))
    tainted.add(name);
  return constants.map((constant) => ({ ...constant, isLate: late.has(constant.name) }));
}

function compileOne(
  name: string,
  data: Json,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
  reads: Map<string, readonly Reference[] | undefined>,
): Constant {
  const collected: Reference[] = [];
  const value = compileTree(data, path, { ...position, isConstant: true }, { ...context, collected });
  reads.set(name, collected);
  return { name, value, isLate: false };
}

const trusts = (reference: Reference, names: Names, position: TemplatePosition): boolean => isTrusted(reference, names, position);

/** The constants that read such a root, directly or through other constants. */
function reaching(
  reads: ReadonlyMap<string, readonly Reference[] | undefined>,
  wanted: (reference: Reference) => boolean,
): Set<string> {
  const found = new Set([...reads].flatMap(([name, references]) => (references?.some(wanted) ? [name] : [])));
  const readers = new Map<string, string[]>();
  for (const [name, references] of reads)
    for (const { root, path } of references ?? []) {
      if (root !== 'consts') continue;
      for (const read of typeof path[0] === 'string' ? [path[0]] : reads.keys())
        readers.set(read, [...(readers.get(read) ?? []), name]);
    }
  for (const name of found) for (const reader of readers.get(name) ?? []) found.add(reader);
  return found;
}

/** Reports constants that read themselves, and returns the members of such cycles. */
function reportCycle(
  name: string,
  path: DataPath,
  reads: ReadonlyMap<string, readonly Reference[] | undefined>,
  context: ValueContext,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const next = [name];
  for (let current = next.pop(); current !== undefined; current = next.pop()) {
    for (const { root, path: keys } of reads.get(current) ?? []) {
      if (root !== 'consts') continue;
      const [read] = keys;
      if (read === name || read === undefined) {
        const message =
          current === name ? `constant \`${name}\` reads itself` : `constant \`${name}\` reads itself by way of \`${current}\``;
        context.report.at(path, { code: 'invalid-value', message }, 'key');
        return seen;
      }
      if (!seen.has(String(read))) {
        seen.add(String(read));
        next.push(String(read));
      }
    }
  }
  return new Set();
}
