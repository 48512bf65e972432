import { describe, expect, test } from '@jest/globals';
import { adapt, adaptOne, at, fixture, without } from './support.ts';

describe('Azure Monitor', () => {
  const firing = fixture('azure-monitor-firing');
  const essentials = at(firing, 'data', 'essentials');
  const id = String(essentials.alertId);
  const expected = {
    ...without(essentials, 'severity', 'description'),
    id,
    fingerprint: id,
    name: 'label-printer-cpu',
    status: 'firing',
    severity: 'high',
    lastReceived: '2026-10-06T13:58:24.371Z',
    startedAt: '2026-10-06T13:58:24.371Z',
    firingStartTime: '2026-10-06T13:58:24.371Z',
    environment: 'production',
    service: 'printer-7',
    source: ['azure-monitor'],
    message: 'The labels come late.',
    description: 'The labels come late.',
    url: `https://portal.azure.com/#view/Microsoft_Azure_Monitoring_Alerts/AlertDetails.ReactView/alertId~/${encodeURIComponent(id)}`,
    labels: {
      signal: 'Metric',
      monitoring_service: 'Platform',
      resource: 'printer-7',
      resource_group: 'warehouse',
      Line: 'north',
      Environment: 'production',
    },
    alertContext: at(firing, 'data', 'alertContext'),
    customProperties: at(firing, 'data', 'customProperties'),
    raw: firing,
  };

  test('an alert of the common schema', () => {
    expect(adapt(firing)).toEqual({ format: 'azure-monitor', alerts: [expected] });
  });

  test('the resolved alert is the same one, resolved', () => {
    const resolved = fixture('azure-monitor-resolved');
    const { resolvedDateTime } = at(resolved, 'data', 'essentials');
    const same = { ...without(expected, 'firingStartTime'), resolvedDateTime, monitorCondition: 'Resolved' };
    const alertContext = at(resolved, 'data', 'alertContext');
    const changes = { status: 'resolved', lastReceived: '2026-10-06T14:03:16.224Z', alertContext, raw: resolved };
    expect(adaptOne(resolved)).toEqual({ ...same, ...changes });
  });

  test('a link of its own is taken; an id that is no resource of Azure leads nowhere', () => {
    const of = (more: object) => adaptOne({ data: { essentials: { ...essentials, ...more } } }).url;
    expect(of({ investigationLink: 'https://portal.azure.com/#x' })).toBe('https://portal.azure.com/#x');
    expect(of({ alertId: 'test' })).toBeNull();
  });
});

describe('Zabbix', () => {
  const firing = fixture('zabbix-firing');
  const sent = without(firing, 'token');
  const expected = {
    ...sent,
    id: '81245',
    fingerprint: '81245',
    name: 'Freezer 3 is warmer than -15 °C',
    status: 'firing',
    severity: 'warning',
    lastReceived: '2026-10-06T09:12:44.000Z',
    startedAt: '2026-10-06T09:12:44.000Z',
    firingStartTime: '2026-10-06T09:12:44.000Z',
    environment: 'production',
    service: 'freezer-3',
    source: ['zabbix'],
    message: 'Temperature: -11.4 °C',
    description: 'The door may be open.',
    url: 'https://zabbix.example/tr_events.php?triggerid=20931&eventid=81245',
    labels: { host: 'freezer-3', trigger: '20931', environment: 'production', hall: '2' },
    raw: sent,
  };

  test('parameters that are named after macros, without the token among them', () => {
    expect(adapt(firing)).toEqual({ format: 'zabbix', alerts: [expected] });
  });

  test('the same problem, acknowledged and resolved', () => {
    expect(adaptOne(fixture('zabbix-acknowledged'))).toMatchObject({ status: 'acknowledged', fingerprint: '81245' });
    const resolved = adaptOne(fixture('zabbix-resolved'));
    expect(resolved).toMatchObject({
      ...{ status: 'resolved', fingerprint: '81245', lastReceived: '2026-10-06T09:40:02.000Z' },
      ...{ startedAt: '2026-10-06T09:12:44.000Z', message: 'Temperature: -18.2 °C' },
    });
    expect(resolved).not.toHaveProperty('firingStartTime');
  });

  test.each([
    ['as macros are written', { 'EVENT.ID': '7', 'EVENT.NAME': 'Hot', 'EVENT.NSEVERITY': '4', 'EVENT.STATUS': 'PROBLEM' }],
    ['in camel case', { eventId: '7', eventName: 'Hot', eventNSeverity: 4, eventStatus: 'PROBLEM' }],
    ['short', { eventid: '7', name: 'Hot', nseverity: '4', status: 'PROBLEM', trigger_id: '1' }],
  ])('parameters %s are the same', (_, body) => {
    const wanted = { name: 'Hot', status: 'firing', severity: 'high', fingerprint: '7' };
    expect(adapt(body)).toMatchObject({ format: 'zabbix', alerts: [wanted] });
  });

  test('what Keep sets up; a macro that was not filled in is no address', () => {
    expect(adaptOne(fixture('zabbix-keep'))).toMatchObject({
      ...{ name: 'Disk of archive-1 is nearly full', severity: 'critical', status: 'firing', fingerprint: '81246' },
      ...{ lastReceived: '2026-10-06T10:02:03.000Z', service: 'archive-1', url: null },
      labels: { host: 'archive-1', trigger: '20932', component: 'storage' },
    });
  });
});

