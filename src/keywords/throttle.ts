import type { Scope } from '../plan/plan.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { Closed, OneOf } from '../shared/schema/schema.ts';
import type { Keyword } from './keyword.ts';

/** `throttle: {type: one_until_resolved}`: runs once for an alert, until it has been resolved and fires again. */
export const throttleKeyword: Keyword = {
  keys: {
    throttle: Closed(
      {
        type: OneOf(['one_until_resolved'], { description: 'Once for each alert, until it is resolved and fires again.' }),
      },
      { description: 'How often the step may run for the same alert. Without an alert it always runs.' },
    ),
  },
  compile: () => ({
    usesAlerts: true,
    wrap: (next, ports) => async (frame) => {
      const fingerprint = fingerprintIn(frame.scope);
      const action = actionOf(ports.step);
      if (fingerprint === undefined) return next(frame);
      if (await ports.alerts.hasRunSinceFiring(frame.path, action, fingerprint)) {
        const reason = 'throttle: it has run for this alert since the alert began to fire';
        return { status: 'skipped', results: null, attempts: 0, reason };
      }
      const outcome = await next(frame);
      if (outcome.status === 'succeeded') await ports.alerts.noteRun(action, fingerprint);
      return outcome;
    },
  }),
};

/** Drops item indexes from the step's path, because an alert may be a different item next time. */
const actionOf = (step: string): string => step.replaceAll(/\[\d+\]/g, '');

/** Fingerprint of the current item if it is an alert, else of the triggering alert. */
export function fingerprintIn(scope: Scope): string | undefined {
  const { foreach, alert } = scope as { foreach?: { value: Json }; alert?: Json };
  const value = Array.isArray(foreach?.value) ? foreach.value[0] : foreach?.value;
  for (const candidate of [value, alert]) {
    if (isObject(candidate) && typeof candidate.fingerprint === 'string') return candidate.fingerprint;
  }
  return undefined;
}
