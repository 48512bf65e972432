import { describe, expect, test } from '@jest/globals';
import { EVALUATION_CONTEXT, type EvaluationContext } from '../../src/plan/evaluation-context.ts';
import { compileTemplate, exampleContext, functions, keepFunctions, type Scope } from '../../src/values/index.ts';
import { evaluate, failure, render } from './scope.ts';

const NOW = '2024-03-27T12:00:00.000Z';
const at = (text: string) => Date.parse(text);
const clock: EvaluationContext = { now: () => at(NOW) };
const withEvaluation = (scope: Scope, evaluation: EvaluationContext = clock): Scope => ({
  ...scope,
  [EVALUATION_CONTEXT]: evaluation,
});
const given = (x: unknown) => withEvaluation({ x });

describe('every function of Keep is there', () => {
  test.each(keepFunctions.map((row) => [row.signature, row] as const))('%s does what its example says', (_, row) => {
    const { template, scope, result } = row.example;
    expect(render(template, { ...scope, [EVALUATION_CONTEXT]: exampleContext(row.example) })).toEqual(result);
    expect(row.description).toMatch(/\.$/);
    if (row.difference !== undefined) expect(row.difference).toMatch(/\.$/);
    expect(functions.get(row.name)).toBe(row);
  });

  test('47 of them, each once', () => {
    expect(new Set(keepFunctions.map(({ name }) => name)).size).toBe(47);
  });

  test.each([
    ['keep.add', ['number'], 1, Number.POSITIVE_INFINITY],
    ['keep.len', ['iterable'], 0, 1],
    ['keep.join', ['iterable', 'delimiter', 'prefix'], 1, 3],
    ['keep.is_business_hours', ['time_to_check', 'start_hour', 'end_hour', 'business_days', 'timezone'], 0, 5],
    ['keep.utcnow', [], 0, 0],
  ])('the signature of %s says its arguments', (name, parameters, minArity, maxArity) => {
    expect(functions.get(name)).toMatchObject({ parameters, minArity, maxArity });
  });
});

describe('arguments by name', () => {
  test.each([
    ["keep.join(x, delimiter='-')", 'a-b'],
    ["keep.join(x, prefix='#')", '#a,#b'],
    ["keep.join(delimiter='+', iterable=x)", 'a+b'],
    ["keep.is_business_hours(timezone='America/New_York')", true],
    ['keep.is_business_hours(end_hour=12)', false],
    ['keep.is_business_hours(business_days=(5, 6))', false],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, given(['a', 'b']))).toBe(expected);
  });
});

describe('numbers', () => {
  test.each([
    ['keep.add(1.5, 2)', 3.5],
    ['keep.add(-1, 2)', 1],
    ["keep.add('1', ' 2.5 ')", 3.5],
    ['keep.add(1)', 1],
    ['keep.sub(1, 2, 3)', -4],
    ["keep.mul('1', '2', '0')", 0],
    ['keep.div(6, 2, 3)', 1],
    ['keep.mod(7, -3)', -2],
    ['keep.exp(2, 3, 2)', 64],
    ['keep.fdiv(-7, 2)', -4],
    ["keep.eq('a', 'a')", true],
    ['keep.eq([1, {"a": 2}], [1, {"a": 2}])', true],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, {})).toBe(expected);
  });

  test.each([
    ['keep.div(1, 0)', 'Division by zero'],
    ['keep.mod(1, 0)', 'Division by zero'],
    ['keep.exp(10, 400)', 'too large'],
    ["keep.add('many', 1)", '"many"'],
    ['keep.add(true, 1)', 'a boolean'],
    ['keep.add(null, 1)', 'null'],
  ])('%s is an error', (expression, said) => {
    expect(failure(() => evaluate(expression, {}))).toMatchObject({
      code: 'expression_failed',
      message: expect.stringContaining(said),
    });
  });
});

