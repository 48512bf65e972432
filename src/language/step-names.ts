import { isIterated } from '../keywords/index.ts';
import { writtenNeeds } from '../keywords/needs.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import type { Report } from './report.ts';

/** A list of steps: of the workflow, of a group, or of a case of a switch. */
interface StepList {
  /** The group that contains the list. */
  group: StepName | undefined;
  /** The steps start together. */
  isParallel: boolean;
  /** The list runs after the steps of the workflow. */
  comesLast: boolean;
}

export interface StepName {
  name: string;
  list: StepList;
  index: number;
  /** Every step before this index ends before this one starts. */
  allBelow: number;
  needs: readonly StepName[];
  /** The step runs once for each item or combination. */
  isIterated: boolean;
}

export type StepNames = ReadonlyMap<string, StepName>;

interface Problem {
  message: string;
  hint?: string;
}

/** Explains why a step has not ended when `reader` starts; undefined if it has. No reader means outside all steps. */
export function endedBefore(wanted: StepName, reader: StepName | undefined, allStepsEnded: boolean): Problem | undefined {
  if (wanted === reader) return { message: `step \`${wanted.name}\` reads its own results` };
  const around = new Map<StepList, StepName>();
  for (let step = reader; step; step = step.list.group) around.set(step.list, step);
  let target = wanted;
  for (; !around.has(target.list); target = target.list.group) {
    if (!target.list.group) return allStepsEnded && !target.list.comesLast ? undefined : notEnded(wanted, reader);
    if (target.list.group.isIterated) return insideItems(wanted, target.list.group);
  }
  const place = around.get(target.list);
  if (place === target) return otherBranch(wanted, target);
  return place && hasEnded(target, place) ? undefined : notEnded(wanted, reader);
}

function hasEnded(wanted: StepName, reader: StepName): boolean {
  const seen = new Set([reader]);
  for (const step of seen) {
    if (wanted.index < step.allBelow || step.needs.includes(wanted)) return true;
    // Steps need only earlier steps, so no step before the wanted one can lead to it.
    for (const need of step.needs) if (need.index > wanted.index) seen.add(need);
  }
  return false;
}

const insideItems = (wanted: StepName, group: StepName): Problem => ({
  message: `step \`${wanted.name}\` runs once for each item of \`${group.name}\``,
  hint: `Read \`steps.${group.name}.results\`, a list: \`steps.${group.name}.results[0].${wanted.name}\`.`,
});

const otherBranch = (wanted: StepName, group: StepName): Problem => ({
  message:
    wanted === group
      ? `\`${wanted.name}\` is the group around this step, and has not ended`
      : `step \`${wanted.name}\` is in another branch of \`${group.name}\``,
});

function notEnded(wanted: StepName, reader: StepName | undefined): Problem {
  if (!reader) return { message: `step \`${wanted.name}\` has not run when this is computed` };
  return {
    message: `step \`${wanted.name}\` has not ended when \`${reader.name}\` starts`,
    hint: `Move \`${reader.name}\` behind it, or add \`${wanted.name}\` to its \`needs\`.`,
  };
}

export const listAt = (data: JsonObject, key: string): Json[] => (Array.isArray(data[key]) ? data[key] : []);

/** Collects all steps, and reports duplicates and `needs` without a matching step. */
export function collectStepNames(workflow: JsonObject, path: DataPath, report: Report): Map<string, StepName> {
  const collection = new StepCollection(report);
  const main = { group: undefined, isParallel: false, comesLast: false };
  const lists = ['steps', 'actions'].map((key) => ({ steps: listAt(workflow, key), path: [...path, key] }));
  collection.list(lists, main);
  const handler = workflow['on-failure'];
  if (isObject(handler)) collection.handler(handler, [...path, 'on-failure'], { ...main, comesLast: true });
  collection.list([{ steps: listAt(workflow, 'finally'), path: [...path, 'finally'] }], { ...main, comesLast: true });
  return collection.names;
}

/** The step lists of a group. */
export function branchesOf(step: JsonObject): { steps: Json[]; path: DataPath; isParallel: boolean }[] {
  const cases = Object.entries(isObject(step.cases) ? step.cases : {}).map(([name, steps]) => ({ steps, path: ['cases', name] }));
  const named = ['steps', 'parallel', 'else', 'default'].map((key) => ({ steps: step[key] ?? null, path: [key] }));
  return [...named, ...cases].flatMap(({ steps, path }) =>
    Array.isArray(steps) ? [{ steps, path, isParallel: path[0] === 'parallel' }] : [],
  );
}

class StepCollection {
  readonly names = new Map<string, StepName>();
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  list(parts: { steps: Json[]; path: DataPath }[], list: StepList): void {
    const declared = parts.flatMap(({ steps, path }) =>
      steps.flatMap((step, index) => (isObject(step) && typeof step.name === 'string' ? [{ step, path: [...path, index] }] : [])),
    );
    const siblings = new Set(declared.map(({ step }) => String(step.name)));
    const above = new Map<string, StepName>();
    for (const [index, { step, path }] of declared.entries()) {
      const name = this.add(step, path, index, list, above, siblings);
      above.set(name.name, name);
      this.branches(step, path, name);
    }
  }

  /** `on-failure` may be a group. No template can read the handler itself. */
  handler(step: JsonObject, path: DataPath, list: StepList): void {
    const name = String(step.name ?? 'on-failure');
    this.branches(step, path, { name, list, index: 0, allBelow: 0, needs: [], isIterated: isIterated(step) });
  }

  private branches(step: JsonObject, path: DataPath, group: StepName): void {
    for (const branch of branchesOf(step)) {
      const inner = { group, isParallel: branch.isParallel, comesLast: group.list.comesLast };
      this.list([{ steps: branch.steps, path: [...path, ...branch.path] }], inner);
    }
  }

  private add(
    step: JsonObject,
    path: DataPath,
    index: number,
    list: StepList,
    above: ReadonlyMap<string, StepName>,
    siblings: ReadonlySet<string>,
  ): StepName {
    const name = String(step.name);
    if (name === 'this')
      this.report.at([...path, 'name'], {
        code: 'invalid-value',
        message: '`this` is not a valid name for a step',
        hint: '`steps.this` is the step that ran last.',
      });
    const written = writtenNeeds(step);
    const needs = (written ?? []).flatMap((need) => {
      const needed = above.get(need.name);
      if (!needed) this.reportNeed(need.name, [...path, ...need.path], name, siblings);
      return needed ? [needed] : [];
    });
    const waitsForAll = written === undefined && !list.isParallel;
    const allBelow = waitsForAll ? index : Math.max(0, ...needs.map((need) => need.allBelow));
    const declared = { name, list, index, allBelow, needs, isIterated: isIterated(step) };
    this.names.set(name, declared);
    return declared;
  }

  /** A step may need only earlier steps, which keeps files readable and makes cycles impossible. */
  private reportNeed(need: string, at: DataPath, step: string, siblings: ReadonlySet<string>): void {
    if (need === step) this.report.at(at, { code: 'step-order', message: `step \`${need}\` needs itself` });
    else if (siblings.has(need))
      this.report.at(at, {
        code: 'step-order',
        message: `step \`${need}\` stands behind \`${step}\`, which needs it`,
        hint: 'Move it up.',
      });
    else {
      const hint = didYouMean(need, siblings);
      this.report.at(at, {
        code: 'unknown-step',
        message: `there is no step \`${need}\` beside this one`,
        ...(hint ? { hint } : {}),
      });
    }
  }
}