describe("senders' published examples", () => {
  test('CloudWatch: an alarm on an expression has the labels of the metric that it is computed from', () => {
    const Metric = { MetricName: 'CPUUtilization', Namespace: 'AWS/EC2', Dimensions: [{ value: 'i-0a', name: 'InstanceId' }] };
    const Metrics = [
      { Expression: 'ANOMALY_DETECTION_BAND(m1, 2)', Id: 'ad1', ReturnData: true },
      { Id: 'm1', MetricStat: { Metric, Period: 300, Stat: 'Average' }, ReturnData: true },
    ];
    const { Trigger: _, ...alarm } = fixture('cloudwatch-firing');
    const labels = { namespace: 'AWS/EC2', metric: 'CPUUtilization', InstanceId: 'i-0a' };
    expect(adaptOne({ ...alarm, Trigger: { Period: 300, Metrics } })).toMatchObject({ metric: 'CPUUtilization', labels });
  });

  test('Grafana: labels in any case, a number as P2 is, and an alert without a severity', () => {
    expect(adapt(fixture('grafana-two'))).toMatchObject({
      format: 'grafana',
      alerts: [
        {
          ...{ name: 'Too many retries', severity: 'high', status: 'firing', fingerprint: 'c6eadffa33fc0001' },
          ...{ startedAt: '2026-10-06T07:51:03.157Z', url: 'https://grafana.example/alerting/1afz29v7z/edit' },
          labels: { alertname: 'Too many retries', team: 'payments', zone: 'eu-1', Severity: '2' },
        },
        { name: 'Queue grows', severity: 'info', fingerprint: 'bc97ff14869b0002' },
      ],
    });
  });

  test("Datadog: a body of all the webhook's variables under their names", () => {
    expect(adaptOne(fixture('datadog-variables'))).toMatchObject({
      ...{ name: 'Checkout fails', severity: 'critical', status: 'firing', fingerprint: '9bd4ac313a4d1e8fae2482df7b700001' },
      ...{ lastReceived: '2026-10-06T03:40:00.000Z', environment: 'prod', service: 'checkout' },
      ...{ url: 'https://app.datadoghq.com/event/event?id=7719302284411009999', message: 'Orders cannot be paid.' },
      labels: { env: 'prod', service: 'checkout' },
    });
  });

  test('Opsgenie: milliseconds beside nanoseconds, tags without a value', () => {
    expect(adaptOne(fixture('opsgenie-published'))).toMatchObject({
      ...{ name: 'The cold chain is broken', severity: 'critical', status: 'firing' },
      ...{ fingerprint: '052652ac-5d1c-464a-812a-7dd18bbf0001', url: null, labels: { hall: '2' } },
      ...{ lastReceived: '2026-10-06T01:03:13.166Z', startedAt: '2026-10-06T01:00:00.104Z' },
    });
  });
});

