import { describe, expect, test } from '@jest/globals';
import { alertEvent, celOf, complaints, filtersOf, triggerOf } from './support.ts';

const ALERT = { id: '1', name: 'db-disk full', source: ['prometheus', 'k8s'], status: 'firing', severity: 'high' };

describe('an alert trigger', () => {
  test('without conditions takes every alert, and nothing but alerts', async () => {
    const trigger = await triggerOf('- type: alert');
    expect(trigger.matches({ alert: {} })).toBe(true);
    expect(trigger.matches({ incident: {} })).toBe(false);
    expect(trigger.explain({ alert: {} })).toMatchObject({ matches: true, clauses: [{ text: 'every alert', holds: true }] });
    expect(trigger.explain({ incident: {} }).clauses).toMatchObject([{ holds: false, why: 'this event is not an alert' }]);
  });

  test('with cel and filters needs both, and says that Keep does not', async () => {
    const yaml = '- type: alert\n  cel: status == "firing"\n  filters: [{ key: severity, value: high }]';
    const trigger = await triggerOf(yaml);
    expect(trigger.matches(alertEvent(ALERT))).toBe(true);
    expect(trigger.matches(alertEvent({ ...ALERT, status: 'resolved' }))).toBe(false);
    expect(trigger.matches(alertEvent({ ...ALERT, severity: 'low' }))).toBe(false);
    expect(await complaints(yaml)).toEqual([expect.stringMatching(/keep-difference .*Keep looks at `filters` only/)]);
  });
});