describe('text', () => {
  test.each([
    ["keep.capitalize('')", ''],
    ["keep.capitalize('123 TEST')", '123 test'],
    ["keep.title('hello-world 3rd')", 'Hello-World 3Rd'],
    ['keep.title("it\'s ÉTÉ")', "It's Été"],
    ["keep.split(' a,b ', ',')", ['a', 'b']],
    ['keep.uppercase(3)', '3'],
    ['keep.uppercase(null)', ''],
    ["keep.replace('a$b', '$', '$&')", 'a$&b'],
    ["keep.replace({'a': 1}, '1', '2')", '{"a":2}'],
    ["keep.encode('ä (1)!')", '%C3%A4%20%281%29%21'],
    ["keep.encode('a\\ud800')", 'a%EF%BF%BD'],
    ["keep.slice('long string', 5)", 'string'],
    ["keep.slice('long string', -6, -1)", 'strin'],
    ["keep.slice('long', '1', '3')", 'on'],
    ["keep.slice('😀😁😂', 1, 2)", '😁'],
    ['keep.slice([1, 2, 3], 1)', [2, 3]],
    ['keep.remove_newlines()', ''],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression.replace('\\ud800', '\ud800'), {})).toEqual(expected);
  });

  test.each([
    ["keep.split('a', '')", 'delimiter is empty'],
    ['keep.uppercase([1])', 'Text is needed, not a list'],
    ["keep.slice('a', 0.5)", 'whole number'],
    ["keep.slice('a', 'b')", '"b"'],
  ])('%s is an error', (expression, said) => {
    expect(failure(() => evaluate(expression, {})).message).toContain(said);
  });
});

describe('lists and maps', () => {
  test.each([
    ["keep.join([], ',')", ''],
    ["keep.join('', ',')", ''],
    ['keep.join(null)', ''],
    ['keep.join(\'[1, "b"]\')', '1,b'],
    ["keep.join({'a': 1, 'b': true}, '&')", 'a=1&b=true'],
    ['keep.index([1, 2, 3], -1)', 3],
    ["keep.index([1, 2, 3], '0')", 1],
    ["keep.index({'a': 1}, 'a')", 1],
    ["keep.first('abc')", 'a'],
    ["keep.len({'a': 1})", 1],
    ["keep.len('[1, 2, 3]')", 3],
    ["keep.len('[1, 2')", 5],
    ['keep.len()', 0],
    ['keep.len(null)', 0],
    ['keep.all([])', true],
    ["keep.all([1, '1', 1.0])", true],
    ["keep.diff(['a', 'A'])", true],
    ["keep.diff('gg')", false],
    ["keep.dictget('not json', 'k', 'd')", 'd'],
    ["keep.dictget(null, 'k')", null],
    ["keep.dictget({'k': null}, 'k', 'd')", null],
    ["keep.dictget({}, 'toString', 'd')", 'd'],
    ["keep.dict_set('invalid', 'a', 1)", { a: 1 }],
    ["keep.dict_merge({'a': 1, 'b': 2}, 'invalid', '{\"b\": 5}')", { a: 1, b: 5 }],
    ['keep.dict_merge()', {}],
    ['keep.dict_pop(\'{"a": 1, "b": 2}\', \'a\')', { b: 2 }],
    ["keep.dict_pop_prefix({'a': 1}, '')", {}],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, {})).toEqual(expected);
  });

  test.each([
    ['keep.first([])', 'It is empty'],
    ['keep.index([1], 3)', 'It has 1 items'],
    ["keep.index({'a': 1}, 'b')", 'no key `b`'],
    ["keep.dict_pop('[1]', 'a')", 'A map'],
    ["keep.dict_set({}, '__proto__', 1)", 'cannot be a key'],
    ["keep.join('plain text')", 'JSON text'],
    ['keep.len(3)', 'a number'],
  ])('%s is an error', (expression, said) => {
    expect(failure(() => evaluate(expression, {})).message).toContain(said);
  });

  test('a map is given back changed, the one in the scope is not', () => {
    const scope = { x: { a: 1 } };
    expect(render("{{ keep.dict_set(x, 'a', 2) }}", scope)).toEqual({ a: 2 });
    expect(scope).toEqual({ x: { a: 1 } });
  });
});

