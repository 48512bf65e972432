import { isObject, type Json, type JsonObject } from '../json.ts';
import { asStrings } from '../keywords/keyword.ts';
import { triggers } from '../triggers/index.ts';
import type { Path } from './parse.ts';
import type { Report } from './report.ts';
import type { Names } from './site.ts';
import { branchesOf, collectStepNames, listAt } from './step-names.ts';

/** Finds every name that the file declares; says which are declared twice. */
export function collectNames(workflow: JsonObject, path: Path, report: Report): Omit<Names, 'twice' | 'providers'> {
  return {
    steps: collectStepNames(workflow, path, report),
    inputs: namesOf(listAt(workflow, 'inputs'), [...path, 'inputs'], 'input', report),
    consts: new Map(Object.keys(isObject(workflow.consts) ? workflow.consts : {}).map((name) => [name, undefined])),
    env: new Set(asStrings(workflow.env)),
    triggered: triggeredRoots(workflow),
    ...conditionsOf(workflow),
    taintedConsts: new Set<string>(),
  };
}

/** A workflow without triggers, or one started by hand, may be given an alert or an incident. */
function triggeredRoots(workflow: JsonObject): Set<string> {
  const declared = listAt(workflow, 'triggers').map((data) => triggers.find(({ type }) => isObject(data) && data.type === type));
  // A trigger that was mistyped is reported; what it would have filled is not reported again.
  const isOpen = (declared.length === 0 && workflow.interval === undefined) || declared.includes(undefined);
  return new Set((isOpen ? triggers : declared).flatMap((trigger) => trigger?.roots ?? []));
}

/** Conditions by the names that later steps read them by, and by their steps. */
function conditionsOf(workflow: JsonObject): Pick<Names, 'flags' | 'conditions'> {
  const flags = new Map<string, string>();
  const conditions = new Map<string, Set<string>>();
  const visit = (steps: Json[]): void => {
    for (const step of steps.filter(isObject)) {
      for (const { name, alias = name } of listAt(step, 'condition').filter(isObject)) {
        if (typeof name !== 'string' || typeof step.name !== 'string') continue;
        conditions.set(step.name, (conditions.get(step.name) ?? new Set()).add(name));
        if (!flags.has(String(alias))) flags.set(String(alias), step.name);
      }
      for (const branch of branchesOf(step)) visit(branch.steps);
    }
  };
  for (const key of ['steps', 'actions', 'finally']) visit(listAt(workflow, key));
  return { flags, conditions };
}

function namesOf(list: Json[], path: Path, what: string, report: Report): Set<string> {
  const names = new Set<string>();
  for (const [index, item] of list.entries()) {
    if (!isObject(item) || typeof item.name !== 'string') continue;
    if (names.has(item.name))
      report.at([...path, index, 'name'], { code: 'duplicate-name', message: `there are two ${what}s called \`${item.name}\`` });
    names.add(item.name);
  }
  return names;
}
