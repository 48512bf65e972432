import { describe, expect, test } from '@jest/globals';
import { adapt, adaptOne, at, fixture, RECEIVED, without } from './support.ts';

describe('PagerDuty webhooks', () => {
  const firing = fixture('pagerduty-firing');
  const incident = at(firing, 'event', 'data');
  const title = 'Parcel tracking is down';
  const expected = {
    ...without(incident, 'status', 'service'),
    id: 'Q1PARCEL7',
    fingerprint: 'Q1PARCEL7',
    name: title,
    status: 'firing',
    severity: 'critical',
    lastReceived: '2026-10-06T05:00:11.169Z',
    startedAt: '2026-10-06T05:00:10.000Z',
    firingStartTime: '2026-10-06T05:00:10.000Z',
    environment: 'unknown',
    service: 'parcels',
    source: ['pagerduty'],
    message: title,
    description: title,
    url: 'https://example.pagerduty.com/incidents/Q1PARCEL7',
    labels: { urgency: 'high', priority: 'P1', escalation_policy: 'Logistics on call', team: 'Logistics' },
    raw: incident,
    envelope: without(at(firing, 'event'), 'data'),
  };

  test('a triggered incident', () => {
    expect(adapt(firing)).toEqual({ format: 'pagerduty', alerts: [expected] });
  });

  test.each([
    ['acknowledged', '2026-10-06T05:03:40.001Z', {}],
    ['resolved', '2026-10-06T05:31:02.500Z', { firingStartTime: undefined }],
  ])('the same incident, %s', (status, lastReceived, more) => {
    const body = fixture(`pagerduty-${status}`);
    const envelope = without(at(body, 'event'), 'data');
    expect(adaptOne(body)).toEqual({ ...expected, status, lastReceived, raw: at(body, 'event', 'data'), envelope, ...more });
  });

  test('a note is refused as a message that is not about the state', () => {
    expect(() => adapt(fixture('pagerduty-note'))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { reason: 'not_an_alert' } }),
    );
  });
});

describe('PagerDuty Events API', () => {
  const firing = fixture('pagerduty-events-firing');
  const summary = 'The disk of db-2 is 96 % full';

  test('a trigger is read without the routing key, which is a credential', () => {
    const { format, alerts } = adapt(firing);
    expect(format).toBe('pagerduty-events');
    expect(alerts).toEqual([
      {
        ...without(firing, 'routing_key'),
        id: 'invoices/disk/db-2',
        fingerprint: 'invoices/disk/db-2',
        name: summary,
        status: 'firing',
        severity: 'high',
        lastReceived: '2026-10-06T08:15:30.120Z',
        environment: 'staging',
        service: 'invoices',
        source: ['pagerduty'],
        message: summary,
        description: summary,
        url: 'https://disks.example/db-2',
        labels: { source: 'db-2.example', component: 'invoices', group: 'databases', class: 'disk' },
        custom_details: { environment: 'staging', free_mb: 412 },
        raw: without(firing, 'routing_key'),
      },
    ]);
    expect(JSON.stringify(alerts)).not.toContain(String(firing.routing_key));
  });

  test('a resolve is identified by its deduplication key alone', () => {
    const resolved = fixture('pagerduty-events-resolved');
    const key = 'invoices/disk/db-2';
    expect(adaptOne(resolved)).toEqual({
      event_action: 'resolve',
      dedup_key: key,
      id: key,
      fingerprint: key,
      name: key,
      status: 'resolved',
      severity: 'info',
      lastReceived: RECEIVED,
      environment: 'unknown',
      service: null,
      source: ['pagerduty'],
      message: key,
      description: key,
      url: null,
      labels: {},
      custom_details: {},
      raw: without(resolved, 'routing_key'),
    });
  });

  test('without a deduplication key the subject identifies the alert', () => {
    const of = (source: string, severity: string) =>
      adaptOne({ event_action: 'trigger', payload: { summary: 'Full', source, severity } }).fingerprint;
    expect(of('a', 'error')).toBe(of('a', 'critical'));
    expect(of('a', 'error')).not.toBe(of('b', 'error'));
  });
});

describe('Opsgenie', () => {
  const firing = fixture('opsgenie-firing');
  const id = 'b1f6a3d0-77c1-4a38-b2de-5a9c4f2e1d07-1791248400000';
  const expected = {
    ...without(at(firing, 'alert'), 'source'),
    action: 'Create',
    id,
    fingerprint: id,
    name: 'Mail backlog grows',
    status: 'firing',
    severity: 'warning',
    lastReceived: '2026-10-06T01:00:00.123Z',
    startedAt: '2026-10-06T01:00:00.000Z',
    firingStartTime: '2026-10-06T01:00:00.000Z',
    environment: 'production',
    service: 'mail',
    source: ['opsgenie'],
    message: 'Mail backlog grows',
    description: '48 000 mails wait to be sent.',
    url: null,
    labels: { team: 'post', environment: 'production', queue: 'outgoing' },
    raw: at(firing, 'alert'),
    envelope: without(firing, 'alert'),
  };

  test('a created alert', () => {
    expect(adapt(firing)).toEqual({ format: 'opsgenie', alerts: [expected] });
  });

  test.each([
    ['acknowledged', 'Acknowledge', '2026-10-06T01:05:00.123Z', {}],
    ['resolved', 'Close', '2026-10-06T01:30:00.123Z', { firingStartTime: undefined }],
  ])('the same alert, %s', (status, action, lastReceived, more) => {
    const body = fixture(`opsgenie-${status}`);
    const { updatedAt } = at(body, 'alert');
    const same = { ...expected, updatedAt, action, status, lastReceived, ...more };
    expect(adaptOne(body)).toEqual({ ...same, raw: at(body, 'alert'), envelope: without(body, 'alert') });
  });

  test.each([
    ['Snooze', 'suppressed'],
    ['SnoozeEnded', 'firing'],
    ['UnAcknowledge', 'firing'],
    ['Delete', 'resolved'],
  ])('%s is %s', (action, status) => {
    expect(adaptOne({ ...firing, action }).status).toBe(status);
  });

  test('a note is refused as a message that is not about the state', () => {
    expect(() => adapt(fixture('opsgenie-note'))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { reason: 'not_an_alert' } }),
    );
  });
});
