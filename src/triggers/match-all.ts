import type { Plan } from '../plan/plan.ts';
import type { TriggerEvent, TriggerPlan } from '../plan/trigger-plan.ts';
import { type ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';

export interface MatchedPlan {
  plan: Plan;
  /** The first of its triggers that took the event. */
  trigger: TriggerPlan;
}

export interface MatchedPlans {
  matched: MatchedPlan[];
  /** Workflows whose triggers could not be evaluated. */
  failed: { plan: Plan; error: ThreadlineError }[];
}

/** The workflows that an event starts, each once. A failing trigger does not affect other workflows. */
export function matchAll(plans: Iterable<Plan>, event: TriggerEvent): MatchedPlans {
  const found: MatchedPlans = { matched: [], failed: [] };
  for (const plan of plans) {
    const { trigger, error } = firstMatch(plan.triggers, event);
    if (trigger) found.matched.push({ plan, trigger });
    else if (error) found.failed.push({ plan, error });
  }
  return found;
}

/** A failing trigger does not keep the workflow's other triggers from matching. */
function firstMatch(triggers: readonly TriggerPlan[], event: TriggerEvent): { trigger?: TriggerPlan; error?: ThreadlineError } {
  let failure: ThreadlineError | undefined;
  for (const trigger of triggers) {
    try {
      if (trigger.matches(event)) return { trigger };
    } catch (thrown) {
      failure ??= toThreadlineError(thrown, 'expression_failed');
    }
  }
  return failure ? { error: failure } : {};
}