describe('JSON', () => {
  test.each([
    ['keep.json_loads(x)', '{"a": "two\nlines"}', { a: 'two\nlines' }],
    ['keep.json_loads(x)', '[1,\n 2]', [1, 2]],
    ['keep.json_loads(x)', 'null', null],
    ['keep.json_loads(x)', { a: 1 }, { a: 1 }],
    ['keep.json_dumps(x)', '[1]', '[\n    1\n]'],
    ['keep.json_dumps(x)', 'plain "text"', '"plain \\"text\\""'],
    ['keep.json_dumps(x)', null, 'null'],
  ])('%s with %j', (expression, x, expected) => {
    expect(evaluate(expression, given(x))).toEqual(expected);
  });

  test('text that is not JSON is an error that says how to get a default', () => {
    expect(failure(() => evaluate('keep.json_loads(x)', given('Sorry, I cannot.')))).toMatchObject({
      code: 'expression_failed',
      message: '`keep.json_loads(x)`: This text is not valid JSON: "Sorry, I cannot.".',
      hint: expect.stringContaining('keep.dictget'),
    });
    expect(failure(() => evaluate('keep.json_loads(x)', given(''))).message).toContain('empty text');
  });

  test('keys that would reach a prototype do not come in', () => {
    expect(evaluate('keep.json_loads(x)', given('{"__proto__": {"a": 1}, "b": 2}'))).toEqual({ b: 2 });
  });
});

