import { describe, expect, test } from '@jest/globals';
import { severityOf, severityRank } from '../../src/plan/severity.ts';
import { severityNotices } from '../../src/plan/severity-notices.ts';

describe('a severity of a sender', () => {
  test.each([
    // P0 and SEV0 are no less than P1.
    ['P0', 'critical'],
    ['SEV0', 'critical'],
    ['sev-0', 'critical'],
    ['P1', 'critical'],
    ['Sev 2', 'high'],
    ['S3', 'warning'],
    ['Priority 4', 'info'],
    ['severity::5', 'low'],
    // Words of syslog, Zabbix, Jira, Zendesk and Red Hat.
    ['emerg', 'critical'],
    ['ALERT', 'critical'],
    ['urgent', 'critical'],
    ['disaster', 'critical'],
    ['Blocker', 'critical'],
    ['severe', 'high'],
    ['Important', 'high'],
    ['average', 'warning'],
    ['Moderate', 'warning'],
    ['notice', 'info'],
    ['Lowest', 'low'],
    // A word beside a code says what it means.
    ['P1 - Critical', 'critical'],
    ['P4 - Low', 'low'],
    ['1 - Critical', 'critical'],
    ['Sev2 (Major)', 'high'],
    ['Severity: High', 'high'],
    ['🔴 critical!', 'critical'],
  ])('%s means %s', (text, severity) => {
    expect(severityOf(text)).toBe(severity);
  });

  test.each([
    ...[
      'purple',
      'P9',
      'sev 17',
      '3',
      '-1',
      '',
      '—',
      'critical/low',
      'not critical',
      'P1 - Business',
      'constructor',
      '__proto__',
    ],
    'критический',
    `critical${' '.repeat(500)}`,
  ])('%j is not known: no guess is made', (text) => {
    expect(severityOf(text)).toBeUndefined();
  });

  test('P0 and SEV0 rank above P1 and critical, which rank above the others', () => {
    const ranks = ['debug', 'info', 'P3', 'error', 'P1', 'P0'].map(severityRank);
    expect(ranks.toSorted((left, right) => left - right)).toEqual(ranks);
    expect(new Set(ranks).size).toBe(6);
    expect(severityRank('SEV 0')).toBe(severityRank('P0'));
    expect([severityRank('critical'), severityRank('purple'), severityRank(3)]).toEqual([severityRank('P1'), -1, -1]);
  });
});

test('what is not known is said, of an alert and of an incident', () => {
  const notices = severityNotices({ alert: { severity: 'purple' }, incident: { severity: 7 } }, 'warning');
  expect(notices).toEqual([
    expect.stringMatching(/"purple" of the alert is not known: it stays as it is, and is ordered as `warning`/),
    expect.stringContaining('7 of the incident'),
  ]);
  expect(severityNotices({ alert: { severity: 'P0' }, incident: {} })).toEqual([]);
  expect(severityNotices({ alert: { severity: ' ' }, incident: { severity: ['high'] } })).toEqual([]);
});
