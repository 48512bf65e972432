import { isObject, type Json, type JsonObject } from '../json.ts';
import { asStrings } from '../keywords/keyword.ts';
import { didYouMean } from '../suggest.ts';
import { triggers } from '../triggers/index.ts';
import type { Path } from './parse.ts';
import type { EndedBefore, Names } from './references.ts';
import type { Report } from './report.ts';

export const listAt = (data: JsonObject, key: string): Json[] => (Array.isArray(data[key]) ? data[key] : []);

/** Finds every name that the file declares; says which are declared twice and which `needs` lead nowhere. */
export function collectNames(workflow: JsonObject, path: Path, report: Report): Names {
  const inputs = namesOf(listAt(workflow, 'inputs'), [...path, 'inputs'], 'input', report);
  return {
    ended: endedBefore(workflow, path, report),
    inputs,
    consts: new Set(Object.keys(isObject(workflow.consts) ? workflow.consts : {})),
    env: new Set(asStrings(workflow.env)),
    triggered: triggeredRoots(workflow),
    taintedConsts: new Set<string>(),
  };
}

/** A workflow without triggers, or one started by hand, may be given an alert or an incident. */
function triggeredRoots(workflow: JsonObject): Set<string> {
  const declared = listAt(workflow, 'triggers').map((data) => triggers.find(({ type }) => isObject(data) && data.type === type));
  // A trigger that was mistyped is reported; what it would have filled is not reported again.
  const isOpen = declared.length === 0 || declared.includes(undefined);
  return new Set((isOpen ? triggers : declared).flatMap((trigger) => trigger?.roots ?? []));
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

interface Declared {
  name: string;
  needs: string[] | undefined;
  path: Path;
}

/** For each step, which have ended when it starts. */
function endedBefore(workflow: JsonObject, path: Path, report: Report): Map<string, EndedBefore> {
  const ended = new Map<string, EndedBefore>();
  const declared = declaredSteps(workflow, path);
  const all = new Set(declared.map((step) => step.name));
  for (const [index, step] of declared.entries()) {
    if (ended.has(step.name))
      report.at([...step.path, 'name'], { code: 'duplicate-name', message: `there are two steps called \`${step.name}\`` });
    const before: EndedBefore = { index, allBelow: step.needs ? 0 : index, needs: step.needs ?? [] };
    for (const [at, need] of (step.needs ?? []).entries()) {
      const needed = ended.get(need);
      if (!needed) reportNeed(need, at, step, all, report);
      before.allBelow = Math.max(before.allBelow, needed?.allBelow ?? 0);
    }
    ended.set(step.name, before);
  }
  return ended;
}

function declaredSteps(workflow: JsonObject, path: Path): Declared[] {
  return ['steps', 'actions'].flatMap((key) =>
    listAt(workflow, key).flatMap((step, index) => {
      if (!isObject(step) || typeof step.name !== 'string') return [];
      const needs = step.needs === undefined ? undefined : asStrings(step.needs);
      return [{ name: step.name, needs, path: [...path, key, index] }];
    }),
  );
}

/** A step needs what stands before it: that reads in order, and makes a cycle impossible. */
function reportNeed(need: string, index: number, step: Declared, all: Set<string>, report: Report): void {
  const at = [...step.path, 'needs', index];
  if (need === step.name) report.at(at, { code: 'step-order', message: `step \`${need}\` needs itself` });
  else if (all.has(need))
    report.at(at, {
      code: 'step-order',
      message: `step \`${need}\` stands behind \`${step.name}\`, which needs it`,
      hint: 'Move it up.',
    });
  else {
    const hint = didYouMean(need, all);
    report.at(at, { code: 'unknown-step', message: `there is no step \`${need}\``, ...(hint ? { hint } : {}) });
  }
}
