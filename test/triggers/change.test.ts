import { describe, expect, test } from '@jest/globals';
import { alertEvent, triggerOf } from './support.ts';

describe('only_on_change', () => {
  test('takes a first alert, and one of which every field listed has changed', async () => {
    const trigger = await triggerOf('- type: alert\n  only_on_change: [status, labels.team]');
    const alert = { status: 'firing', labels: { team: 'db' } };
    const follows = (status: string, team: string) => trigger.matches(alertEvent(alert, { status, labels: { team } }));
    expect(trigger.matches(alertEvent(alert))).toBe(true);
    expect([follows('resolved', 'web'), follows('firing', 'web'), follows('resolved', 'db')]).toEqual([true, false, false]);
  });

  test('compares data, not its order, and what is not there with null', async () => {
    const trigger = await triggerOf('- type: alert\n  only_on_change: [labels]');
    expect(trigger.matches(alertEvent({ labels: { a: 1, b: 2 } }, { labels: { b: 2, a: 1 } }))).toBe(false);
    expect(trigger.matches(alertEvent({ labels: [1, 2] }, { labels: [2, 1] }))).toBe(true);
    expect(trigger.matches(alertEvent({ labels: null }, {}))).toBe(false);
  });

  test('says what the fields were and are', async () => {
    const trigger = await triggerOf('- type: alert\n  only_on_change: [status, name]');
    const { clauses } = trigger.explain(alertEvent({ status: 'firing', name: 'x' }, { status: 'resolved', name: 'x' }));
    expect(clauses.map(({ holds, why }) => [holds, why])).toEqual([
      [true, 'status was "resolved" and is "firing"'],
      [false, 'name is "x", as before'],
    ]);
  });
});

describe('severity_changed', () => {
  const changed = () => triggerOf('- type: alert\n  severity_changed: true');

  test.each([
    ['critical', 'warning', 'increased'],
    ['info', 'warning', 'decreased'],
    ['low', 'info', 'decreased'],
    ['CRITICAL', 'high', 'increased'],
  ])('gives the run the change: %s after %s', async (severity, before, direction) => {
    const trigger = await changed();
    const event = alertEvent({ severity }, { severity: before });
    const alert = { severity, severity_changed: true, previous_severity: before, severity_change: direction };
    expect(trigger.matches(event)).toBe(true);
    expect(trigger.alertFor(event)).toEqual(alert);
    expect(trigger.explain(event)).toMatchObject({ matches: true, alert });
    expect(event.alert).toEqual({ severity });
  });

  test('does not take the same severity again, in whatever case', async () => {
    const trigger = await changed();
    expect(trigger.matches(alertEvent({ severity: 'high' }, { severity: 'high' }))).toBe(false);
    expect(trigger.matches(alertEvent({ severity: 'High' }, { severity: 'high' }))).toBe(false);
  });

  test('takes a first alert as it is', async () => {
    const trigger = await changed();
    expect(trigger.matches(alertEvent({ severity: 'high' }))).toBe(true);
    expect(trigger.alertFor(alertEvent({ severity: 'high' }))).toEqual({ severity: 'high' });
  });

  test('of a severity that has no rank says that it changed, not which way', async () => {
    const trigger = await changed();
    const alert = trigger.alertFor(alertEvent({ severity: 'purple' }, { severity: 'high' }));
    expect(alert).toEqual({ severity: 'purple', severity_changed: true, previous_severity: 'high' });
  });

  test("knows the words of senders: P0 after P1 is an increase, a sender's word for the same severity is none", async () => {
    const trigger = await changed();
    const change = (severity: string, before: string) => {
      const event = alertEvent({ severity }, { severity: before });
      return trigger.matches(event) ? trigger.alertFor(event)?.severity_change : 'none';
    };
    expect([change('P0', 'P1'), change('page', 'high'), change('SEV2', 'emerg')]).toEqual([
      'increased',
      'increased',
      'decreased',
    ]);
    expect(change('crit', 'critical')).toBe('none');
  });
});
