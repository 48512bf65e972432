import { flagsOf } from '../keywords/index.ts';
import { asStrings } from '../keywords/keyword.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { triggers } from '../triggers/index.ts';
import type { Report } from './report.ts';
import { branchesOf, collectStepNames, listAt } from './step-names.ts';
import type { Names } from './template-position.ts';
import { isRoot } from './unknown-names.ts';

/** Collects every name that the file declares, and reports duplicates. */
export function collectNames(
  workflow: JsonObject,
  path: DataPath,
  report: Report,
): Omit<Names, 'twice' | 'providers' | 'results'> {
  return {
    steps: collectStepNames(workflow, path, report),
    inputs: namesOf(listAt(workflow, 'inputs'), [...path, 'inputs'], 'input', report),
    consts: new Map(Object.keys(isObject(workflow.consts) ? workflow.consts : {}).map((name) => [name, undefined])),
    env: new Set(asStrings(workflow.env)),
    triggered: triggeredRoots(workflow),
    ...conditionsOf(workflow, path, report),
    taintedConsts: new Set<string>(),
  };
}

/** A workflow without triggers, or one started by hand, may be given an alert or an incident. */
function triggeredRoots(workflow: JsonObject): Set<string> {
  const declared = listAt(workflow, 'triggers').map((data) => triggers.find(({ type }) => isObject(data) && data.type === type));
  // A mistyped trigger is reported already; the references to its roots are not reported again.
  const isOpen = (declared.length === 0 && workflow.interval === undefined) || declared.includes(undefined);
  return new Set((isOpen ? triggers : declared).flatMap((trigger) => trigger?.roots ?? []));
}

/** Conditions by the names that later steps read, and by step. */
function conditionsOf(workflow: JsonObject, path: DataPath, report: Report): Pick<Names, 'flags' | 'conditions'> {
  const flags = new Map<string, string>();
  const conditions = new Map<string, Set<string>>();
  const collect = (step: JsonObject, at: DataPath): void => {
    const own = flagsOf(step);
    const stepName = typeof step.name === 'string' ? step.name : undefined;
    const names = own.flatMap(({ name }) => name ?? []);
    if (stepName !== undefined && names.length > 0) conditions.set(stepName, new Set(names));
    for (const { name, path: below } of own.flatMap(({ readAs }) => readAs ?? [])) {
      if (isRoot(name)) refuseRoot(name, [...at, ...below], report);
      if (stepName !== undefined && !flags.has(name)) flags.set(name, stepName);
    }
  };
  const visit = (steps: Json[], at: DataPath): void => {
    for (const [index, step] of steps.entries()) {
      if (!isObject(step)) continue;
      collect(step, [...at, index]);
      for (const branch of branchesOf(step)) visit(branch.steps, [...at, index, ...branch.path]);
    }
  };
  for (const key of ['steps', 'actions', 'finally']) visit(listAt(workflow, key), [...path, key]);
  return { flags, conditions };
}

function refuseRoot(name: string, path: DataPath, report: Report): void {
  const message = `a condition cannot be called \`${name}\`: templates read something else by that name`;
  report.at(path, { code: 'invalid-value', message, hint: 'Give it an `alias`.' });
}

function namesOf(list: Json[], path: DataPath, what: string, report: Report): Set<string> {
  const names = new Set<string>();
  for (const [index, item] of list.entries()) {
    if (!isObject(item) || typeof item.name !== 'string') continue;
    if (names.has(item.name))
      report.at([...path, index, 'name'], { code: 'duplicate-name', message: `there are two ${what}s called \`${item.name}\`` });
    names.add(item.name);
  }
  return names;
}
