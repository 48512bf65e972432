import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ALERT_FIELDS } from '../../src/alerts/adapters/alert.ts';
import { SEVERITY_WORDS, STATUS_WORDS } from '../../src/alerts/adapters/alert-words.ts';
import { alertFormats } from '../../src/alerts/adapters/index.ts';
import { adapt, at, fixture, fixtureNames } from './support.ts';

/** `cloudwatch-sns-firing` is a body of the format `cloudwatch`. */
const formatOf = (name: string): string => {
  if (name.startsWith('sns-')) return 'cloudwatch';
  const names = alertFormats.map((format) => format.name).filter((one) => name.startsWith(`${one}-`));
  return names.sort((left, right) => right.length - left.length)[0] ?? '';
};

describe('detection', () => {
  test.each(fixtureNames)('%s is detected by its format and by no other', (name) => {
    const claims = alertFormats.filter((format) => format.detects(fixture(name))).map((format) => format.name);
    expect(claims).toEqual([...new Set([formatOf(name), 'plain'])]);
  });

  test.each(fixtureNames)('%s is read the same when its format is named', (name) => {
    const outcome = (format?: string) => {
      try {
        return adapt(fixture(name), format);
      } catch (error) {
        return String(error);
      }
    };
    expect(outcome(formatOf(name))).toEqual(outcome());
  });

  test('a body of another format than named is refused with the fields of that format', () => {
    expect(() => adapt(fixture('grafana-firing'), 'opsgenie')).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        message: 'The body is not of the format `opsgenie`.',
        hint: 'That format has `action` and a map `alert` with `alertId`, `alias` or `tinyId`.',
      }),
    );
  });

  test('an unknown format is refused with the closest name', () => {
    expect(() => adapt({}, 'pagerdty')).toThrow(
      expect.objectContaining({ code: 'invalid_input', hint: expect.stringContaining('Did you mean `pagerduty`?') }),
    );
  });

  test('a whole notification is one alert if its format is named as plain', () => {
    const body = fixture('alertmanager-firing');
    expect(adapt(body, 'plain').alerts).toEqual([{ ...body, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    const later = { ...body, status: 'resolved', alerts: [] };
    expect(adapt(later, 'plain').alerts[0]?.fingerprint).toBe(adapt(body, 'plain').alerts[0]?.fingerprint);
  });
});

describe('lists', () => {
  test('each item is read by its own format', () => {
    const { format, alerts } = adapt([fixture('grafana-firing'), fixture('plain-firing'), fixture('alertmanager-firing')]);
    expect(format).toBe('mixed');
    expect(alerts.map(({ source, name }) => source ?? name)).toEqual([
      ['grafana'],
      'Backup is late',
      ['prometheus'],
      ['prometheus'],
    ]);
  });

  test('a list of one format is of that format', () => {
    expect(adapt([fixture('opsgenie-firing'), fixture('opsgenie-resolved')])).toMatchObject({ format: 'opsgenie' });
  });

  test.each([
    [[], 'The list contains no alert.'],
    [[{ name: 'a' }, 7], 'Item 1 of the list is not an alert: it must be a map.'],
    [{}, 'The body is an empty map.'],
    ['text', 'The body is not an alert: it must be a map.'],
    [null, 'The body is not an alert: it must be a map.'],
    [{ ...fixture('alertmanager-firing'), alerts: [{ labels: {} }, null] }, '`alerts[1]` must be a map.'],
  ])('%j is refused', (body, message) => {
    expect(() => adapt(body)).toThrow(expect.objectContaining({ code: 'invalid_input', message }));
  });
});

describe('fingerprints', () => {
  const unsigned = (labels: Record<string, string>, more = {}) => {
    const alert = { ...at(fixture('alertmanager-resolved'), 'alerts', 0), labels, fingerprint: null, ...more };
    return adapt({ ...fixture('alertmanager-resolved'), alerts: [alert] }).alerts[0]?.fingerprint;
  };

  test('without one of the sender, they follow from name and labels, in any order and at any time', () => {
    const one = unsigned({ alertname: 'A', pod: '1' });
    expect(unsigned({ pod: '1', alertname: 'A' }, { status: 'firing', startsAt: '2027-01-01T00:00:00Z' })).toBe(one);
    expect(unsigned({ alertname: 'A', pod: '2' })).not.toBe(one);
  });

  test('are the same while an alert fires, is acknowledged and is resolved', () => {
    const families = new Map<string, Set<unknown>>();
    for (const name of fixtureNames.filter((one) => /-(firing|acknowledged|resolved|pending|archived)$/.test(one))) {
      const family = name.replace(/-\w+$/, '');
      families.set(family, (families.get(family) ?? new Set()).add(adapt(fixture(name)).alerts[0]?.fingerprint));
    }
    expect([...families].filter(([, fingerprints]) => fingerprints.size !== 1)).toEqual([]);
    expect(families.size).toBeGreaterThan(10);
  });
});

describe('docs/alerts.md', () => {
  const page = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
  const cells = new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text));

  test('names every format, every field and every word', () => {
    const words = [...Object.values(SEVERITY_WORDS), ...Object.values(STATUS_WORDS)].flat();
    const wanted = [...alertFormats.map((format) => format.name), ...ALERT_FIELDS, ...words];
    expect(wanted.filter((word) => !cells.has(word))).toEqual([]);
  });
});
