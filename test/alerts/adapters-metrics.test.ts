import { describe, expect, test } from '@jest/globals';
import { adapt, adaptOne, at, fixture, RECEIVED, without } from './support.ts';

describe('Alertmanager', () => {
  const firing = fixture('alertmanager-firing');
  const labels = {
    alertname: 'LedgerQueueStuck',
    environment: 'production',
    job: 'ledger',
    queue: 'postings',
    service: 'ledger',
    severity: 'critical',
  };
  const expected = {
    id: '5c9f1b7e02d4a863',
    fingerprint: '5c9f1b7e02d4a863',
    name: 'LedgerQueueStuck',
    status: 'firing',
    severity: 'critical',
    lastReceived: RECEIVED,
    startedAt: '2026-10-06T02:14:08.112Z',
    firingStartTime: '2026-10-06T02:14:08.112Z',
    environment: 'production',
    service: 'ledger',
    source: ['prometheus'],
    message: 'The queue of ledger does not move',
    description: 'postings has not moved for 12 minutes.',
    url: 'http://prometheus.example:9090/graph?g0.expr=ledger_queue_age_seconds+%3E+600&g0.tab=1',
    labels,
    alertname: 'LedgerQueueStuck',
    queue: 'postings',
    job: 'ledger',
    instance: '',
    value: '',
    annotations: {
      description: 'postings has not moved for 12 minutes.',
      runbook_url: 'https://runbooks.example/ledger-queue',
      summary: 'The queue of ledger does not move',
    },
    startsAt: '2026-10-06T02:14:08.112Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example:9090/graph?g0.expr=ledger_queue_age_seconds+%3E+600&g0.tab=1',
    raw: at(firing, 'alerts', 0),
    envelope: without(firing, 'alerts'),
  };

  test('a firing alert of a notification', () => {
    const { format, alerts } = adapt(firing);
    expect(format).toBe('alertmanager');
    expect(alerts[0]).toEqual(expected);
  });

  test('each alert of a notification becomes an alert with its own status', () => {
    const { alerts } = adapt(firing);
    expect(alerts.map(({ fingerprint, status }) => [fingerprint, status])).toEqual([
      ['5c9f1b7e02d4a863', 'firing'],
      ['a07d3356be19c4f2', 'resolved'],
    ]);
    expect(alerts[1]).not.toHaveProperty('firingStartTime');
  });

  test('the resolved alert is the same one, resolved', () => {
    const resolved = fixture('alertmanager-resolved');
    const description = 'postings has not moved for 19 minutes.';
    expect(adaptOne(resolved)).toEqual({
      ...without(expected, 'firingStartTime'),
      status: 'resolved',
      description,
      annotations: { ...expected.annotations, description },
      endsAt: '2026-10-06T02:33:08.112Z',
      raw: at(resolved, 'alerts', 0),
      envelope: without(resolved, 'alerts'),
    });
  });

  test('a label does not replace a field of the shape', () => {
    const alert = {
      status: 'firing',
      labels: { alertname: 'A', url: 'https://evil.example', raw: 'x', id: 'y' },
      annotations: {},
    };
    expect(adaptOne(alert)).toMatchObject({ url: null, raw: alert, name: 'A' });
    expect(adaptOne(alert).id).not.toBe('y');
  });

  test('a single alert of the API is read too', () => {
    const alert = { ...at(firing, 'alerts', 0), status: { state: 'suppressed', silencedBy: ['a'], inhibitedBy: [] } };
    const { format, alerts } = adapt([alert]);
    expect([format, alerts[0]?.status, alerts[0]?.fingerprint]).toEqual(['alertmanager', 'suppressed', '5c9f1b7e02d4a863']);
  });
});