describe('dates are read in the forms that they come in', () => {
  const same = '2024-03-27T14:30:00.000Z';
  test.each([
    ['2024-03-27T14:30:00Z', same],
    ['2024-03-27T14:30:00.000+00:00', same],
    ['2024-03-27T16:30:00+0200', same],
    ['2024-03-27 14:30:00', same],
    ['2024-03-27 14:30:00.000000+00', same],
    ['2024-03-27 14:30:00 +0000 UTC', same],
    ['2024/03/27 14:30', same],
    ['20240327T143000Z', same],
    ['Wed, 27 Mar 2024 14:30:00 GMT', same],
    ['27/Mar/2024:14:30:00 +0000', same],
    ['Mar 27, 2024 2:30 PM', same],
    ['1711549800', same],
    [1_711_549_800, same],
    [1_711_549_800.25, '2024-03-27T14:30:00.250Z'],
    [1_711_549_800_000, same],
    [1_711_549_800_000_000, same],
    ['2024-03-27', '2024-03-27T00:00:00.000Z'],
    ['2024-03-27T14:30:00.1239', '2024-03-27T14:30:00.123Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['', ''],
    [null, ''],
  ])('%j', (x, expected) => {
    expect(evaluate('keep.to_utc(x)', given(x))).toBe(expected);
  });

  test.each(['soon', '2024-02-30', '2024-13-01', '2024-03-27T25:00:00Z', '03/27/2024', '2024', 'x'.repeat(99), 1e300, true, []])(
    '%j is an error',
    (x) => {
      for (const call of ['to_utc(x)', 'to_timestamp(x)', 'is_business_hours(x)', 'substract_minutes(x, 1)']) {
        expect(failure(() => evaluate(`keep.${call}`, given(x)))).toMatchObject({
          code: 'expression_failed',
          message: expect.stringContaining('is not a valid date'),
        });
      }
    },
  );
});

describe('time', () => {
  test.each([
    ["keep.timestamp_delta('2023-01-01T12:00:00', 30, 'seconds')", '2023-01-01T12:00:30.000Z'],
    ["keep.timestamp_delta('2023-01-15T12:00:00', -2, 'weeks')", '2023-01-01T12:00:00.000Z'],
    ["keep.timestamp_delta('2023-01-01T12:00:00', '1.5', 'hours')", '2023-01-01T13:30:00.000Z'],
    ["keep.substract_minutes(keep.utcnow(), '60')", '2024-03-27T11:00:00.000Z'],
    ['keep.datetime_compare(keep.utcnow(), keep.substract_minutes(keep.utcnow(), 60))', 1],
    ["keep.datetime_compare('', keep.utcnow())", 0],
    ["keep.datetime_compare('2024-03-27', 1711537200)", -11],
    ["keep.to_timestamp('')", 0],
    ["keep.to_timestamp('1969-12-31T23:59:58.5Z')", -1],
    ["keep.from_timestamp('1717244449.0')", '2024-06-01T12:20:49.000Z'],
    ["keep.from_timestamp(1717244449, 'America/St_Johns')", '2024-06-01T09:50:49.000-02:30'],
    ["keep.from_timestamp('')", ''],
    ["keep.add_time_to_date('2024-08-16T14:21:00.000-0500', '%Y-%m-%dT%H:%M:%S.%f%z', '1d')", '2024-08-17T14:21:00.000-05:00'],
    ["keep.add_time_to_date('1 Jul 24, 02 PM', '%d %b %y, %I %p', '-1h')", '2024-07-01T13:00:00.000Z'],
    ["keep.add_time_to_date(keep.utcnow(), '%d.%m.%Y', '1w')", '2024-04-03T12:00:00.000Z'],
    ["keep.add_time_to_date('100% 2024', '100%% %Y', '0s')", '2024-01-01T00:00:00.000Z'],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, withEvaluation({}))).toBe(expected);
  });

  test.each([
    ["keep.timestamp_delta('2023-01-01', 1, 'fortnights')", 'is not a unit of time'],
    ["keep.timestamp_delta('2023-01-01', 1e15, 'weeks')", 'no such date'],
    ["keep.from_timestamp(0, 'Mars/Olympus')", 'no time zone `Mars/Olympus`'],
    ["keep.from_timestamp('noon')", 'A number is needed'],
    ["keep.add_time_to_date('2024-08-16', '%Y-%m-%d', 'later')", 'is not a valid duration'],
    ["keep.add_time_to_date('noon', '%Y-%m-%d', '1d')", 'does not follow'],
    ["keep.add_time_to_date('noon', '%Q', '1d')", '`%Q` means nothing'],
    ["keep.add_time_to_date('noon', '%Y %Y', '1d')", 'second time'],
    ['keep.is_business_hours(start_hour=24)', 'from 0 to 23'],
    ["keep.is_business_hours(timezone='Nowhere')", 'no time zone'],
    ['keep.is_business_hours(business_days=(7, 8))', '7 is not a day'],
    ['keep.is_business_hours(business_days=(-1, 0))', '-1 is not a day'],
    ["keep.is_business_hours(business_days=(1, 'tuesday'))", '"tuesday"'],
    ['keep.is_business_hours(business_days=42)', 'A list'],
  ])('%s is an error', (expression, said) => {
    expect(failure(() => evaluate(expression, withEvaluation({}))).message).toContain(said);
  });

  test('a place without a clock says so', () => {
    for (const call of ['utcnow()', 'utcnowtimestamp()', 'is_business_hours()']) {
      expect(failure(() => evaluate(`keep.${call}`, {}))).toMatchObject({
        code: 'expression_failed',
        message: expect.stringContaining('no clock'),
      });
    }
  });

  test.each([
    ['2024-03-27T07:59:59Z', {}, false],
    ['2024-03-27T08:00:00Z', {}, true],
    ['2024-03-27T20:00:00Z', {}, false],
    ['2024-03-23T10:00:00Z', {}, false],
    ['2024-03-25T10:00:00Z', { zone: 'America/New_York' }, false],
    ['2024-03-25T14:00:00Z', { zone: 'America/New_York' }, true],
    ['2024-03-25T04:00:00Z', { zone: 'America/New_York' }, false],
    ['2024-03-26T00:00:00Z', { zone: 'America/New_York' }, false],
    ['2024-03-31T22:30:00Z', { zone: 'Asia/Tokyo', start: 7 }, true],
  ])('business hours at %s %j', (time, { zone = 'UTC', start = 8 }: { zone?: string; start?: number }, expected) => {
    const scope = withEvaluation({ zone, start }, { now: () => at(time) });
    expect(evaluate('keep.is_business_hours(timezone=zone, start_hour=start)', scope)).toBe(expected);
    expect(evaluate(`keep.is_business_hours('${time}', start, 20, [0, 1, 2, 3, 4], zone)`, scope)).toBe(expected);
  });

  test('a time that is empty or missing is in no business hours', () => {
    expect(render("keep.is_business_hours('{{ alert.x }}')", withEvaluation({ alert: {} }))).toBe(false);
    expect(render("keep.is_business_hours('')", withEvaluation({ alert: {} }))).toBe(false);
  });
});

