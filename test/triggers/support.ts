import type { JsonObject, Plan, TriggerEvent } from '../../src/index.ts';
import type { TriggerPlan } from '../../src/plan/trigger-plan.ts';
import { lineOf, load, mistakes } from '../language/support.ts';

const workflow = (triggers: string) => `workflow:
  id: one
  triggers:
${triggers.replace(/^(?=.)/gm, '    ')}
  steps:
    - { name: a, provider: { type: mock } }
`;

/** The plan of a workflow with these triggers, as they stand in YAML. */
export async function planWith(triggers: string): Promise<Plan> {
  const { plan, diagnostics } = await load(workflow(triggers));
  if (!plan) throw new Error(diagnostics.map(lineOf).join('\n'));
  return plan;
}

/** The one trigger of such a workflow. */
export async function triggerOf(yaml: string): Promise<TriggerPlan> {
  const [trigger] = (await planWith(yaml)).triggers;
  if (!trigger) throw new Error('there is no trigger');
  return trigger;
}

/** An alert trigger with this `cel`. */
export const celOf = (cel: string) => triggerOf(`- type: alert\n  cel: ${JSON.stringify(cel)}\n`);

/** An alert trigger with these filters. */
export const filtersOf = (...filters: object[]) => triggerOf(`- type: alert\n  filters: ${JSON.stringify(filters)}\n`);

/** What `validate` says of these triggers. */
export const complaints = async (yaml: string) => (await mistakes(workflow(yaml))).map(lineOf);

export const alertEvent = (alert: JsonObject, previous?: JsonObject): TriggerEvent => ({
  alert,
  ...(previous ? { previous } : {}),
});