/** Each expression with alerts that it takes, and alerts that it does not. */
const CEL: [cel: string, takes: object[], leaves: object[]][] = [
  ['name == "full"', [{ name: 'full' }], [{ name: 'empty' }, {}]],
  ['alert.name == "full"', [{ name: 'full' }], [{ name: 'empty' }]],
  ['event.name == "full"', [{ name: 'full' }], [{ name: 'empty' }]],
  // A list of sources is asked for as if it were one.
  [
    'source == "datadog"',
    [{ source: ['datadog'] }, { source: ['x', 'datadog'] }, { source: 'datadog' }],
    [{ source: ['x'] }, {}],
  ],
  ["'datadog' == source", [{ source: ['datadog'] }], [{ source: ['data'] }, { source: [] }]],
  ['alert.source == "datadog"', [{ source: ['datadog'] }], [{ source: ['x'] }]],
  ['source != "datadog"', [{ source: ['x'] }, { source: [] }], [{ source: ['x', 'datadog'] }, {}]],
  // As in CEL, a field that is missing makes no condition hold, unless another one settles it.
  ["ticket_id != ''", [{ ticket_id: '7' }], [{}, { ticket_id: null }, { ticket_id: '' }]],
  ["alert.ticket_id != ''", [{ ticket_id: '7' }], [{}]],
  ["!(team == 'db')", [{ team: 'web' }], [{ team: 'db' }, {}]],
  ["labels.team != 'db'", [{ labels: { team: 'web' } }], [{ labels: {} }, {}]],
  ["errors > 10 || status == 'firing'", [{ errors: 11 }, { status: 'firing' }], [{ errors: 1 }, {}]],
  ['ticket_id == null', [{}, { ticket_id: null }], [{ ticket_id: '' }, { ticket_id: '7' }]],
  ['labels.ticket_id != null', [{ labels: { ticket_id: '' } }], [{ labels: {} }, {}]],
  // A boolean and the text of one.
  ["dismissed == 'true'", [{ dismissed: true }, { dismissed: 'true' }], [{ dismissed: false }, {}]],
  ['dismissed == False', [{ dismissed: false }, { dismissed: 'False' }], [{ dismissed: true }]],
  ['(source) == ("datadog")', [{ source: ['datadog'] }], [{ source: ['x'] }]],
  ['name == "source == \\"a\\""', [{ name: 'source == "a"', source: ['b'] }], [{ source: ['a'] }]],
  ['source == ["a", "b"]', [{ source: ['a', 'b'] }], [{ source: ['a'] }]],
  ['source.contains("grafana")', [{ source: ['grafana', 'x'] }], [{ source: ['graf'] }]],
  ['"grafana" in source', [{ source: ['grafana'] }], [{ source: ['x'] }]],
  // Severities by rank.
  [
    "severity > 'info'",
    [{ severity: 'warning' }, { severity: 'high' }, { severity: 'critical' }],
    [{ severity: 'info' }, { severity: 'low' }],
  ],
  ["severity >= 'warning'", [{ severity: 'warning' }, { severity: 'critical' }], [{ severity: 'info' }, { severity: 'low' }]],
  [
    "severity < 'high'",
    [{ severity: 'info' }, { severity: 'low' }, { severity: 'warning' }],
    [{ severity: 'high' }, { severity: 'critical' }],
  ],
  // Words of senders; one that no table knows is ordered as high.
  [
    "severity >= 'P2'",
    [{ severity: 'P0' }, { severity: 'critical' }, { severity: 'error' }],
    [{ severity: 'P3' }, { severity: 'low' }],
  ],
  ["severity > 'P1'", [{ severity: 'SEV0' }], [{ severity: 'P1' }, { severity: 'critical' }]],
  ["severity >= 'high'", [{ severity: 'purple' }, { severity: 7 }], [{ severity: 'medium' }]],
  ["labels.Severity > 'high'", [{ labels: { Severity: 'fatal' } }], [{ labels: { Severity: 'purple' } }]],
  ["severity > 'INFO'", [{ severity: 'high' }], [{ severity: 'low' }]],
  ["severity == 'CRITICAL'", [{ severity: 'critical' }, { severity: 'Critical' }], [{ severity: 'high' }]],
  ["severity != 'CRITICAL'", [{ severity: 'high' }], [{ severity: 'critical' }]],
  ['severity == "error"', [{ severity: 'error' }], [{ severity: 'high' }]],
  [
    "(severity >= 'warning' && source.contains('prometheus')) || (severity == 'critical' && source.contains('grafana'))",
    [
      { severity: 'warning', source: ['prometheus'] },
      { severity: 'critical', source: ['grafana'] },
    ],
    [
      { severity: 'info', source: ['prometheus'] },
      { severity: 'high', source: ['grafana'] },
    ],
  ],
  // Nested fields, numbers, what is not there.
  [
    'labels.environment == "production"',
    [{ labels: { environment: 'production' } }],
    [{ labels: { environment: 'x' } }, { labels: {} }, {}],
  ],
  ['labels.metadata.region == "us-east"', [{ labels: { metadata: { region: 'us-east' } } }], [{ labels: { metadata: {} } }]],
  ['metrics.cpu > 90 && metrics.memory >= 80', [{ metrics: { cpu: 95, memory: 80 } }], [{ metrics: { cpu: 95, memory: 79 } }]],
  ['has(labels.priority) && labels.priority == "high"', [{ labels: { priority: 'high' } }], [{ labels: { service: 'api' } }, {}]],
  [
    '(source == "GitlabServices" && status == "firing" && !has(slackTimestamp))',
    [{ source: ['GitlabServices'], status: 'firing' }],
    [
      { source: ['GitlabServices'], status: 'firing', slackTimestamp: '1.2' },
      { source: ['Other'], status: 'firing' },
      { source: ['GitlabServices'], status: 'resolved' },
    ],
  ],
  ['tags.contains("database")', [{ tags: ['database', 'x'] }], [{ tags: ['api'] }]],
  [
    'name.startsWith("db-") && description.contains("connection")',
    [{ name: 'db-1', description: 'a connection' }],
    [{ name: 'api', description: 'a connection' }],
  ],
  ['name.matches("^disk .*[0-9]+%$")', [{ name: 'disk at 90%' }], [{ name: 'a disk at 90%' }]],
];

describe('cel takes', () => {
  test.each(CEL)('%s', async (cel, takes, leaves) => {
    const trigger = await celOf(cel);
    const ask = (alert: object) => trigger.matches({ alert: alert as never });
    expect(takes.map(ask)).toEqual(takes.map(() => true));
    expect(leaves.map(ask)).toEqual(leaves.map(() => false));
    // Whoever asks why gets the same answer.
    expect([...takes, ...leaves].map((alert) => trigger.explain({ alert: alert as never }).matches)).toEqual(
      [...takes, ...leaves].map(ask),
    );
  });

  test('a mistake in it is found before any alert comes, at its place', async () => {
    expect(await complaints('- type: alert\n  cel: severity = "x"')).toEqual([
      '5:21 expression `=` means nothing in an expression | Compare with `==`.',
    ]);
  });

  test("what an alert holds is never read as an expression, nor as the scope's prototype", async () => {
    const trigger = await celOf('name == "x" || has(constructor) || has(__proto__) || has(labels.constructor)');
    const alert = JSON.parse('{"name": "x\\" || true || \\"", "labels": {}}');
    expect(trigger.matches({ alert })).toBe(false);
  });
});

