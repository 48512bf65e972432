import { describe, expect, test } from '@jest/globals';
import { adaptAlerts } from '../../src/alerts/adapters/index.ts';
import type { Json, JsonObject } from '../../src/shared/json/json.ts';
import { adaptOne, at, fixture } from './support.ts';

/** What each sender calls a severity, and what the alert has. */

const labelled = (labels: JsonObject, annotations: JsonObject = {}) => ({
  ...fixture('alertmanager-resolved'),
  alerts: [{ status: 'firing', labels: { alertname: 'A', ...labels }, annotations, fingerprint: 'f' }],
});
const pagerduty = (priority: Json, urgency: Json = 'high') => {
  const body = fixture('pagerduty-firing');
  return { event: { ...at(body, 'event'), data: { ...at(body, 'event', 'data'), priority, urgency } } };
};
const opsgenie = (priority: Json) => ({
  ...fixture('opsgenie-firing'),
  alert: { ...at(fixture('opsgenie-firing'), 'alert'), priority },
});
const azure = (severity: Json) => {
  const body = fixture('azure-monitor-firing');
  return { ...body, data: { essentials: { ...at(body, 'data', 'essentials'), severity } } };
};
const zabbix = (fields: JsonObject) => {
  const { event_nseverity: _number, event_severity: _name, ...body } = fixture('zabbix-firing');
  return { ...body, ...fields };
};
const datadog = (severity: Json) => ({ ...fixture('datadog-firing'), title: 'Late', severity });
const keep = (severity: Json) => ({ ...fixture('keep-alert-firing'), severity });
const event = (data: JsonObject) => ({ specversion: '1.0', id: '1', source: 's', subject: 'x', type: 'probe', data });

const severities = (bodies: Json[]) => bodies.map((body) => adaptOne(body).severity);

describe('numbers count in the order of their sender', () => {
  const upTo = (last: number) => Array.from({ length: last + 1 }, (_, number) => number);
  const priorities = ['critical', 'critical', 'high', 'warning', 'info', 'low'];

  test.each<[string, Json[], string[]]>([
    ['labels', upTo(5).map((number) => labelled({ severity: String(number) })), priorities],
    ['Datadog', upTo(5).map(datadog), priorities],
    ['Datadog, as text', upTo(5).map((number) => datadog(String(number))), priorities],
    ['PagerDuty', upTo(5).map((number) => pagerduty({ summary: String(number) })), priorities],
    ['Opsgenie', upTo(5).map((number) => opsgenie(number)), priorities],
    ['Azure', upTo(4).map((number) => azure(`Sev${number}`)), ['critical', 'high', 'warning', 'info', 'low']],
    [
      'Zabbix, where the highest is the worst',
      upTo(5).map((number) => zabbix({ event_nseverity: String(number) })),
      ['low', 'info', 'warning', 'warning', 'high', 'critical'],
    ],
    [
      'syslog, where the lowest is the worst',
      upTo(7).map((number) => labelled({ syslog_severity: String(number) })),
      ['critical', 'critical', 'critical', 'high', 'warning', 'info', 'info', 'low'],
    ],
    ['Keep', upTo(4).map((number) => keep(number + 1)), ['low', 'info', 'warning', 'high', 'critical']],
  ])('%s', (_, bodies, wanted) => {
    expect(severities(bodies)).toEqual(wanted);
  });

  test("Zabbix's names are read as well, and its number counts before them, for names can be changed", () => {
    const names = ['Not classified', 'Information', 'Warning', 'Average', 'High', 'Disaster'];
    const wanted = ['low', 'info', 'warning', 'warning', 'high', 'critical'];
    expect(severities(names.map((event_severity) => zabbix({ event_severity })))).toEqual(wanted);
    expect(adaptOne(zabbix({ event_nseverity: '5', event_severity: 'Melting' })).severity).toBe('critical');
  });
});

test.each(['severity', 'Severity', 'SEVERITY', 'priority', 'Priority', 'sev'])(
  'the label %s is a severity, in whatever case',
  (label) => {
    expect(severities([labelled({ [label]: 'P0' }), labelled({ [label]: 'Emerg' })])).toEqual(['critical', 'critical']);
  },
);

test("Datadog's priority of an event is not that of its monitor", () => {
  const of = (fields: JsonObject) => adaptOne({ ...datadog(''), ...fields }).severity;
  expect(of({ priority: 'low', alert_type: 'error' })).toBe('high');
  expect(of({ priority: 'normal', alert_priority: 'P1' })).toBe('critical');
  expect(of({ priority: 'P4', alert_type: 'error' })).toBe('info');
});

