import { isObject, type Json, toJson } from '../shared/json/json.ts';
import type { Difference, RunDocument } from './run-document.ts';

/** Matches ids and times, which differ in every run. */
const INCIDENTAL = /^(?:steps\b.*\.results\b|outputs\b).*(?:\.|_)(?:id|at|ms)$/;

/**
 * Compares the inputs, the results of the steps and the outputs of two runs. Differences that are `incidental`, such as ids
 * and times, do not make the runs different.
 */
export function differencesOf(before: RunDocument, after: RunDocument): { differences: Difference[]; incidental: Difference[] } {
  // Each run's own id counts as equal to the other's.
  const isSame = (one: Json, other: Json) =>
    typeof one === 'string' && typeof other === 'string' && one.replaceAll(before.run.id, after.run.id) === other;
  const all = compare(essenceOf(before), essenceOf(after), { path: '', isSame }).map((one) => ({
    ...one,
    isFresh: INCIDENTAL.test(one.path),
  }));
  const only = (isFresh: boolean) => all.filter((one) => one.isFresh === isFresh).map(({ isFresh: _, ...one }) => one);
  return { differences: only(false), incidental: only(true) };
}

/** The times and the usage that differ: of the runs, and of each step that both have. */
export function figuresOf(before: RunDocument, after: RunDocument): Difference[] {
  const ofRun = ({ run, usage }: RunDocument): Json => ({ run: { duration_ms: run.duration_ms, ...usage } });
  const both = Object.keys(before.steps).filter((name) => Object.hasOwn(after.steps, name));
  const ofSteps = ({ steps }: RunDocument): Json => ({
    steps: Object.fromEntries(both.map((name) => [name, { duration_ms: steps[name]?.duration_ms ?? 0, ...steps[name]?.usage }])),
  });
  return [ofRun, ofSteps].flatMap((figures) => compare(figures(before), figures(after), { path: '', isSame: () => false }));
}

/** The data to compare, without ids and times and without repetitions. */
function essenceOf({ run, request, steps, outputs, error }: RunDocument): Json {
  const names = Object.keys(steps);
  const essence = Object.entries(steps).map(([name, { status, reason, results, error: failure, items }]) => {
    const holdsSteps = names.some((one) => one.startsWith(`${name}/`) || one.startsWith(`${name}[`));
    const ends = items?.map((item) => ({ status: item.status, error: briefly(item.error) }));
    const own = { status, reason, error: briefly(failure), ...(ends ? { items: ends } : {}) };
    return [name, holdsSteps ? own : { ...own, results }];
  });
  const hasFailedStep = Object.values(steps).some((step) => step.error !== null && !step.tolerated);
  return toJson({
    workflow: run.workflow,
    status: run.status,
    offline: run.offline,
    ...request,
    steps: Object.fromEntries(essence),
    outputs,
    // A step's failure is compared with the step.
    error: hasFailedStep ? null : briefly(error),
  });
}

const briefly = (error: RunDocument['error']): Json => (error === null ? null : { code: error.code, message: error.message });

/** Position of a value, with a test for unequal values that count as the same. */
interface ComparedPlace {
  path: string;
  isSame(before: Json, after: Json): boolean;
}

function compare(before: Json | undefined, after: Json | undefined, { path, isSame }: ComparedPlace): Difference[] {
  if (before === undefined) return after === undefined ? [] : [{ path, after }];
  if (after === undefined) return [{ path, before }];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    const at = (index: number) => compare(before[index], after[index], { path: `${path}[${index}]`, isSame });
    return Array.from({ length }, (_, index) => at(index)).flat();
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => compare(memberOf(before, name), memberOf(after, name), { path: within(path, name), isSame }));
  }
  return before === after || isSame(before, after) ? [] : [{ path, before, after }];
}

const memberOf = (value: { [name: string]: Json }, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined;

function within(path: string, name: string): string {
  if (!/^[\w-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}