describe('notifications without an alert', () => {
  const group = without(fixture('alertmanager-firing'), 'alerts');
  test.each([
    ['of Alertmanager', { ...group, alerts: [] }],
    ['of Grafana', { ...without(fixture('grafana-firing'), 'alerts'), alerts: [] }],
    ['of Alertmanager, with null for the list', { ...group, alerts: null }],
    ['of nothing but the list', { alerts: [] }],
    ['within an event', { ...fixture('cloudevents-firing'), data: { ...group, alerts: [] } }],
    ['in a list', [{ alerts: [] }, { ...group, alerts: [] }]],
  ])('%s start nothing', (_, body) => {
    expect(() => adapt(body)).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: expect.stringContaining('contains no alert'),
        details: { reason: 'not_an_alert' },
      }),
    );
  });

  test.each(['alertmanager', 'grafana', 'pagerduty'])('the same where the format is said to be %s', (format) => {
    expect(() => adapt({ ...group, alerts: [] }, format)).toThrow('contains no alert');
  });

  test('beside other notifications an empty one adds nothing', () => {
    expect(adapt([{ alerts: [] }, fixture('grafana-firing')]).alerts).toHaveLength(1);
  });

  test('a list that is empty beside a name is a field of an alert', () => {
    expect(adaptOne({ name: 'mine', alerts: [] })).toMatchObject({ name: 'mine', alerts: [] });
  });
});

describe('alerts that nothing tells from others are refused, for they would all be one', () => {
  test.each([
    ['of Alertmanager, without labels', { alerts: [{ status: 'firing', labels: {}, annotations: {} }] }],
    ['of Alertmanager, with blank labels', { alerts: [{ labels: { alertname: ' ', pod: '' } }] }],
    ['of Datadog, without a monitor', { alert_transition: 'Triggered', body: 'x' }],
    [
      'of CloudWatch, without a name',
      { ...fixture('cloudwatch-event-firing'), resources: [], detail: { state: { value: 'ALARM' } } },
    ],
    ['of Sentry, without an issue', { action: 'created', actor: {}, data: { issue: { status: 'unresolved' } } }],
  ])('%s', (_, body) => {
    expect(() => adapt(body)).toThrow(expect.objectContaining({ code: 'invalid_input', hint: expect.stringMatching(/./) }));
  });

  test('events without a subject and a name are told apart by their data, and are the same when they are resolved', () => {
    const of = (host: string, type = 'disk.firing') =>
      adaptOne({ specversion: '1.0', id: '1', source: 's', type, data: { host, state: type, value: Math.random() } }).fingerprint;
    expect(of('a')).not.toBe(of('b'));
    expect(of('a', 'disk.recovered')).toBe(of('a'));
    expect(of('a', 'cpu.firing')).not.toBe(of('a'));
  });

  test('an alert of no format is taken as it is, even with nothing in it, and told apart by all that it has', () => {
    expect(adaptOne({ text: '', list: [] }).fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(adaptOne({ text: 'a', list: [] }).fingerprint).not.toBe(adaptOne({ text: 'b', list: [] }).fingerprint);
  });

  test('alerts of no format are told apart by what they are about', () => {
    const of = (pod: string) => adaptOne({ name: 'OOM', pod, severity: 'high' }).fingerprint;
    expect(of('cart-1')).not.toBe(of('cart-2'));
  });

  test('rules without labels are told apart by their links', () => {
    const of = (generatorURL: string) =>
      adaptOne({ alerts: [{ labels: {}, annotations: { summary: 'Full' }, generatorURL }] }).fingerprint;
    expect(of('http://p.example/a')).not.toBe(of('http://p.example/b'));
  });
});