describe('the history of alerts', () => {
  const evaluation = (firingSince?: string, previousFiring?: string): EvaluationContext => ({
    ...clock,
    alerts: {
      firingSince: (fingerprint) => (fingerprint === 'f1' && firingSince ? at(firingSince) : undefined),
      previousFiring: (fingerprint) => (fingerprint === 'f1' && previousFiring ? at(previousFiring) : undefined),
    },
  });
  const alert = { fingerprint: 'f1', status: 'firing' };

  test.each([
    ['minutes', '2024-03-27T11:00:30Z', '59.50'],
    ['m', '2024-03-27T11:45:00Z', '15.00'],
    ['s', '2024-03-27T11:57:30Z', '150.00'],
    ['hours', '2024-03-27T09:00:00Z', '3.00'],
    ['h', '2024-03-27T12:00:01Z', '0.00'],
  ])('how long it fires, in %s', (unit, since, expected) => {
    const scope = withEvaluation({ alert, unit }, evaluation(since));
    expect(render("keep.get_firing_time('{{ alert }}', '{{ unit }}')", scope)).toBe(expected);
    expect(evaluate(`keep.get_firing_time('{{ alert }}', unit) >= ${expected}`, scope)).toBe(true);
    expect(evaluate('keep.get_firing_time(alert, unit) < 10000 and True', scope)).toBe(true);
  });

  test.each([
    [{ ...alert, startedAt: '2024-03-27T11:00:00Z' }, '60.00'],
    [{ ...alert, firingStartTime: '2024-03-27 11:30:00+00:00', startedAt: '2024-03-27T11:00:00Z' }, '30.00'],
    [{ fingerprint: 'f1', startedAt: 1_711_539_000 }, '30.00'],
    [{ ...alert, status: 'resolved', startedAt: '2024-03-27T11:00:00Z' }, '0.00'],
    [{ ...alert, startedAt: 'a while ago' }, '0.00'],
    [alert, '0.00'],
  ])('what the store does not know, the alert may say: %j', (said, expected) => {
    expect(evaluate("keep.get_firing_time(x, 'm')", withEvaluation({ x: said }, evaluation()))).toBe(expected);
    expect(evaluate("keep.get_firing_time(x, 'm')", withEvaluation({ x: JSON.stringify(said) }, evaluation()))).toBe(expected);
  });

  test.each([
    [undefined, undefined, true],
    [undefined, '24h', true],
    ['2024-03-27T11:00:00Z', undefined, false],
    ['2024-03-26T11:59:00Z', '24h', true],
    ['2024-03-26T12:01:00Z', '24h', false],
    ['2024-03-26T12:01:00Z', '12h', true],
    ['2024-03-25T12:00:00Z', '1d12h', true],
    ['2024-03-25T12:00:00Z', '1w', false],
  ])('last fired %s, asked since %s', (previous, since, expected) => {
    const scope = withEvaluation({ alert, since: since ?? null }, evaluation(undefined, previous));
    expect(evaluate('keep.is_first_time(alert.fingerprint, since)', scope)).toBe(expected);
    expect(evaluate("keep.is_first_time('{{ alert.fingerprint }}', since)", scope)).toBe(expected);
    expect(evaluate('keep.is_first_time(alert, since)', scope)).toBe(expected);
  });

  test.each([
    ["keep.get_firing_time(alert, 'm')", 'history of alerts', clock],
    ['keep.is_first_time(alert.fingerprint)', 'history of alerts', clock],
    ["keep.get_firing_time({}, 'm')", 'no fingerprint', evaluation()],
    ["keep.is_first_time('')", 'no fingerprint', evaluation()],
    ["keep.get_firing_time(alert, 'days')", 'is not a unit of time', evaluation()],
    ["keep.get_firing_time('no alert', 'm')", 'A map', evaluation()],
    ["keep.is_first_time('f1', 'lately')", 'is not a valid duration', evaluation()],
  ])('%s is an error that says %s', (expression, said, from) => {
    expect(failure(() => evaluate(expression, withEvaluation({ alert }, from)))).toMatchObject({
      code: 'expression_failed',
      message: expect.stringContaining(said),
    });
  });

  test('what a text calls can be asked before it is run', () => {
    expect(compileTemplate("for keep.get_firing_time('{{ alert }}', 'm') of {{ keep.len(alert.tags) }}").calls).toEqual([
      'keep.get_firing_time',
      'keep.len',
    ]);
    expect(compileTemplate('{{ keep.utcnow() }}').constant).toBe(false);
  });

  test('no template reads the evaluation context itself', () => {
    expect(failure(() => render('{{ evaluation }}', withEvaluation({}))).code).toBe('missing_value');
  });
});
