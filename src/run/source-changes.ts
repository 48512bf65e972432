import type { Entry } from '../journal/run-store.ts';
import { parseYaml } from '../language/parse.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';

export interface Changes {
  /** Unified diff with context lines. */
  diff: string;
  /** The change touches only steps that have not begun. */
  isBehind: boolean;
}

type Texts = Readonly<Record<string, string>>;

/** Returns undefined if the texts are equal. */
export function changesBetween(before: Texts, after: Texts, file: string, entries: readonly Entry[]): Changes | undefined {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
  if (names.length === 0) return undefined;
  const diff = names.map((name) => diffOf(name, before[name] ?? '', after[name] ?? '')).join('\n');
  const only = names.length === 1 && names[0] === file;
  return { diff, isBehind: only && isSameSoFar(before[file] ?? '', after[file] ?? '', entries) };
}

/** Tells whether everything except the steps after the last begun one is unchanged. */
function isSameSoFar(before: string, after: string, entries: readonly Entry[]): boolean {
  const [old, now] = [before, after].map((text) => partsOf(parseYaml(text, '').data));
  if (!old || !now || JSON.stringify(old.rest) !== JSON.stringify(now.rest)) return false;
  const begun = new Set(entries.map(({ path }) => path.split(/[/[.]/)[0]));
  const last = old.steps.findLastIndex((step) => begun.has(String(step.name)));
  const upTo = (steps: readonly JsonObject[]) => JSON.stringify(steps.slice(0, last + 1));
  return upTo(old.steps) === upTo(now.steps);
}

function partsOf(data: Json): { steps: JsonObject[]; rest: JsonObject } | undefined {
  const workflow = isObject(data) && isObject(data.workflow) ? data.workflow : data;
  if (!isObject(workflow)) return undefined;
  const { steps, actions, outputs: _, ...rest } = workflow;
  const all = [steps, actions].flatMap((list) => (Array.isArray(list) ? list : []));
  return { steps: all.filter(isObject), rest };
}

const AROUND = 2;

/** Diff of the changed lines. */
function diffOf(name: string, before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const rows = compare(old, now);
  const shown = rows.map(
    (row, index) => row[0] !== ' ' || rows.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((near) => near[0] !== ' '),
  );
  const lines = rows.flatMap((row, index) => {
    if (shown[index]) return [row];
    return shown[index - 1] ? [' …'] : [];
  });
  return [`--- ${name} (as the run began)`, `+++ ${name}`, ...lines].join('\n');
}

/** Longest common subsequence; quadratic, which is fast enough for workflow files. */
function compare(old: readonly string[], now: readonly string[]): string[] {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = now.length - 1; column >= 0; column--) {
      const same = old[row] === now[column];
      lengths[row * width + column] = same ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const rows: string[] = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < now.length) {
    if (row < old.length && column < now.length && old[row] === now[column]) {
      rows.push(` ${old[row++]}`);
      column++;
    } else if (column >= now.length || (row < old.length && at(row + 1, column) >= at(row, column + 1)))
      rows.push(`-${old[row++]}`);
    else rows.push(`+${now[column++]}`);
  }
  return rows;
}
