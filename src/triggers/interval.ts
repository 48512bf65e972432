import type { Json } from '../shared/json/json.ts';
import { Closed, Type } from '../shared/schema/schema.ts';
import { durationMs } from '../shared/time/duration.ts';
import { firedByNoEvent } from './requirement.ts';
import type { Trigger } from './trigger.ts';

const PATTERN = '^(\\d+(\\.\\d+)?|(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+)$';

/** `type: interval, value: 5m`: started again and again. */
export const intervalTrigger: Trigger = {
  type: 'interval',
  schema: Closed(
    {
      type: Type.Literal('interval'),
      value: Type.Union(
        [Type.Number({ exclusiveMinimum: 0 }), Type.String({ pattern: PATTERN, examples: ['30s', '5m', '1h30m'] })],
        { description: 'How long from one start to the next: `30s`, `5m`, `1h30m`, `1d`, or a number of seconds.' },
      ),
    },
    { description: 'Started again and again, so long after the last start.' },
  ),
  roots: [],
  misspelt: { interval: 'Write `value: 5m`.', every: 'Write `value: 5m`.' },
  compile(trigger, compiler) {
    const everyMs = intervalMs(trigger.value ?? null);
    if (everyMs === 0)
      compiler.problem(['value'], { message: '`value` must be more than 0', hint: 'Like `30s`, `5m` or `1h30m`.' });
    return firedByNoEvent('interval', compiler.place([]), 'the clock starts it', { kind: 'interval', everyMs: everyMs ?? 0 });
  },
};

/** Undefined if the schema check has reported the value. */
function intervalMs(value: Json): number | undefined {
  if (typeof value === 'number') return value > 0 ? durationMs(value) : undefined;
  if (typeof value !== 'string') return undefined;
  return durationMs(/^[\d.]+$/.test(value) ? Number(value) : value);
}
