import { describe, expect, test } from '@jest/globals';
import { triggers } from '../../src/triggers/index.ts';
import { lineOf, mistakes, mock } from '../language/support.ts';
import { complaints, planWith, triggerOf } from './support.ts';

describe('an incident trigger', () => {
  test('takes the events that it lists, all of them when it lists none', async () => {
    const [some, all] = [await triggerOf('- type: incident\n  events: [created, deleted]'), await triggerOf('- type: incident')];
    const ask = (incidentEvent: string) => [some, all].map((trigger) => trigger.matches({ incident: {}, incidentEvent }));
    expect([ask('created'), ask('updated'), ask('deleted')]).toEqual([
      [true, true],
      [false, true],
      [true, true],
    ]);
    expect(some.matches({ incident: {} })).toBe(true);
    expect(some.matches({ alert: {} })).toBe(false);
    expect(some.explain({ incident: {}, incidentEvent: 'updated' }).clauses).toMatchObject([
      { text: 'events: [created, deleted]', holds: false, why: 'the incident was updated' },
    ]);
  });

  test('has a condition of its own', async () => {
    const trigger = await triggerOf('- type: incident\n  cel: severity >= "high" && incident.alerts_count > 2');
    expect(trigger.matches({ incident: { severity: 'critical', alerts_count: 3 } })).toBe(true);
    expect(trigger.matches({ incident: { severity: 'critical', alerts_count: 1 } })).toBe(false);
  });

  test("does not take `on`, which YAML's first version read as true", async () => {
    expect(await complaints('- type: incident\n  on: [create]')).toEqual([
      expect.stringMatching(/unknown-key unknown key `on` \| Write `events: \[created, updated, deleted\]`/),
    ]);
    expect(await complaints('- { type: incident, events: [create] }')).toEqual([
      expect.stringContaining('Did you mean `created`?'),
    ]);
  });
});

describe('an interval trigger', () => {
  test.each([
    ['60', 60_000],
    ['0.5', 500],
    ['"60"', 60_000],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
  ])('every %s', async (value, everyMs) => {
    const { schedule, matches } = await triggerOf(`- type: interval\n  value: ${value}`);
    expect(schedule).toEqual({ kind: 'interval', everyMs });
    expect(matches({ alert: {} })).toBe(false);
  });

  test.each([
    ['value: 0', /must be more than 0/],
    ['value: -5', /must be more than 0/],
    ['value: 0s', /must be more than 0/],
    ['value: "0"', /must be more than 0/],
    ['value: 5 minutes', /not of the right form \| Like `30s`/],
    ['value: [5]', /a number or text/],
    ['every: 5m', /`every` \| Write `value: 5m`/],
  ])('not %s', async (line, sentence) => {
    const said = await complaints(`- type: interval\n  ${line}`);
    expect(said.join('\n')).toMatch(sentence);
    if (line.startsWith('value')) expect(said).toHaveLength(1);
  });
});

describe('a trigger', () => {
  test('of no kind is asked what was meant', async () => {
    expect(await complaints('- type: intervall')).toEqual([expect.stringContaining('Did you mean `interval`?')]);
    expect(await complaints('- type: corn')).toEqual([expect.stringContaining('Did you mean `cron`?')]);
    expect(await complaints('- type: webhook')).toEqual([expect.stringMatching(/must be .*`cron`, not `webhook`/)]);
  });

  test.each(triggers.map(({ type, roots }) => [type, roots] as const))(
    'of type %s fills the roots that it says',
    async (type, roots) => {
      const more = { interval: ', value: 5m', cron: ', cron: "@daily"' }[type] ?? '';
      const reads = async (root: string) =>
        (await mistakes(mock(`a: "{{ ${root}.x }}"`, `  triggers: [{ type: ${type}${more} }]\n`))).map(lineOf).length === 0;
      const filled = await Promise.all(['alert', 'event', 'incident'].map(async (root) => ((await reads(root)) ? [root] : [])));
      expect(filled.flat()).toEqual(roots);
    },
  );

  test('by hand or by the clock is started by no event', async () => {
    const { triggers: all } = await planWith('- type: manual\n- { type: cron, cron: "@daily" }\n- { type: interval, value: 1 }');
    expect(all.map((trigger) => trigger.explain({ alert: {} }).clauses[0]?.why)).toEqual([
      'it is started by hand',
      'the clock starts it',
      'the clock starts it',
    ]);
  });
});
