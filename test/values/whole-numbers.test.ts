import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../src/shared/json/json.ts';
import { compileExpression } from '../../src/values/index.ts';
import { evaluate, failure, render } from './scope.ts';

/** Whole numbers beyond 2^53: a JavaScript number would take 9007199254740993 for 9007199254740992. */
const scope = {
  alert: {
    id: 9007199254740993n,
    neighbour: 9007199254740992n,
    id_text: '9007199254740993',
    wide: 12345678901234567890n,
    ids: [9007199254740992n, 9007199254740993n],
    '12345678901234567890': 'a key',
    labels: { '9007199254740993': 'b', '007': 'bond' },
  },
};

describe('a whole number beyond 2^53', () => {
  test.each<[string, Json]>([
    ['alert.id == 9007199254740993', true],
    ['alert.id == 9007199254740992', false],
    ['alert.id != alert.neighbour', true],
    ['alert.id == alert.id_text', true],
    ['alert.neighbour == alert.id_text', false],
    ['alert.id > alert.neighbour', true],
    ['alert.id <= 9007199254740992', false],
    ['alert.id > 9007199254740992.0', true],
    ['alert.id < 1e17', true],
    ['alert.id_text > 9007199254740992', true],
    ['alert.id in alert.ids', true],
    ['9007199254740994 in alert.ids', false],
    ['alert.id in alert.labels', true],
    ['"{{ alert.id }}" == alert.id', true],
    ['alert.ids.contains(9007199254740992)', true],
    ['type(alert.id)', 'int'],
    ['alert.labels[alert.id]', 'b'],
    ['alert.labels.9007199254740993', 'b'],
    ['0x20000000000001', 9007199254740993n],
  ])('%s is %j', (expression, value) => {
    expect(evaluate(expression, scope)).toEqual(value);
  });

  test.each(['true == alert.id', 'alert.ids == 9007199254740993', 'alert.labels == 9007199254740993'])(
    '%s is an error, as with any number',
    (expression) => {
      expect(failure(() => evaluate(expression, scope))).toMatchObject({ code: 'expression_failed' });
    },
  );

  test.each<[string, Json]>([
    ['alert.id + 1', 9007199254740994n],
    ['9007199254740991 + 2', 9007199254740993n],
    ['alert.id - 2', 9007199254740991],
    ['alert.id - alert.id', 0],
    ['3000000000 * 3000000001', 9000000003000000000n],
    ['alert.wide / 10', 1234567890123456789n],
    ['alert.wide % 100', 90],
    ['-alert.id', -9007199254740993n],
    ['-(-9007199254740993)', 9007199254740993n],
    ['7 / 2', 3.5],
    ['alert.wide + 0.5', 1.2345678901234567e19],
    ['int("9007199254740993")', 9007199254740993n],
    ['double(alert.id)', 9007199254740992],
    ['abs(-9007199254740993)', 9007199254740993n],
    ['round(alert.id)', 9007199254740993n],
    ['max(alert.neighbour, alert.id, 1.5)', 9007199254740993n],
    ['min(alert.id, alert.neighbour)', 9007199254740992n],
    ['string(alert.id)', '9007199254740993'],
    ['keep.add(alert.id_text, 1)', 9007199254740994n],
    ['keep.sub(alert.id, 1)', 9007199254740992n],
    ['keep.mul(alert.id, 2)', 18014398509481986n],
    ['keep.div(alert.wide, 10)', 1234567890123456789n],
    ['keep.fdiv(alert.id, 2)', 4503599627370496],
    ['keep.mod(-9007199254740993, 10)', 7],
    ['keep.exp(2, 64)', 18446744073709551616n],
    ['keep.exp(2, -1)', 0.5],
    ['keep.eq(alert.id, 9007199254740992)', false],
    ['keep.json_loads(keep.json_dumps(alert.ids))', [9007199254740992n, 9007199254740993n]],
    ['keep.join(alert.ids)', '9007199254740992,9007199254740993'],
  ])('%s gives %p', (expression, value) => {
    expect(evaluate(expression, scope)).toEqual(value);
  });

  test.each<[string, Json]>([
    ['{{ alert.id }}', 9007199254740993n],
    ['https://tickets.example/{{ alert.id }}', 'https://tickets.example/9007199254740993'],
    ['{{#if alert.id}}there{{/if}}', 'there'],
    ['{{ json alert.ids }}', '[9007199254740992,9007199254740993]'],
    ['{{ eq alert.id 9007199254740992 }}', false],
    ['{{#if (gt alert.id 9007199254740992)}}above{{/if}}', 'above'],
    ['{{ lookup alert.labels alert.id }}', 'b'],
    ['{{ join alert.ids "," }}', '9007199254740992,9007199254740993'],
    ['{{ alert.[12345678901234567890] }}', 'a key'],
    ['{{ alert.12345678901234567890 }}', 'a key'],
    ['{{ alert.labels.007 }}', 'bond'],
  ])('%s renders as %p', (template, value) => {
    expect(render(template, scope)).toEqual(value);
  });

  test('a result beyond 1.8e308 is an error, and none of its digits is computed', () => {
    expect(failure(() => evaluate('keep.exp(alert.id, alert.id)', scope)).code).toBe('expression_failed');
    expect(failure(() => evaluate('keep.exp(10, 400)', scope)).code).toBe('expression_failed');
    expect(failure(() => evaluate('alert.id / 0', scope)).message).toContain('Division by zero.');
  });

  test('a number that nothing can hold is a mistake of the expression', () => {
    expect(compileExpression('alert.id < 1e400').problems).toMatchObject([
      { message: 'This number is beyond 1.8e308, so no number can hold it.', offset: 11, length: 5 },
    ]);
    expect(failure(() => evaluate(`keep.json_loads('{"a":1e400}')`, scope))).toMatchObject({ code: 'expression_failed' });
  });
});

describe('last_workflow_run_time', () => {
  test('before the first run is no text "null" and no empty one, but an error that says why', () => {
    const error = failure(() => render('since {{ last_workflow_run_time }}', {}));
    expect(error).toMatchObject({ code: 'missing_value', message: '`last_workflow_run_time` is not there.' });
    expect(error.hint).toContain('as on its first run');
    expect(failure(() => render('{{ last_workflow_run_time }}', {})).code).toBe('missing_value');
  });

  test.each([
    '{{ keep.to_timestamp(last_workflow_run_time) }}',
    "keep.datetime_compare('2026-11-28', '{{ last_workflow_run_time }}')",
  ])('before the first run is no time either, such as 1970: %s', (text) => {
    expect(failure(() => render(text, {})).hint).toContain('as on its first run');
  });

  test('before the first run fails a condition that compares it as a time', () => {
    const asked = 'keep.datetime_compare("2026-11-28", last_workflow_run_time) > 24';
    expect(failure(() => evaluate(asked, {})).hint).toContain('as on its first run');
    expect(evaluate(`last_workflow_run_time == null || ${asked}`, {})).toBe(true);
  });

  test('can be asked for and replaced before the first run', () => {
    expect(render('since {{ default last_workflow_run_time "ever" }}', {})).toBe('since ever');
    expect(evaluate('last_workflow_run_time == null', {})).toBe(true);
    expect(render('{{ last_workflow_run_time }}', { last_workflow_run_time: '2026-11-28T00:00:00Z' })).toBe(
      '2026-11-28T00:00:00Z',
    );
  });
});