describe('Grafana', () => {
  const firing = fixture('grafana-firing');
  const summary = 'basket uses more than 90 % of its memory';
  const expected = {
    id: 'e21b0c44d7f65a98',
    fingerprint: 'e21b0c44d7f65a98',
    name: 'Basket memory',
    status: 'firing',
    severity: 'warning',
    lastReceived: RECEIVED,
    startedAt: '2026-10-06T09:51:03.157Z',
    firingStartTime: '2026-10-06T09:51:03.157Z',
    environment: 'unknown',
    service: 'basket',
    source: ['grafana'],
    message: summary,
    description: summary,
    url: 'https://grafana.example/alerting/grafana/basketmem/view?orgId=1',
    labels: { alertname: 'Basket memory', grafana_folder: 'Shop', service: 'basket', severity: 'warning', zone: 'eu-2' },
    alertname: 'Basket memory',
    grafana_folder: 'Shop',
    zone: 'eu-2',
    annotations: { summary },
    values: { B: 93.5, C: 1 },
    value: '',
    valueString: "[ var='B' labels={zone=eu-2} value=93.5 ]",
    datasource: '',
    startsAt: '2026-10-06T11:51:03.157076+02:00',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '/alerting/grafana/basketmem/view?orgId=1',
    silenceURL: 'https://grafana.example/alerting/silence/new?alertmanager=grafana',
    dashboardURL: 'https://grafana.example/d/basket',
    dashboardUrl: 'https://grafana.example/d/basket',
    panelURL: 'https://grafana.example/d/basket?viewPanel=4',
    panelUrl: 'https://grafana.example/d/basket?viewPanel=4',
    imageURL: 'https://grafana.example/screenshots/basket.png',
    imageUrl: 'https://grafana.example/screenshots/basket.png',
    raw: at(firing, 'alerts', 0),
    envelope: without(firing, 'alerts'),
  };

  test('a firing alert; a relative link is completed', () => {
    expect(adapt(firing)).toEqual({ format: 'grafana', alerts: [expected] });
  });

  test('the resolved alert is the same one, resolved', () => {
    const resolved = fixture('grafana-resolved');
    expect(adaptOne(resolved)).toEqual({
      ...without(expected, 'firingStartTime', 'imageURL', 'imageUrl'),
      status: 'resolved',
      generatorURL: expected.url,
      endsAt: '2026-10-06T12:20:00+02:00',
      values: { B: 61.2, C: 0 },
      valueString: '',
      ...{ dashboardURL: '', dashboardUrl: '', panelURL: '', panelUrl: '' },
      raw: at(resolved, 'alerts', 0),
      envelope: without(resolved, 'alerts'),
    });
  });
});

describe('Datadog', () => {
  const firing = fixture('datadog-firing');
  const tags = { env: 'production', host: 'orders-3', service: 'orders', team: 'sales' };
  const message = 'p95 of orders is above 3 s. @webhook-threadline';

  test('the body that Keep sets up', () => {
    const { format, alerts } = adapt(firing);
    expect(format).toBe('datadog');
    expect(alerts).toEqual([
      {
        ...without(firing, 'severity'),
        id: '7719302284411002873',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        name: 'Orders run late',
        status: 'firing',
        severity: 'high',
        lastReceived: '2026-10-06T03:40:00.000Z',
        environment: 'production',
        service: 'orders',
        source: ['datadog'],
        message,
        description: message,
        url: 'https://app.datadoghq.com/event/event?id=7719302284411002873',
        labels: tags,
        tags,
        groups: ['host:orders-3'],
        raw: firing,
      },
    ]);
  });

  test('the recovered alert is the same one, resolved', () => {
    const resolved = fixture('datadog-resolved');
    const text = 'p95 of orders is below 3 s again.';
    expect(adaptOne(resolved)).toEqual({
      ...adaptOne(firing),
      ...without(resolved, 'severity', 'tags'),
      status: 'resolved',
      lastReceived: '2026-10-06T04:10:00.000Z',
      message: text,
      description: text,
      raw: resolved,
    });
  });

  test('the status and scope of the default body are read from its title', () => {
    const alert = adaptOne(fixture('datadog-default-firing'));
    const scope = { host: 'stock-1' };
    expect(alert).toMatchObject({ name: 'Stock does not answer', status: 'firing', severity: 'info', labels: scope });
    const resolved = adaptOne(fixture('datadog-default-resolved'));
    expect(resolved).toMatchObject({ name: alert.name, status: 'resolved', fingerprint: alert.fingerprint });
  });

  test.each([
    [{ alert_transition: 'No Data' }, { status: 'pending' }],
    [
      { title: 'Late', alert_transition: 'Re-Warn', severity: '', alert_type: '' },
      { status: 'firing', severity: 'warning' },
    ],
    [
      { alert_transition: 'Renotify', severity: 5 },
      { status: 'firing', severity: 'low' },
    ],
    [{ aggreg_key: '9bd4ac31' }, { fingerprint: '9bd4ac31' }],
  ])('%j is %j', (fields, expected) => {
    expect(adaptOne({ ...firing, ...fields })).toMatchObject(expected);
  });

  test('two scopes of one monitor are two alerts; the order within a scope does not matter', () => {
    const of = (scopes: string) => adaptOne({ ...firing, scopes }).fingerprint;
    expect(of('host:a,az:b')).toBe(of('az:b,host:a'));
    expect(of('host:a')).not.toBe(of('host:b'));
  });
});
