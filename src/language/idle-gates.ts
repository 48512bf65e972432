import type { StepPlan } from '../plan/plan.ts';
import type { DataPath } from '../shared/json/json.ts';
import type { Report } from './report.ts';
import type { StepContext } from './step-context.ts';

/** A compiled step, and where it stands. */
export interface PlacedStep {
  step: StepPlan;
  path: DataPath;
}

/**
 * The steps of a list. Warns of one that is to decide on what comes after it, such as an approval, where no later step waits
 * for it.
 */
export function stepsOf(list: readonly PlacedStep[], report: Report): StepPlan[] {
  for (const [index, { step, path }] of list.entries()) {
    const later = list.slice(index + 1).map((placed) => placed.step);
    if (!step.gates || !isIdle(step, later)) continue;
    const message = `\`${step.name}\` holds nothing back: no later step waits for it`;
    const hint = `Name it where it is to decide: \`needs: [${step.name}]\`.`;
    report.at(path, { code: 'invalid-value', severity: 'warning', message, hint }, 'key');
  }
  return list.map(({ step }) => step);
}

/** Whether there are later steps, all of which are told to wait for others only. */
function isIdle(gate: StepPlan, later: readonly StepPlan[]): boolean {
  const waiting = new Set([gate.name]);
  for (const { name, needs } of later) if (!needs || needs.some((need) => waiting.has(need))) waiting.add(name);
  const others = later.filter(({ gates }) => !gates);
  return others.length > 0 && !others.some(({ name }) => waiting.has(name));
}

/** Warns of a step that is to decide on others, lets them start in any case, and whose answer nobody reads. */
export function warnOfUnread({ facts, reads, report }: StepContext): void {
  for (const { name, path } of facts.toBeRead) {
    if ([`steps.${name}`, `actions.${name}`, 'steps.this'].some((read) => reads.has(read))) continue;
    const message = `\`${name}\` holds nothing back: what comes after it starts in any case, and nobody reads its results`;
    const hint = `Let it fail, or read it where it is to decide: \`if: steps.${name}.results…\`.`;
    report.at(path, { code: 'invalid-value', severity: 'warning', message, hint }, 'key');
  }
}
