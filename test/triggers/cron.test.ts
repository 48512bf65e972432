import { describe, expect, test } from '@jest/globals';
import { cronTimes } from '../../src/triggers/cron-schedule.ts';
import { fc } from '../support/properties.ts';
import { complaints, triggerOf } from './support.ts';

/** The next times after a moment, in ISO. */
function nextTimes(expression: string, zone: string, after: string, count: number): string[] {
  const nextAfter = cronTimes(expression, zone);
  const found: string[] = [];
  let ms = Date.parse(after);
  for (let index = 0; index < count; index++) {
    ms = nextAfter(ms) ?? Number.NaN;
    found.push(new Date(ms).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

const CASES: [expression: string, zone: string, after: string, next: string[]][] = [
  ['0 9 * * 1-5', 'UTC', '2026-01-02T09:00:00Z', ['2026-01-05T09:00Z', '2026-01-06T09:00Z']],
  ['0 9 * * MON-FRI', 'UTC', '2026-01-02T08:59:59.999Z', ['2026-01-02T09:00Z', '2026-01-05T09:00Z']],
  ['*/15 * * * *', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-01T00:15Z', '2026-01-01T00:30Z']],
  ['10/20 8 * * *', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-01T08:10Z', '2026-01-01T08:30Z', '2026-01-01T08:50Z']],
  [
    '5,10-12 0 * * *',
    'UTC',
    '2026-01-01T00:05:00Z',
    ['2026-01-01T00:10Z', '2026-01-01T00:11Z', '2026-01-01T00:12Z', '2026-01-02T00:05Z'],
  ],
  ['30 5 9 * * *', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-01T09:05:30.000Z']],
  ['@hourly', 'UTC', '2026-01-01T00:10:00Z', ['2026-01-01T01:00Z']],
  ['@Weekly', 'UTC', '2026-01-01T00:10:00Z', ['2026-01-04T00:00Z']],
  ['0 0 * * 7', 'UTC', '2026-01-01T00:10:00Z', ['2026-01-04T00:00Z']],
  [
    '0 0 * * 5-7',
    'UTC',
    '2026-01-01T00:10:00Z',
    ['2026-01-02T00:00Z', '2026-01-03T00:00Z', '2026-01-04T00:00Z', '2026-01-09T00:00Z'],
  ],
  ['0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', ['2028-02-29T00:00Z']],
  ['0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', ['2104-02-29T00:00Z']],
  ['0 0 31 JAN,mar ?', 'UTC', '2026-02-01T00:00:00Z', ['2026-03-31T00:00Z', '2027-01-31T00:00Z']],
  // A day of the month or a day of the week, when both are given.
  ['0 0 13 * 5', 'UTC', '2026-01-10T00:00:00Z', ['2026-01-13T00:00Z', '2026-01-16T00:00Z']],
  // A day field that begins with `*` is a condition on the other one.
  ['0 0 */2 * 1', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-05T00:00Z', '2026-01-19T00:00Z', '2026-02-09T00:00Z']],
  ['0 0 13 * */5', 'UTC', '2026-01-01T00:00:00Z', ['2026-02-13T00:00Z', '2026-03-13T00:00Z', '2026-09-13T00:00Z']],
  ['*/60 */24 * * *', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-02T00:00Z', '2026-01-03T00:00Z']],
  // Half an hour, and the other side of the date line.
  ['0 9 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z', ['2026-01-01T03:30Z']],
  ['0 9 * * *', 'Pacific/Auckland', '2026-01-01T00:00:00Z', ['2026-01-01T20:00Z']],
  ['0 9 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', ['2026-03-28T08:00Z', '2026-03-29T07:00Z']],
  // The clocks are set forward: what they leave out comes at the change, once; what comes every hour leaves it out.
  ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
  ['0,15,30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
  ['0 2,3 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z']],
  ['*/15 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z', '2026-03-30T00:15Z']],
  ['30 0-4/2 * * *', 'Europe/Berlin', '2026-03-28T23:00:00Z', ['2026-03-28T23:30Z', '2026-03-29T01:00Z', '2026-03-29T02:30Z']],
  ['*/20 10 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:10Z']],
  ['30 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', ['2026-03-29T00:30Z', '2026-03-29T01:30Z']],
  ['0 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', ['2026-03-29T01:00Z', '2026-03-29T02:00Z']],
  // They are set back: a time comes once, every hour comes every hour.
  ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
  ['30 2 * * *', 'Europe/Berlin', '2026-10-25T01:10:00Z', ['2026-10-26T01:30Z']],
  ['30 * * * *', 'Europe/Berlin', '2026-10-24T23:45:00Z', ['2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z']],
  ['*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', ['2026-10-25T01:00Z', '2026-10-25T01:30Z', '2026-10-25T02:00Z']],
  ['*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-26T01:00Z']],
  ['0 1/2 * * *', 'America/New_York', '2026-11-01T04:00:00Z', ['2026-11-01T05:00Z', '2026-11-01T08:00Z']],
  ['0 */2 * * *', 'Europe/Berlin', '2026-10-24T23:00:00Z', ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T03:00Z']],
  ['30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
  // Half an hour of summer, and a day that a zone left out altogether, which does not come that year.
  ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', ['2026-10-03T15:30Z', '2026-10-04T15:15Z']],
  ['0 12 30 12 *', 'Pacific/Apia', '2011-12-01T00:00:00Z', ['2012-12-29T22:00Z', '2013-12-29T22:00Z']],
];

describe('a cron expression comes', () => {
  test.each(CASES)('%s in %s after %s', (expression, zone, after, next) => {
    expect(nextTimes(expression, zone, after, next.length)).toEqual(next);
  });

  test('whenever the clocks show one of its times, and always later', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
    const minute = fc.integer({ min: 0, max: 59 });
    const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) });
    fc.assert(
      fc.property(
        minute,
        fc.option(fc.integer({ min: 4, max: 23 })),
        fc.constantFrom(...zones),
        moment,
        (at, hour, zone, after) => {
          const next = cronTimes(`${at} ${hour ?? '*'} * * *`, zone)(after) ?? 0;
          const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: 'numeric', minute: 'numeric' });
          const [shownHour, shownMinute] = format.format(next).split(':').map(Number);
          expect(next).toBeGreaterThan(after);
          expect(next - after).toBeLessThanOrEqual((hour === null ? 1.5 : 25) * 3_600_000);
          expect(shownMinute).toBe(at);
          if (hour !== null) expect(shownHour).toBe(hour);
        },
      ),
    );
  });
});

describe('a cron trigger', () => {
  test('tells its next times in its zone, UTC by default', async () => {
    const berlin = await triggerOf('- { type: cron, cron: "0 9 * * 1-5", timezone: Europe/Berlin }');
    const utc = await triggerOf('- { type: cron, value: "0 9 * * *" }');
    const next = ({ schedule }: typeof utc) => (schedule?.kind === 'cron' ? schedule.nextAfter(Date.UTC(2026, 0, 1, 12)) : 0);
    expect([next(berlin), next(utc)]).toEqual([Date.UTC(2026, 0, 2, 8), Date.UTC(2026, 0, 2, 9)]);
  });

  test.each([
    ['cron: "0 9 * *"', /five fields, or six .* this has 4 \| Like `0 9 \* \* 1-5`/],
    ['cron: "0 25 * * *"', /`25` is not a valid hour \| It goes from 0 to 23/],
    ['cron: "60 * * * *"', /`60` is not a valid minute/],
    ['cron: "0 0 0 * *"', /`0` is not a valid day of the month/],
    ['cron: "0 0 * * MNO"', /`mno` is not a valid day of the week \| Did you mean `mon`/],
    ['cron: "0 0 * * 5-1"', /`5-1` runs backwards/],
    ['cron: "*/0 * * * *"', /`\*\/0` is not a valid step/],
    ['cron: "*/90 * * * *"', /`\*\/90` steps over all values of the minute, .* 0 to 59 \| .* `type: interval`/],
    ['cron: "0 9 * * */8"', /`\*\/8` steps over all values of the day of the week/],
    ['cron: "0 0 L * *"', /`l` is not known here/],
    ['cron: "@dayly"', /`@dayly` \| Did you mean `@daily`/],
    ['cron: "@reboot"', /There are: @yearly/],
    ['cron: "0 0 31 2,4 *"', /never comes/],
    ['cron: "0 9 * * *", timezone: Europe/Berln', /`Europe\/Berln` \| Did you mean `Europe\/Berlin`/],
    ['cron: "0 9 * * *", value: "0 9 * * *"', /mean the same \| Keep one/],
    ['timezone: UTC', /missing-key `cron` is missing \| Like/],
    ['cron: 5', /must be text, not a number/],
    ['schedule: "0 9 * * *"', /`schedule` \| Write `cron/],
  ])('with %s is a mistake', async (keys, sentence) => {
    expect((await complaints(`- { type: cron, ${keys} }`)).join('\n')).toMatch(sentence);
  });
});
