import type { Json } from '../shared/json/json.ts';
import { Closed, OneOf, Type } from '../shared/schema/schema.ts';
import { conditionOn } from './condition.ts';
import { firedBy, type Requirement } from './requirement.ts';
import type { Trigger } from './trigger.ts';

const INCIDENT_EVENTS = ['created', 'updated', 'deleted'] as const;

/** YAML of old reads `on` as `true`, and so do files that Keep has stored. */
const EVENTS_HINT = 'Write `events: [created, updated, deleted]`: those that shall start it.';

/** `type: incident, events: [created]`. */
export const incidentTrigger: Trigger = {
  type: 'incident',
  schema: Closed(
    {
      type: Type.Literal('incident'),
      events: Type.Optional(
        Type.Array(OneOf(INCIDENT_EVENTS), {
          minItems: 1,
          description: 'Only when this happened to it. Default: whatever happened.',
        }),
      ),
      cel: Type.Optional(
        Type.String({ minLength: 1, description: "An expression over the incident's own fields: `severity == 'critical'`." }),
      ),
    },
    { description: 'Started by an incident.' },
  ),
  roots: ['incident'],
  misspelt: { on: EVENTS_HINT, true: EVENTS_HINT },
  compile(trigger, compiler) {
    const requirements: Requirement[] = [];
    if (Array.isArray(trigger.events)) requirements.push(happened(trigger.events, compiler.place(['events'])));
    if (typeof trigger.cel === 'string') requirements.push(conditionOn('incident', trigger.cel, ['cel'], compiler));
    return firedBy('incident', compiler.place([]), requirements);
  },
};

function happened(events: Json[], place: string): Requirement {
  const text = `events: [${events.join(', ')}]`;
  const holds: Requirement['holds'] = ({ incidentEvent }) => incidentEvent === undefined || events.includes(incidentEvent);
  return {
    holds,
    explain(event) {
      const { incidentEvent } = event;
      const why = incidentEvent === undefined ? 'what happened is not known' : `the incident was ${incidentEvent}`;
      return [{ text, holds: holds(event), why, place }];
    },
  };
}