test('an annotation tells the severity where no label does; a `level` only if it is a word for one', () => {
  expect(adaptOne(labelled({}, { severity: 'page' })).severity).toBe('critical');
  expect(severities([labelled({ level: 'error' }), labelled({ level: '3' })])).toEqual(['high', 'info']);
});

describe('a severity that is not known', () => {
  test.each<[string, Json]>([
    ['of a label', labelled({ severity: 'purple', priority: 'P5' })],
    ['of PagerDuty, whatever the urgency', pagerduty({ summary: 'purple' }, 'low')],
    ['of Opsgenie', opsgenie('purple')],
    ['of Azure', azure('purple')],
    ['of Zabbix', zabbix({ event_severity: 'purple' })],
    ['of Datadog, whatever the type', { ...datadog('purple'), alert_type: 'info' }],
    ['of an alert of the shape', keep('purple')],
    ['of an event', event({ severity: 'purple' })],
  ])('%s stays as it came', (_, body) => {
    expect(adaptOne(body).severity).toBe('purple');
  });

  test('a number outside of the order, and what is no text, stay visible, too', () => {
    expect(severities([labelled({ severity: '9' }), datadog(17), event({ severity: 3 })])).toEqual(['9', '17', '3']);
    expect(severities([event({ severity: [1, 2] }), keep({ name: 'high' })])).toEqual(['[1,2]', '{"name":"high"}']);
  });
});

describe('what is stated and cannot be read is said', () => {
  function noticesOf(body: Json) {
    const notices: string[] = [];
    const onNotice = (_: string, text: string) => notices.push(text);
    const { alerts } = adaptAlerts(body, { receivedAt: Date.parse('2026-10-06T14:00:00Z'), onNotice });
    return { alert: alerts[0] ?? {}, notices };
  }
  const single = (fields: JsonObject) => ({
    ...labelled({}),
    alerts: [{ labels: { alertname: 'A', severity: 'low' }, ...fields }],
  });

  test('a status that is not known counts as firing', () => {
    const { alert, notices } = noticesOf(single({ status: 'flapping' }));
    expect(alert.status).toBe('firing');
    expect(notices).toEqual(['its status "flapping" is not known: it counts as `firing`']);
  });

  test.each([
    ['of the shape', { ...fixture('keep-alert-firing'), status: 'flapping' }],
    ['of no format', { ...fixture('plain-firing'), status: 'flapping' }],
  ])('in an alert %s it stays as it is', (_, body) => {
    const { alert, notices } = noticesOf(body);
    expect([alert.status, notices]).toEqual(['flapping', ['its status "flapping" is not known: it counts as `firing`']]);
    expect(noticesOf({ ...body, status: 'Maintenance' }).notices).toEqual([]);
  });

  test('a time that is none is left out', () => {
    const { alert, notices } = noticesOf(single({ startsAt: 'yesterday' }));
    expect(alert).not.toHaveProperty('startedAt');
    expect(notices).toEqual(['the beginning that it states, "yesterday", is not a time: it is left out']);
    expect(noticesOf(single({ startsAt: '0001-01-01T00:00:00Z' })).notices).toEqual([]);
    const odd = noticesOf({ ...fixture('keep-alert-firing'), lastReceived: '2026-02-30T00:00:00Z' });
    expect([odd.alert.lastReceived, odd.notices]).toEqual(['2026-10-06T14:00:00.000Z', [expect.stringContaining('2026-02-30')]]);
  });

  test('a firing alert without a severity counts as info', () => {
    const { severity: _, ...without } = fixture('keep-alert-firing');
    expect(noticesOf(without).notices).toEqual(['it states no severity: it counts as `info`']);
    expect(noticesOf(fixture('cloudwatch-firing'))).toMatchObject({
      alert: { severity: 'info' },
      notices: ['it states no severity: it counts as `info`'],
    });
    expect(noticesOf(fixture('cloudwatch-resolved')).notices).toEqual([]);
  });

  test('of an alert that can be read wholly there is nothing to say', () => {
    for (const name of ['alertmanager-firing', 'pagerduty-firing', 'opsgenie-firing', 'datadog-firing', 'sentry-issue-firing'])
      expect(noticesOf(fixture(name)).notices).toEqual([]);
  });
});
