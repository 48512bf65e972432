import { Cron } from 'croner';
import { isAny, withListedTimes } from './cron-expression.ts';

/**
 * Returns the first time of a cron expression in a zone after a moment, both ms since the Unix epoch; undefined if there is
 * none. When clocks are set forward, skipped times fire once, at the change; when they are set back, a fixed time fires once.
 */
export function cronTimes(expression: string, timezone: string): (afterMs: number) => number | undefined {
  const cron = new Cron(withListedTimes(expression), {
    timezone,
    paused: true,
    sloppyRanges: true,
    fixedTimeRule: 'no-wildcard',
    domAndDow: narrowsDays(expression),
  });
  return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime();
}

/** As in every crontab: a day field that begins with `*` narrows the other one; of two that do not, either is enough. */
function narrowsDays(expression: string): boolean {
  const [weekday = '', , day = ''] = expression.trim().split(/\s+/).reverse();
  return isAny(day) || isAny(weekday);
}
