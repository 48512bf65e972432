import { Cron } from 'croner';

/**
 * The times of a cron expression in a zone: gives the first one after a moment, both ms since 1970; undefined when there is none.
 * When clocks are set forward, what they leave out comes at the change, once; when they are set back, a fixed time comes once.
 */
export function cronTimes(expression: string, timezone: string): (afterMs: number) => number | undefined {
  const cron = new Cron(expression, { timezone, paused: true, sloppyRanges: true, fixedTimeRule: 'no-wildcard' });
  return (afterMs) => cron.nextRun(new Date(afterMs))?.getTime();
}
