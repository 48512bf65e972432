import { describe, expect, test } from '@jest/globals';
import { evaluate, failure, render } from './scope.ts';

/** Values as alerts have them: of every type, null, empty and not there. */
const scope = {
  alert: {
    name: 'say "x", it\'s\n:)',
    ticket: null,
    note: '',
    flag: true,
    off: false,
    flag_text: 'True',
    n: 5,
    zero: 0,
    n_text: '100',
    source: ['datadog'],
    codes: [500, 'E1'],
    none: [],
    labels: { team: 'db' },
    empty: {},
  },
};
const holds = (text: string) => evaluate(text, scope);

describe('null, a missing field, empty text and an empty list or map are all nothing', () => {
  test.each([
    ["'{{ alert.ticket }}' == ''", true],
    ["'{{ alert.ticket }}' != ''", false],
    ["'{{ alert.missing }}' == ''", true],
    ["'{{ alert.missing }}' != ''", false],
    ['"{{ alert.missing }}" == ""', true],
    ["{{ alert.missing }} == ''", true],
    ["{{ alert.ticket }} != ''", false],
    ["alert.missing == ''", true],
    ["alert.missing != ''", false],
    ["'' == alert.ticket", true],
    ["'{{ alert.none }}' == ''", true],
    ["'{{ alert.none }}' != '[]'", false],
    ['alert.missing == []', true],
    ['alert.ticket != []', false],
    ['alert.empty == {}', true],
    ["alert.empty == ''", true],
    ["'{{ alert.missing }}' in ['', 'none']", true],
    ["'{{ alert.missing }}' not in ['', 'none']", false],
    // What is there is not nothing, whatever its type.
    ["'{{ alert.flag }}' != ''", true],
    ["alert.off != ''", true],
    ["alert.zero == ''", false],
    ['alert.zero == null', false],
    ['alert.ticket == 0', false],
    ['alert.ticket == false', false],
    ['alert.ticket == "x"', false],
    ["alert.source != ''", true],
    ["alert.labels != ''", true],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test('only null is equal to a null that is written', () => {
    expect(['alert.note', 'alert.none', 'alert.empty'].map((path) => holds(`${path} == null`))).toEqual([false, false, false]);
    expect(['alert.ticket', 'alert.missing'].map((path) => holds(`${path} == null`))).toEqual([true, true]);
    expect(holds('alert.note is not None')).toBe(true);
  });
});

describe('a boolean equals its text, as JSON or as Keep writes it', () => {
  test.each([
    ["alert.flag == 'true'", true],
    ["alert.flag != 'true'", false],
    ["{{ alert.flag }} == 'True'", true],
    ["'{{ alert.flag }}' == 'True'", true],
    ["'{{ alert.flag }}' == 'False'", false],
    ["{{ alert.off }} == 'False'", true],
    ["alert.off == 'true'", false],
    ['alert.flag_text == true', true],
    ["{{ alert.flag }} in ['True']", true],
    ["{{ alert.flag }} not in ['True']", false],
    ["{{ alert.off }} in ['True', 'yes']", false],
    ["keep.eq({{ alert.flag }}, 'True')", true],
    ["keep.eq('{{ alert.off }}', 'True')", false],
    ['alert.flag == True', true],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test('in helpers, too', () => {
    expect(render('{{#if (eq alert.flag "True")}}x{{else}}y{{/if}}', scope)).toBe('x');
    expect(render('{{#if (ne alert.ticket "")}}x{{else}}y{{/if}}', scope)).toBe('y');
    expect(render('{{#if (eq alert.source "datadog")}}x{{/if}}', scope)).toBe('x');
  });
});

describe('a list equals a text that it contains', () => {
  test.each([
    ["alert.source == 'datadog'", true],
    ["{{ alert.source }} == 'datadog'", true],
    ["'{{ alert.source }}' == 'datadog'", true],
    ["'data' == alert.source", false],
    ["alert.source != 'datadog'", false],
    ["alert.codes == '500'", true],
    ["'{{ alert.source }}' in ['datadog', 'sentry']", true],
    ["alert.source in ['sentry']", false],
    ["alert.source == ['datadog']", true],
    ["'{{ alert.source }}' == '[\"datadog\"]'", true],
    ['\'{{ alert.labels }}\' == \'{"team":"db"}\'', true],
    ["'{{ alert.empty }}' == '{}'", true],
    ["'{{ alert.empty }}' != '{}'", false],
    ["'{{ alert.source }}'.contains('datadog')", true],
    ["'datadog' in '{{ alert.source }}'", true],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });
});

describe('numbers and texts of numbers compare as numbers', () => {
  test.each([
    ["'5' == alert.n", true],
    ["alert.n == '5.0'", true],
    ["'{{ alert.n }}' == '5.0'", true],
    ["alert.n == 'five'", false],
    ["'{{ alert.n }}' < '10'", true],
    ["alert.n_text > '9'", true],
    ["'{{ alert.n_text }}' >= '99.5'", true],
    ["'1e3' > alert.n_text", true],
    ["'5' in [5]", true],
    ["alert.n in ['5']", true],
    ['0 < alert.n <= 5', true],
    ['1 < 3 < 2', false],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });
});

test('a map differs from all else, as the items of a list may', () => {
  expect(["alert.labels != 'x'", 'alert.labels != 5', "alert.empty != ''"].map(holds)).toEqual([true, true, false]);
});

test.each([
  ["'2026-01-01T10:00:00+02:00' < '2026-01-01T09:00:00Z'", true],
  ["'2026-01-01T10:00:00Z' < '2026-01-01T10:00:00.500Z'", true],
  ["'2026-01-01 10:00:00' >= '2026-01-01T10:00:00Z'", true],
  ["'2026-01-02' > '2026-01-01T10:00:00Z'", true],
  ["'2026-02-30T10:00:00Z' > '2026-02-28T10:00:00Z'", true],
])('times compare as times, whatever their zone: %s', (text, expected) => {
  expect(holds(text)).toBe(expected);
});

describe('in quotes, a tag is text', () => {
  test.each([
    ["'{{ alert.missing }}'.startswith('x')", false],
    ["'{{ alert.n }}'.startsWith('5')", true],
    ["'{{ alert.n }}' + '1'", '51'],
    ["'x' in '{{ alert.missing }}'", false],
    ["'x' not in '{{ alert.missing }}'", true],
    ["len('{{ alert.missing }}')", 0],
    ["size('{{ alert.n_text }}')", 3],
    ["'{{ alert.ticket }}' if alert.flag else 'x'", ''],
    // With other text in the quotes, or with quotes of its own in the value.
    ["'host-{{ alert.missing }}' == 'host-'", true],
    ["'host-{{ alert.n }}' == 'host-5'", true],
    ["'{{ alert.name }}' == alert.name", true],
    ['\'{{ alert.name }}\' != \'x\' and "{{ alert.name }}" != "x"', true],
    ["\"{{ alert.labels['team'] }}\" == 'db'", true],
    ["'{{{ alert.n }}}' == '5'", true],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test('without quotes, and alone, it keeps its type', () => {
    expect(holds('{{ alert.n }} + 1')).toBe(6);
    expect(holds("'{{ alert.zero }}'")).toBe(0);
    expect(holds("not '{{ alert.off }}'")).toBe(true);
    expect(holds("keep.len('{{ alert.labels }}')")).toBe(1);
    expect(holds("has('{{ alert.missing }}') || has('{{ alert.ticket }}')")).toBe(false);
  });
});

describe('values that are never equal or have no order are an error', () => {
  test.each([
    ["alert.flag == 'yes'", 'a boolean and the text "yes" are never equal', 'true or false'],
    ["'{{ alert.flag }}' != 'on'", 'a boolean and the text "on" are never equal', 'true or false'],
    ['alert.flag == 1', 'a boolean and a number are never equal', 'true or false'],
    ['alert.flag == 9007199254740993', 'a boolean and a number are never equal', 'true or false'],
    ['alert.source == 9007199254740993', 'a list and a number are never equal', '`x in list`'],
    ['alert.labels == 9007199254740993', 'a map and a number are never equal', '`map.key`'],
    ["keep.eq({{ alert.flag }}, 'yes')", 'never equal', 'true or false'],
    ["alert.labels == 'db'", 'a map and the text "db" are never equal', '`map.key`'],
    ['alert.labels == 1', 'a map and a number are never equal', '`map.key`'],
    ['alert.codes == 500', 'a list and a number are never equal', '`x in list`'],
    ['alert.source == "[\'datadog\']"', 'a list and the text "[\'datadog\']" are never equal', '`x in list`'],
    ['alert.missing < 3', 'null and a number have no order', 'has(alert.missing)'],
    ["'{{ alert.missing }}' > 3", 'null and a number have no order', 'has(alert.missing)'],
    ["alert.n > 'five'", 'a number and text have no order', undefined],
    ["alert.source > 'a'", 'a list and text have no order', undefined],
    ['alert.flag > 0', 'a boolean and a number have no order', undefined],
    ["alert.missing.startsWith('a')", '`startsWith` takes text, not null', undefined],
    ["alert.missing.contains('a')", '`contains` takes text, not null', undefined],
    ["'a' in alert.missing", 'not for text in null', 'has(alert.missing)'],
  ])('%s', (text, message, hint) => {
    const error = failure(() => holds(text));
    expect(error).toMatchObject({ code: 'expression_failed', message: expect.stringContaining(message) });
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });
});

describe("Keep's functions take null for empty text, and refuse what no date is", () => {
  test.each([
    ['keep.len(alert.missing)', 0],
    ['keep.uppercase(alert.missing)', ''],
    ["keep.join(alert.missing, ',')", ''],
    ["keep.dictget(alert.missing, 'k', 'd')", 'd'],
    ['keep.to_timestamp(alert.missing)', 0],
    ["keep.eq(alert.missing, '')", true],
  ])('%s: %j', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test.each([
    ['keep.first(alert.missing)', 'There is no item 0'],
    ['keep.add(alert.missing, 1)', 'A number is needed, not null'],
    ["keep.to_timestamp('2027-02-30')", '"2027-02-30" is not a valid date'],
    ["keep.datetime_compare('2027-02-30T00:00:00Z', '2027-01-01')", 'is not a valid date'],
    ["keep.add_time_to_date('2027-02-30', '%Y-%m-%d', '1d')", 'does not follow'],
    ["keep.add_time_to_date('30.02.2027', '%d.%m.%Y', '1d')", 'does not follow'],
  ])('%s: %s', (text, message) => {
    expect(failure(() => holds(text)).message).toContain(message);
  });
});
