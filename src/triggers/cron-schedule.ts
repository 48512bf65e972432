import { Cron } from 'croner';

/**
 * Returns the first time of a cron expression in a zone after a moment, both ms since the Unix epoch; undefined if there is
 * none. When clocks are set forward, skipped times fire once, at the change; when they are set back, a fixed time fires once.
 */
export function cronTimes(expression: string, timezone: string): (afterMs: number) => number | undefined {
  const cron = new Cron(expression, { timezone, paused: true, sloppyRanges: true, fixedTimeRule: 'no-wildcard' });
  return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime();
}
