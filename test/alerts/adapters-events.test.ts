import { describe, expect, test } from '@jest/globals';
import { adapt, adaptOne, at, fixture, RECEIVED, without } from './support.ts';

describe('CloudWatch', () => {
  const ARN = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:seats-5xx';
  const alarm = fixture('cloudwatch-firing');
  const reason = 'Threshold Crossed: 1 datapoint [41.0] was greater than the threshold (10.0).';
  const expected = {
    ...alarm,
    id: ARN,
    fingerprint: ARN,
    name: 'seats-5xx',
    status: 'firing',
    severity: 'info',
    lastReceived: '2026-10-06T10:15:42.730Z',
    environment: 'unknown',
    service: null,
    source: ['cloudwatch'],
    message: reason,
    description: 'Seat reservation answers with errors',
    url: null,
    labels: {
      account: '123456789012',
      region: 'eu-central-1',
      namespace: 'AWS/ApplicationELB',
      metric: 'HTTPCode_Target_5XX_Count',
      LoadBalancer: 'app/seats/3fa917bc02de6d45',
    },
    metric: 'HTTPCode_Target_5XX_Count',
    raw: alarm,
  };

  test('the bare alarm', () => {
    expect(adapt(alarm)).toEqual({ format: 'cloudwatch', alerts: [expected] });
  });

  test.each([
    ['resolved', '2026-10-06T10:41:42.101Z'],
    ['pending', '2026-10-06T11:41:42.101Z'],
  ])('the same alarm, %s', (status, lastReceived) => {
    const body = fixture(`cloudwatch-${status}`);
    const message = body.NewStateReason;
    expect(adaptOne(body)).toEqual({ ...expected, ...body, status, lastReceived, message, raw: body });
  });

  test('an alarm over SNS is the same alarm, without the link that ends the subscription', () => {
    const body = fixture('cloudwatch-sns-firing');
    const { MessageId, TopicArn, Subject, Timestamp } = body;
    expect(adaptOne(body)).toEqual({ ...expected, envelope: { MessageId, TopicArn, Subject, Timestamp } });
    expect(adaptOne(fixture('cloudwatch-sns-resolved'))).toMatchObject({ status: 'resolved', fingerprint: ARN });
    expect(JSON.stringify(adaptOne(body))).not.toContain('Unsubscribe');
  });

  test('the EventBridge event is the same alarm under other field names', () => {
    const body = fixture('cloudwatch-event-firing');
    const trigger = {
      ...{ MetricName: 'HTTPCode_Target_5XX_Count', Namespace: 'AWS/ApplicationELB', Statistic: 'Sum', Period: 60 },
      Dimensions: [{ name: 'LoadBalancer', value: 'app/seats/3fa917bc02de6d45' }],
    };
    const unsaid = ['AlarmConfigurationUpdatedTimestamp', 'OKActions', 'AlarmActions', 'InsufficientDataActions'];
    const message = 'Threshold Crossed: 1 datapoint [41.0].';
    expect(adaptOne(body)).toEqual({
      ...without(expected, ...unsaid),
      ...{ message, NewStateReason: message, Region: 'eu-central-1', Trigger: trigger, raw: body },
    });
    expect(adaptOne(fixture('cloudwatch-event-resolved'))).toMatchObject({ status: 'resolved', fingerprint: ARN });
  });

  test('each contributor of an alarm over several series is an alert of its own', () => {
    const event = fixture('cloudwatch-event-firing');
    const of = (id: string, table: string) =>
      adaptOne({
        ...event,
        'detail-type': 'CloudWatch Alarm Contributor State Change',
        detail: { ...at(event, 'detail'), alarmContributor: { id, attributes: { TableName: table } } },
      });
    expect(of('6d44', 'seats')).toMatchObject({ fingerprint: `${ARN}#6d44`, labels: { TableName: 'seats' } });
    expect(of('6d45', 'rows').fingerprint).toBe(`${ARN}#6d45`);
  });

  test('the request to confirm a subscription is refused, and none of its URLs is followed', () => {
    expect(() => adapt(fixture('sns-subscription'))).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: 'The body is an SNS message of the type `SubscriptionConfirmation`, not the notification of an alarm.',
        details: { reason: 'not_an_alert', sns_type: 'SubscriptionConfirmation' },
      }),
    );
  });

  test.each(['Hello', '[1]', '{"a":1}', 7])('an SNS message that contains %j is refused', (Message) => {
    expect(() => adapt({ ...fixture('cloudwatch-sns-firing'), Message })).toThrow(/SNS message/);
  });
});

