import type { TriggerPlan } from '../plan/trigger-plan.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { Closed, Type } from '../shared/schema/schema.ts';
import { changeOf, withSeverityChange } from './change.ts';
import { conditionOn } from './condition.ts';
import { FilterSchema, filterOn } from './filter.ts';
import { firedBy, type Requirement } from './requirement.ts';
import type { Trigger, TriggerCompiler } from './trigger.ts';

/** `type: alert`, with Keep's ways to choose which: `cel`, `filters`, `only_on_change`, `severity_changed`. */
export const alertTrigger: Trigger = {
  type: 'alert',
  schema: Closed(
    {
      type: Type.Literal('alert'),
      cel: Type.Optional(
        Type.String({ minLength: 1, description: "An expression over the alert's own fields: `severity == 'critical'`." }),
      ),
      filters: Type.Optional(
        Type.Array(FilterSchema, { minItems: 1, description: 'Fields and what they must be; all of them. `cel` says more.' }),
      ),
      only_on_change: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          description:
            'Only when all these fields differ from the alert of the same fingerprint before it. A first alert counts.',
        }),
      ),
      severity_changed: Type.Optional(
        Type.Boolean({
          description:
            'Only when the severity differs from the alert before it, which gives `alert.severity_change` and `alert.previous_severity`.',
        }),
      ),
    },
    { description: 'Started by an alert.' },
  ),
  roots: ['alert', 'event'],
  misspelt: {
    filter: 'Write `filters:`, a list of `{ key, value }`.',
    if: 'Write `cel:`.',
    condition: 'Write `cel:`.',
    expression: 'Write `cel:`.',
  },
  compile(trigger, compiler) {
    if (trigger.cel !== undefined && trigger.filters !== undefined) {
      const message = 'both `cel` and `filters` must hold; Keep looks at `filters` only';
      compiler.keepDifference(['cel'], message, 'Say all of it in `cel`.');
    }
    const changes = changesOf(trigger, compiler);
    const requirements = [...filtersOf(trigger, compiler), ...conditionsOf(trigger, compiler), ...changes];
    const plan = firedBy('alert', compiler.place([]), requirements, alertFor(trigger.severity_changed === true));
    return { ...plan, comparesWithPrevious: changes.length > 0 };
  },
};

const alertFor = (tellsSeverity: boolean): TriggerPlan['alertFor'] =>
  tellsSeverity ? ({ alert, previous }) => alert && withSeverityChange(alert, previous) : ({ alert }) => alert;

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

const filtersOf = (trigger: JsonObject, compiler: TriggerCompiler): Requirement[] =>
  listOf(trigger.filters).flatMap((filter, index) => (isObject(filter) ? filterOn(filter, ['filters', index], compiler) : []));

const conditionsOf = ({ cel }: JsonObject, compiler: TriggerCompiler): Requirement[] =>
  typeof cel === 'string' ? [conditionOn('alert', cel, ['cel'], compiler)] : [];

function changesOf(trigger: JsonObject, compiler: TriggerCompiler): Requirement[] {
  const changes = listOf(trigger.only_on_change).map((field, index) =>
    changeOf(String(field), compiler.place(['only_on_change', index])),
  );
  return trigger.severity_changed === true ? [...changes, changeOf('severity', compiler.place(['severity_changed']))] : changes;
}
