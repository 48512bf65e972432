import { describe, expect, test } from '@jest/globals';
import { firstTime } from '../../../src/alerts/adapters/foreign-data.ts';
import { openAlertStore } from '../../../src/alerts/store/sqlite.ts';
import type { Json } from '../../../src/shared/json/json.ts';
import { momentOf, readMoment } from '../../../src/shared/time/moment.ts';
import { compileTemplate } from '../../../src/values/index.ts';

const AT = '2026-11-27T10:00:00.000Z';

/** Each form of a time, and the moment that it names. */
const FORMS: [Json, string][] = [
  ['2026-11-27T10:00:00Z', AT],
  ['2026-11-27T10:00:00', AT],
  ['2026-11-27 10:00:00', AT],
  ['2026-11-27 10:00:00 UTC', AT],
  ['2026-11-27 10:00:00+00:00', AT],
  ['2026-11-27T11:00:00+0100', AT],
  ['2026-11-27T11:00:00+01', AT],
  ['2026-11-27T10:00:00.123456789Z', '2026-11-27T10:00:00.123Z'],
  ['2026-11-27 10:00:00.123456+00:00', '2026-11-27T10:00:00.123Z'],
  ['2026-11-27T10:00:00.000999999999999999999Z', AT],
  ['2026-11-27 11:00:00.5 +0100 CET', '2026-11-27T10:00:00.500Z'],
  ['2026-11-27T10:00:00,5Z', '2026-11-27T10:00:00.500Z'],
  ['2026-11-27T10:00Z', AT],
  ['20261127T100000Z', AT],
  ['20261127T110000.25+0100', '2026-11-27T10:00:00.250Z'],
  ['20261127', '2026-11-27T00:00:00.000Z'],
  ['2026/11/27', '2026-11-27T00:00:00.000Z'],
  ['2026-11-27', '2026-11-27T00:00:00.000Z'],
  ['Fri, 27 Nov 2026 10:00:00 GMT', AT],
  ['Fri, 27 Nov 2026 11:00:00 +0100', AT],
  ['Fri, 27 Nov 2026 05:00:00 EST', AT],
  ['27 Nov 2026 03:00 PDT', AT],
  ['Nov 27, 2026 10:00 AM', AT],
  ['27/Nov/2026:10:00:00 +0000', AT],
  ['Friday, 27-Nov-26 10:00:00 GMT', AT],
  ['Fri Nov 27 10:00:00 2026', AT],
  ['Fri Nov 27 04:00:00 CST 2026', AT],
  ['Fri Nov 27 2026 11:00:00 GMT+0100 (Central European Standard Time)', AT],
  ['November 27, 2026, 10:00 PM', '2026-11-27T22:00:00.000Z'],
  ['27 Sept 2026', '2026-09-27T00:00:00.000Z'],
  [1_795_773_600, AT],
  [1_795_773_600_000, AT],
  [1_795_773_600_000_000, AT],
  [1_795_773_600_000_000_000, AT],
  ['1795773600', AT],
  ['1795773600Z', AT],
  ['1795773600000', AT],
  ['1795773600.25', '2026-11-27T10:00:00.250Z'],
  ['1795773600000000', AT],
];

/** Texts that are not a time, or name one that does not exist. */
const NOT_A_TIME: Json[] = [
  ...[
    '2027-02-30',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31T10:00:00Z',
    '2026-11-27T25:00:00Z',
    '2026-11-27T10:61:00Z',
    '2026-11-27T10:00:00+01:75',
    'Nov 27, 2026 25:00 PM',
    'Nov 27, 2026 14:00 AM',
    'Marble 27, 2026',
    'after 27 Nov 2026',
    '11/27/2026',
  ],
  ...['Fri, 31 Nov 2026 10:00:00 GMT', '2026-11-27T10:00:00+99:00', '27 Foo 2026', 'soon', '', '12345', 'forever', '2026'],
  ...[null, true, [], {}, 1e30, Number.NaN],
];

describe('a time', () => {
  test.each(FORMS)('%j is %s', (value, iso) => {
    expect(new Date(momentOf(value) ?? Number.NaN).toISOString()).toBe(iso);
  });

  test.each(NOT_A_TIME.map((value) => [value]))('%j is not one', (value) => {
    expect(momentOf(value)).toBeUndefined();
  });

  test('keeps the offset that it was written with', () => {
    expect(readMoment('2026-11-27T11:30:00+01:30')?.offsetMinutes).toBe(90);
  });

  test.each(FORMS)("%j is the same to functions, to senders' formats and to the store of alerts", (value, iso) => {
    const scope = { alert: { lastReceived: value } };
    const template = (text: string) => compileTemplate(text).evaluate(scope);
    expect(template('{{ keep.to_timestamp(alert.lastReceived) }}')).toBe(Math.trunc(Date.parse(iso) / 1000));
    expect(firstTime(value)).toBe(iso);
    const store = openAlertStore(':memory:');
    store.receive({ fingerprint: 'f', name: 'n', status: 'firing', lastReceived: value }, Date.parse(iso) + 60_000);
    expect(store.firingSince('f', Date.parse(iso) + 60_000)).toBe(Date.parse(iso));
    store.close();
  });
});
