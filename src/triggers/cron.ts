import type { Schedule } from '../plan/trigger-plan.ts';
import type { JsonObject } from '../shared/json/json.ts';
import { Closed, Type } from '../shared/schema/schema.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import { isZone } from '../shared/time/time-zone.ts';
import { type CronProblem, cronProblem } from './cron-expression.ts';
import { cronTimes } from './cron-schedule.ts';
import { firedByNoEvent } from './requirement.ts';
import type { Trigger, TriggerCompiler } from './trigger.ts';

const LIKE = '`0 9 * * 1-5`: minute, hour, day of the month, month, day of the week.';

/** `type: cron, cron: "0 9 * * 1-5", timezone: Europe/Berlin`: started by the clock. */
export const cronTrigger: Trigger = {
  type: 'cron',
  schema: Closed(
    {
      type: Type.Literal('cron'),
      cron: Type.Optional(
        Type.String({ minLength: 1, description: `When: ${LIKE} Six fields begin with seconds; \`@daily\` too.` }),
      ),
      value: Type.Optional(Type.String({ minLength: 1, description: 'Another name of `cron`.' })),
      timezone: Type.Optional(Type.String({ minLength: 1, description: 'Whose clocks count: `Europe/Berlin`.', default: 'UTC' })),
    },
    { description: 'Started at times of the clock.' },
  ),
  roots: [],
  misspelt: {
    schedule: 'Write `cron: "0 9 * * 1-5"`.',
    expression: 'Write `cron: "0 9 * * 1-5"`.',
    tz: 'Write `timezone: Europe/Berlin`.',
  },
  compile(trigger, compiler) {
    const schedule = scheduleOf(trigger, compiler);
    return firedByNoEvent('cron', compiler.place([]), 'the clock starts it', schedule);
  },
};

function scheduleOf(trigger: JsonObject, compiler: TriggerCompiler): Schedule | undefined {
  const timezone = zoneOf(trigger, compiler);
  const key = trigger.cron === undefined ? 'value' : 'cron';
  const expression = trigger[key];
  if (expression === undefined)
    compiler.problem([], { code: 'missing-key', message: '`cron` is missing', hint: `Like ${LIKE}` }, 'key');
  if (trigger.cron !== undefined && trigger.value !== undefined)
    compiler.problem(['value'], { message: '`cron` and `value` mean the same', hint: 'Keep one.' }, 'key');
  // The schema reports other types and empty text.
  if (typeof expression !== 'string' || expression === '') return undefined;
  const problem = cronProblem(expression) ?? neverComes(expression);
  if (problem) compiler.problem([key], problem);
  if (problem || timezone === undefined) return undefined;
  return { kind: 'cron', expression, timezone, nextAfter: cronTimes(expression, timezone) };
}

const neverComes = (expression: string): CronProblem | undefined =>
  cronTimes(expression, 'UTC')(0) === undefined
    ? { message: `\`${expression}\` never comes`, hint: 'No such month has such a day.' }
    : undefined;

function zoneOf({ timezone = 'UTC' }: JsonObject, compiler: TriggerCompiler): string | undefined {
  if (typeof timezone !== 'string' || timezone === '') return undefined;
  if (isZone(timezone)) return timezone;
  const hint = didYouMean(timezone, Intl.supportedValuesOf('timeZone')) ?? 'Like `Europe/Berlin`, `America/New_York` or `UTC`.';
  compiler.problem(['timezone'], { message: `there is no time zone \`${timezone}\``, hint });
  return undefined;
}