describe('CloudEvents', () => {
  const firing = fixture('cloudevents-firing');
  const expected = {
    id: 'ce-firing',
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    name: 'Login page answers slowly',
    status: 'firing',
    severity: 'high',
    lastReceived: '2026-10-06T12:00:00.000Z',
    environment: 'unknown',
    service: null,
    source: ['https://probes.example/eu'],
    message: 'median 4.1 s',
    description: 'median 4.1 s',
    url: null,
    labels: { page: 'login' },
    title: 'Login page answers slowly',
    level: 'major',
    region: 'eu',
    raw: at(firing, 'data'),
    envelope: without(firing, 'data'),
  };

  test('an event with data of its own', () => {
    expect(adapt(firing)).toEqual({ format: 'cloudevents', alerts: [expected] });
  });

  test('the resolved event, of another type, is the same alert', () => {
    const body = fixture('cloudevents-resolved');
    const same = { ...expected, id: 'ce-resolved', status: 'resolved', lastReceived: '2026-10-06T12:09:00.000Z' };
    expect(adaptOne(body)).toEqual({ ...same, raw: at(body, 'data'), envelope: without(body, 'data') });
    expect(adaptOne(body).fingerprint).toBe(adaptOne(firing).fingerprint);
  });

  test('data of another known format is read by that format', () => {
    const body = fixture('cloudevents-grafana');
    const inner = adaptOne(fixture('grafana-firing'));
    const envelope = { ...without(body, 'data'), envelope: inner.envelope };
    expect(adapt(body)).toEqual({ format: 'cloudevents', alerts: [{ ...inner, envelope }] });
  });

  test('an event without data takes its name from the subject and its status from the type', () => {
    const event = { specversion: '1.0', id: '1', source: 's', subject: 'disk/7', type: 'disk.recovered' };
    expect(adaptOne(event)).toMatchObject({ name: 'disk/7', status: 'resolved', severity: 'info' });
  });
});

describe('alerts that already have the shape', () => {
  const firing = fixture('keep-alert-firing');

  test("Keep's alert stays as it is; a numeric severity becomes its name", () => {
    expect(adapt(firing)).toEqual({
      format: 'keep-alert',
      alerts: [{ ...firing, severity: 'high', url: null }],
    });
  });

  test('missing fields are filled in', () => {
    const body = fixture('keep-alert-resolved');
    const name = 'Tickets are printed twice';
    const filled = { id: 'tickets-twice-p-7', environment: 'unknown', source: ['prometheus'], url: null };
    expect(adaptOne(body)).toEqual({ ...body, ...filled, message: name, description: name });
  });

  test('an adapted alert is not changed by adapting it again', () => {
    for (const name of [
      'alertmanager-resolved',
      'grafana-firing',
      'cloudwatch-sns-firing',
      'sentry-metric-firing',
      'cloudevents-grafana',
    ]) {
      const alert = adaptOne(fixture(name));
      expect(adapt(alert)).toEqual({ format: 'keep-alert', alerts: [alert] });
    }
    expect(RECEIVED).toBe(adaptOne(fixture('grafana-firing')).lastReceived);
  });
});

describe('alerts of no known format', () => {
  const firing = fixture('plain-firing');

  test('stay as they are and get a fingerprint', () => {
    expect(adapt(firing)).toEqual({
      format: 'plain',
      alerts: [{ ...firing, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
  });

  test('status and values do not change the fingerprint; name, service and labels do', () => {
    const of = (body: Parameters<typeof adaptOne>[0]) => adaptOne(body).fingerprint;
    expect(of(fixture('plain-resolved'))).toBe(of(firing));
    expect(of({ ...firing, host: 'nas-2' })).not.toBe(of(firing));
    expect(of({ ...firing, labels: { disk: 'a' } })).not.toBe(of({ ...firing, labels: { disk: 'b' } }));
    expect(of({ ...firing, labels: { a: '1', b: '2' } })).toBe(of({ ...firing, labels: { b: '2', a: '1' } }));
    expect(of({ probe: 'x', lastCheckedAt: 1, status: 'up' })).toBe(of({ status: 'down', lastCheckedAt: 2, probe: 'x' }));
  });

  test('a fingerprint of the sender is kept; one that is too long is hashed', () => {
    expect(adaptOne({ fingerprint: 'mine' }).fingerprint).toBe('mine');
    const long = 'x'.repeat(300);
    const [one, other] = [`${long}1`, `${long}2`].map((fingerprint) => adaptOne({ fingerprint }).fingerprint);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(one);
  });
});
