import { countedStatus } from '../../plan/alert-status.ts';
import type { AlertFacts, EvaluationContext } from '../../plan/evaluation-context.ts';
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { durationMs } from '../../shared/time/duration.ts';
import { momentOf } from '../../shared/time/moment.ts';
import { expressionFailed } from '../core/kinds.ts';
import { mapOf, textOf } from './arguments.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';
import { nowIn } from './time.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  ...{ s: 1000, seconds: 1000, m: 60_000, minutes: 60_000, h: 3_600_000, hours: 3_600_000 },
};

function factsIn(evaluation: EvaluationContext | undefined): AlertFacts {
  if (evaluation?.alerts) return evaluation.alerts;
  throw expressionFailed('There is no history of alerts where this is computed.', 'Run the workflow with a store of alerts.');
}

function fingerprintOf(value: Json): string {
  const fingerprint = textOf(isObject(value) ? (value.fingerprint ?? null) : value);
  if (fingerprint === '') throw expressionFailed('The alert has no fingerprint.');
  return fingerprint;
}

/** Start of the firing according to the alert itself; undefined if it is in another state. */
function ownStart(alert: JsonObject): number | undefined {
  if (countedStatus(alert.status) !== 'firing') return undefined;
  return momentOf(alert.firingStartTime) ?? momentOf(alert.startedAt);
}

function unitMs(unit: Json): number {
  const name = textOf(unit);
  const ms = Object.hasOwn(UNITS_MS, name) ? UNITS_MS[name] : undefined;
  if (ms !== undefined) return ms;
  throw expressionFailed(`"${name.slice(0, 40)}" is not a unit of time here.`, `There are: ${Object.keys(UNITS_MS).join(', ')}.`);
}

const firingTime: KeepFunction['call'] = ([data = null, unit = null], evaluation) => {
  const alert = mapOf(data);
  const scale = unitMs(unit);
  const since = factsIn(evaluation).firingSince(fingerprintOf(alert)) ?? ownStart(alert);
  return since === undefined ? '0.00' : (Math.max(0, nowIn(evaluation) - since) / scale).toFixed(2);
};

const isFirstTime: KeepFunction['call'] = ([fingerprint = null, since = null], evaluation) => {
  const previous = factsIn(evaluation).previousFiring(fingerprintOf(fingerprint));
  const text = textOf(since).trim();
  const window = durationMs(text);
  if (text !== '' && window === undefined) {
    throw expressionFailed(`"${text.slice(0, 40)}" is not a valid duration.`, 'Write it like 30m, 24h, 7d or 2w.');
  }
  if (previous === undefined) return true;
  return window !== undefined && nowIn(evaluation) - previous > window;
};

/** Of which tenant the alert is: there are none here. */
const SERVER_ARGUMENTS = ['tenant_id'];

export const alertFunctions: readonly KeepFunction[] = [
  keepFunction(
    'get_firing_time(alert, time_unit)',
    {
      ignored: SERVER_ARGUMENTS,
      description:
        'How long the alert has been firing, in `s`, `m` or `h`, as text with two decimals; `0.00` when it is not firing.',
      example: {
        template: "{{ keep.get_firing_time(alert, 'minutes') }}",
        scope: { alert: { fingerprint: 'f1' } },
        evaluation: { now: '2024-03-27T12:00:00Z', firingSince: '2024-03-27T11:45:00Z' },
        result: '15.00',
      },
      difference: 'Of an alert that was never stored, its own `firingStartTime` or `startedAt` counts, where Keep gives `0.00`.',
    },
    firingTime,
  ),
  keepFunction(
    'is_first_time(fingerprint, since=None)',
    {
      ignored: SERVER_ARGUMENTS,
      description: 'Whether the alert fires for the first time, or for the first time within `since` (`30m`, `24h`, `7d`, `2w`).',
      example: {
        template: "{{ keep.is_first_time(alert.fingerprint, '24h') }}",
        scope: { alert: { fingerprint: 'f1' } },
        evaluation: { now: '2024-03-27T12:00:00Z', previousFiring: '2024-03-25T12:00:00Z' },
        result: true,
      },
      difference: 'The fingerprint may be written without braces and quotes.',
    },
    isFirstTime,
  ),
];
