import { ThreadlineError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Frame, GroupPlan, Outcome, Scope } from '../plan.ts';
import { extendScope } from '../scope.ts';
import { type RunContext, StepList, type StepStates } from './step-list.ts';

/**
 * Runs the steps of a group. Its results are those of its steps by name, of all branches: null for what did not run.
 * Outside of items, the group's steps can be read like those around it.
 */
export async function runGroup(group: GroupPlan, frame: Frame, around: StepList, context: RunContext): Promise<Outcome> {
  const chosen = group.choose(frame.scope);
  if (chosen === undefined) return { status: 'skipped', results: null, attempts: 0, reason: 'switch: no case is named' };
  const outer = frame.scope.steps as StepStates;
  const states: StepStates = frame.item === undefined && outer === around.states ? around.states : Object.assign(Object.create(null), outer);
  const flags: Record<string, unknown> = Object.create(null);
  const list = new StepList(group.branches[chosen] ?? [], context, { states, prefix: `${frame.path}/`, flags });
  const scope = (): Scope => extendScope(frame.scope, { ...flags, steps: states, actions: states });
  await list.run(scope, frame.signal, group.kind === 'parallel');
  const results: JsonObject = {};
  for (const { name } of group.branches.flat()) results[name] = states[name]?.results ?? null;
  if (!list.failure) return { status: 'succeeded', results, attempts: 1 };
  const { step, error } = list.failure;
  return { status: 'failed', results, error: within(step, error), attempts: 1 };
}

function within(step: string, error: ThreadlineError): ThreadlineError {
  const { code, message, hint, details, retryable } = error;
  return new ThreadlineError(code, `Step \`${step}\` failed: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(details ? { details } : {}),
    retryable,
    cause: error,
  });
}