/** Each filter, with alerts that it takes, and alerts that it does not. */
const FILTERS: [filter: object, takes: object[], leaves: object[]][] = [
  [{ key: 'service', value: 'api' }, [{ service: 'api' }], [{ service: 'api-2' }, { service: null }, {}]],
  [{ key: 'service', value: 'api', exclude: true }, [{ service: 'x' }, {}], [{ service: 'api' }]],
  [{ key: 'source', value: 'sentry' }, [{ source: ['sentry', 'x'] }], [{ source: ['x'] }, { source: ['sentry-2'] }]],
  [{ key: 'source', value: 'sentry', exclude: true }, [{ source: ['x'] }], [{ source: ['x', 'sentry'] }]],
  [{ key: 'severity', value: 'CRITICAL' }, [{ severity: 'critical' }], [{ severity: 'high' }]],
  [{ key: 'labels.team', value: 'db' }, [{ labels: { team: 'db' } }], [{ labels: {} }, { labels: 'db' }, {}]],
  [{ key: 'alert.labels.team', value: 'db' }, [{ labels: { team: 'db' } }], [{ labels: {} }]],
  [{ key: 'a.b', value: 1 }, [{ 'a.b': 1 }, { a: { b: '1' } }], [{ a: { b: 2 } }]],
  [{ key: 'dismissed', value: true }, [{ dismissed: true }, { dismissed: 'true' }], [{ dismissed: false }, {}]],
  [{ key: 'dismissed', value: 'False' }, [{ dismissed: false }], [{ dismissed: true }]],
  [{ key: 'constructor', value: 'r".*"' }, [], [{}]],
  [{ key: 'labels.constructor.name', value: 'r".*"' }, [], [{ labels: {} }]],
  // Patterns: words with | between them are whole words, anything else is searched for.
  [
    { key: 'service', value: 'r"(payments|ftp)"' },
    [{ service: 'payments' }, { service: 'ftp' }],
    [{ service: 'payments-2' }, { service: 'x' }],
  ],
  [{ key: 'host', value: 'r"web.1 | web.2"' }, [{ host: 'web.1' }, { host: 'web.2' }], [{ host: 'web-1' }, { host: 'web.11' }]],
  [{ key: 'source', value: "r'(grafana|prometheus)'" }, [{ source: ['x', 'grafana'] }], [{ source: ['sentry'] }]],
  [{ key: 'source', value: 'r"(prometheus|sentry)"', exclude: true }, [{ source: ['grafana'] }], [{ source: ['sentry'] }]],
  [{ key: 'source', value: 'r".*"' }, [{ source: ['x'] }], [{ source: [] }, {}]],
  [{ key: 'service', value: 'r"^$"' }, [{ service: '' }], [{ service: 'api' }, {}]],
  [{ key: 'name', value: 'r".*abc.*"' }, [{ name: 'xabcx' }, { name: 'a\nabc' }], [{ name: 'ab' }]],
  [
    { key: 'lastReceived', value: 'r"2025-01-30T09:.*"' },
    [{ lastReceived: '2025-01-30T09:19:02Z' }],
    [{ lastReceived: '2025-01-30T10:19:02Z' }],
  ],
  [
    { key: 'name', value: 'r"error\\.[a-z]+\\.(critical|warning)"' },
    [{ name: 'error.db.critical' }],
    [{ name: 'error.db.info' }, { name: 'error.9.critical' }],
  ],
  [{ key: 'name', value: 'r"error\\.database\\..*"', exclude: true }, [{ name: 'error.api.x' }], [{ name: 'error.database.x' }]],
  [{ key: 'name', value: 'r"(?i)DISK"' }, [{ name: 'a disk' }], [{ name: 'cpu' }]],
  [{ key: 'name', value: 'r"(?ms)^b.c$"' }, [{ name: 'a\nb\nc\nd' }], [{ name: 'a b\nc' }]],
  [{ key: 'name', value: 'r"\\Adisk\\Z"' }, [{ name: 'disk' }], [{ name: 'a disk' }, { name: 'disk\n' }]],
  [{ key: 'name', value: 'r"disk$"' }, [{ name: 'disk' }, { name: 'disk\n' }], [{ name: 'disk\n\n' }]],
  [{ key: 'name', value: 'r"(?P<a>x)(?#twice)(?P=a)"' }, [{ name: 'xx' }], [{ name: 'x' }]],
  [{ key: 'name', value: 'r"[]a-]{2}"' }, [{ name: ']-' }], [{ name: 'b]' }]],
  [{ key: 'count', value: 'r"^4\\d$"' }, [{ count: 42 }], [{ count: 52 }]],
];

