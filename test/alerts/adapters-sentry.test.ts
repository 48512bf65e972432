import { describe, expect, test } from '@jest/globals';
import { adapt, adaptOne, at, fixture, RECEIVED, without } from './support.ts';

const ISSUE = 'sentry:issue:4402117';

test('an issue alert is identified by its issue, and has the fields of the event that templates read', () => {
  const body = fixture('sentry-issue-alert');
  const event = at(body, 'data', 'event');
  const tags = { level: 'error', server_name: 'catalog-2' };
  expect(adapt(body)).toEqual({
    format: 'sentry',
    alerts: [
      {
        id: '9f1c27ab64d5400e8b3a2d1c5e6f7081',
        fingerprint: ISSUE,
        name: "KeyError: 'sku-77'",
        status: 'firing',
        severity: 'high',
        lastReceived: '2026-10-06T07:00:17.677Z',
        environment: 'production',
        service: 'catalog-2',
        source: ['sentry'],
        message: "'sku-77'",
        description: 'catalog.lookup in find',
        url: event.web_url,
        labels: tags,
        event_id: event.event_id,
        issue_id: '4402117',
        issue_url: event.issue_url,
        title: event.title,
        culprit: event.culprit,
        level: 'error',
        platform: 'python',
        release: 'catalog@3.1.0',
        metadata: event.metadata,
        triggered_rule: 'Any new error of catalog',
        tags,
        exceptions: [{ type: 'KeyError', value: "'sku-77'", stacktrace: { frames: [] } }],
        raw: body,
      },
    ],
  });
});

describe('an issue', () => {
  const firing = fixture('sentry-issue-firing');
  const issue = at(firing, 'data', 'issue');
  const expected = {
    ...without(issue, 'url'),
    id: '4402117',
    fingerprint: ISSUE,
    name: "KeyError: 'sku-77'",
    status: 'firing',
    severity: 'high',
    lastReceived: RECEIVED,
    startedAt: '2026-10-06T06:58:00.679Z',
    firingStartTime: '2026-10-06T06:58:00.679Z',
    environment: 'unknown',
    service: 'catalog',
    source: ['sentry'],
    message: "'sku-77'",
    description: 'catalog.lookup in find',
    url: 'https://sentry.example/organizations/shop/issues/4402117/',
    labels: { project: 'catalog', platform: 'python', category: 'error', type: 'error' },
    raw: firing,
  };

  test('created', () => {
    expect(adapt(firing)).toEqual({ format: 'sentry', alerts: [expected] });
  });

  test.each([
    ['resolved', { status: 'resolved', substatus: null, firingStartTime: undefined }],
    ['archived', { status: 'suppressed', substatus: 'archived_until_escalating' }],
  ])('%s is the same alert', (name, changes) => {
    const body = fixture(`sentry-issue-${name}`);
    expect(adaptOne(body)).toEqual({ ...expected, ...changes, raw: body });
  });
});

describe('a metric alert', () => {
  const firing = fixture('sentry-metric-firing');
  const incident = at(firing, 'data', 'metric_alert');
  const expected = {
    ...without(incident, 'status'),
    id: '31',
    fingerprint: 'sentry:metric:7',
    name: 'Too many errors in catalog',
    status: 'firing',
    severity: 'critical',
    lastReceived: RECEIVED,
    startedAt: '2026-10-06T09:20:40.000Z',
    firingStartTime: '2026-10-06T09:20:40.000Z',
    environment: 'production',
    service: 'catalog',
    source: ['sentry'],
    message: 'Critical: Too many errors in catalog',
    description: '1204 events in the last 10 minutes\nFilter: level:error',
    url: 'https://sentry.example/organizations/shop/alerts/31/',
    labels: { aggregate: 'count()', dataset: 'events', query: 'level:error' },
    raw: firing,
  };

  test('over its threshold', () => {
    expect(adapt(firing)).toEqual({ format: 'sentry', alerts: [expected] });
  });

  test('resolved is the same alert', () => {
    const body = fixture('sentry-metric-resolved');
    expect(adaptOne(body)).toEqual({
      ...without(expected, 'firingStartTime'),
      status: 'resolved',
      severity: 'info',
      lastReceived: '2026-10-06T09:58:40.000Z',
      date_closed: '2026-10-06T09:58:40.000000Z',
      message: 'Resolved: Too many errors in catalog',
      description: '12 events in the last 10 minutes\nFilter: level:error',
      raw: body,
    });
  });
});

test('a body of the older webhooks plugin is the same issue', () => {
  const alert = adaptOne(fixture('sentry-plugin-firing'));
  expect(alert).toMatchObject({ fingerprint: ISSUE, severity: 'critical', environment: 'staging', service: 'catalog' });
  expect(alert.url).toBe('https://sentry.example/organizations/shop/issues/4402117/?referrer=webhooks_plugin');
});

test('a comment is refused as a message that is not an alert', () => {
  expect(() => adapt(fixture('sentry-comment'))).toThrow(
    expect.objectContaining({ code: 'invalid_input', details: { reason: 'not_an_alert' } }),
  );
});