describe('a filter takes', () => {
  test.each(FILTERS)('%j', async (filter, takes, leaves) => {
    const trigger = await filtersOf(filter);
    const ask = (alert: object) => trigger.matches({ alert: alert as never });
    expect(takes.map(ask)).toEqual(takes.map(() => true));
    expect(leaves.map(ask)).toEqual(leaves.map(() => false));
  });

  test('what all filters take', async () => {
    const trigger = await filtersOf({ key: 'source', value: 'sentry' }, { key: 'service', value: 'r"(payments|ftp)"' });
    expect(trigger.matches({ alert: { source: ['sentry'], service: 'ftp' } })).toBe(true);
    expect(trigger.matches({ alert: { source: ['sentry'], service: 'api' } })).toBe(false);
  });

  test('what stands in the first 64 KiB of a text', async () => {
    const trigger = await filtersOf({ key: 'body', value: 'r"end"' });
    expect(trigger.matches({ alert: { body: `${'x'.repeat(60_000)}end` } })).toBe(true);
    expect(trigger.matches({ alert: { body: `${'x'.repeat(70_000)}end` } })).toBe(false);
  });

  test.each([
    ['r"(a"', 'this pattern cannot be read: unterminated group'],
    ['r"[a"', 'a `[` in the pattern is not closed'],
    ['r"a', 'this pattern is not closed: it ends with another "'],
    ['r"\\h+"', '`\\h` means nothing in a pattern | A backslash is `\\\\`.'],
    ['r"(?x)a"', 'the flag `x` of a pattern is not known | Known are: i, m, s.'],
    [`r"${'a'.repeat(1001)}"`, 'a pattern may have 1000 characters at most'],
  ])('no pattern with a mistake: %s', async (value, sentence) => {
    const filters = JSON.stringify([{ key: 'name', value }]);
    expect(await complaints(`- type: alert\n  filters: ${filters}`)).toEqual([
      expect.stringContaining(`invalid-value ${sentence}`),
    ]);
  });

  test.each([
    ['.*', 'r".*"'],
    ['grafana|prometheus', 'r"grafana|prometheus"'],
    ['web-*', 'r"web-.*"'],
    ['^disk', 'r"^disk"'],
    ['error\\.\\d+', 'r"error\\.\\d+"'],
    ['(a)+', 'r"(a)+"'],
    ['r(a|b)', 'r"(a|b)"'],
  ])('%s without its mark is compared as text, which is told', async (value, hint) => {
    const yaml = `- type: alert\n  filters: ${JSON.stringify([{ key: 'name', value }])}`;
    const found = await complaints(yaml);
    expect(found).toEqual([expect.stringContaining(`\`${value}\` is compared as text`)]);
    expect(found[0]).toContain(`'${hint}'`);
    const trigger = await triggerOf(yaml);
    expect([value, 'x'].map((name) => trigger.matches({ alert: { name } }))).toEqual([true, false]);
  });

  test.each(['disk full', 'web-1.example.com', '/var/log', '[FIRING] disk', 'a+b?', 'why?', 'C:\\temp'])(
    'an ordinary text is no pattern: %s',
    async (value) => {
      expect(await complaints(`- type: alert\n  filters: ${JSON.stringify([{ key: 'name', value }])}`)).toEqual([]);
    },
  );

  test.each([
    ['[{ key: a }]', /missing-key `value` is missing/],
    ['[{ ky: a, value: b }]', /unknown-key unknown key `ky` \| Did you mean `key`/],
    ['[{ key: a, value: [b] }]', /wrong-type `value` must be text, a number or true or false/],
    ['[]', /at least 1 item/],
  ])('no filter of another shape: %s', async (filters, sentence) => {
    expect(await complaints(`- type: alert\n  filters: ${filters}`)).toEqual([expect.stringMatching(sentence)]);
  });
});
