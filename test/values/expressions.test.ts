import { describe, expect, test } from '@jest/globals';
import { EVALUATION_CONTEXT } from '../../src/plan/evaluation-context.ts';
import { compileExpression, isTruthy } from '../../src/values/index.ts';
import { evaluate, failure, options, scope } from './scope.ts';

describe('beyond CEL', () => {
  test.each([
    // Python's words.
    ['alert.firing and not alert.muted', true],
    ['alert.muted or True', true],
    ['not alert.count == 3', true],
    ['alert.firing is True', true],
    ['alert.nothing is None', true],
    ['alert.name is not None', true],
    ['"x" not in alert.tags', true],
    // Numbers and their text.
    ['alert.count_text == 70', true],
    ['alert.count_text > 60', true],
    ['60 < alert.count_text', true],
    ['"abc" == 1', false],
    ['70 in ["70"]', true],
    // Severities by rank, when both are.
    ['alert.severity > "high"', true],
    ['"INFO" < "Warning"', true],
    ['"low" < "info"', true],
    ['"yak" < "zebra"', true],
    // Lists and maps are compared whole.
    ['alert.tags == ["db", "prod"]', true],
    ['alert.labels != {}', true],
    // Text and lists.
    ['alert.tags.contains("db")', true],
    ['alert.name.contains("full")', true],
    ['"ell" in "hello"', true],
    ['alert.name.matches("(?i)disk")', true],
    ['"a.b.c".replace(".", "$&")', 'a$&b$&c'],
    ['alert.tags.0', 'db'],
    ['alert.labels.@timestamp', 12],
    ['type(alert.tags)', 'list'],
    ['math.max(1, 3) + math.floor(2.7)', 5],
    ['alert.ratio.orValue(1) + alert.missing.orValue(1)', 1.5],
    // Steps with dashes; the longest name wins.
    ['steps.get-pods.results.count > 3', true],
    ['steps.get-pods.results.count-1', 3],
    ['size(steps.get-pods.results.names) == 2', true],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });
});

describe('severities are ordered by what senders mean', () => {
  const alert = { severity: 'purple', priority: 'P0', word: 'urgent', number: 7, empty: null };
  const context = (unknownSeverity?: 'low') => ({
    alert,
    steps: { ask: { results: { severity: 'purple' } } },
    ...(unknownSeverity ? { [EVALUATION_CONTEXT]: { unknownSeverity } } : {}),
  });

  test.each([
    ["alert.priority > 'P1'", true],
    ["alert.priority >= 'critical'", true],
    // An adapted alert says `critical` for P0, too: a trigger that asks for P0 must not miss it.
    ["'critical' >= alert.priority", true],
    ["'critical' < alert.priority", false],
    ["alert.word > 'error'", true],
    ["alert.severity >= 'high'", true],
    ["alert.severity > 'high'", false],
    ["'{{ alert.severity }}' > 'info'", true],
    ["{{ alert.severity }} > 'info'", true],
    ["'critical' > alert.severity", true],
    ["alert.number >= 'high'", true],
    // Words of senders are equal to themselves only.
    ["alert.word == 'critical'", false],
    ["alert.severity == 'high'", false],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, context())).toBe(expected);
  });

  test("an alert's severity that is not known is ordered as the settings say", () => {
    expect(evaluate("alert.severity > 'info'", context('low'))).toBe(false);
    expect(evaluate("alert.priority > 'info'", context('low'))).toBe(true);
  });

  test.each(["steps.ask.results.severity > 'info'", "alert.empty > 'info'"])(
    '%s stays an error: a model and a missing field are not ordered',
    (expression) => {
      const named = compileExpression(expression, { stepNames: ['ask'] });
      expect(failure(() => named.evaluate(context())).code).toBe('expression_failed');
    },
  );

  test.each([["alert.severity > 'hgih'"], ["'{{ alert.severity }}' >= 'hgih'"], ["'hgih' < alert.labels.Severity"]])(
    '%s is a mistake before any alert comes',
    (expression) => {
      expect(compileExpression(expression).problems).toEqual([
        expect.objectContaining({ message: '"hgih" is not a severity.', hint: expect.stringContaining('`high`'), length: 6 }),
      ]);
    },
  );
});

describe('{{ }} inside an expression is a bound value, with quotes around it or without', () => {
  test.each([
    ["'{{ alert.severity }}' == 'critical'", true],
    ["{{ alert.severity }} == 'critical'", true],
    ['"{{ alert.severity }}" == "critical"', true],
    ['"{{ alert.severity == \'critical\' }}"', true],
    ["'{{ alert.severity == 'critical' }}'", true],
    ['{{ alert.count }} > 60', true],
    ["'{{ alert.count }}' > 60", true],
    ['{{ alert.count }}', 70],
    ["'n-{{ alert.count }}-{{ alert.nothing }}'", 'n-70-'],
    ["'{{ upper alert.name }}' == 'DISK FULL'", true],
    ['size({{ alert.tags }}) == 2', true],
    ["alert.name != '{{'", true],
    ['{{ alert.missing }} == null', true],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });
});

describe('what is missing', () => {
  test.each([
    ['alert.missing == null', true],
    ['alert.missing.deeper == null', true],
    ['alert.labels[inputs.limit] == null', true],
    ['alert.missing == "x"', false],
    ['has(alert.missing)', false],
    ['has(steps.nope.results)', false],
    ['has(alert.nothing)', true],
    ['has(alert.tags[0])', true],
    ['steps.?nope.orValue("x")', 'x'],
    ['steps.plain[?"x"].orValue("y")', 'y'],
    ['inputs.nope.orValue(1)', 1],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  test.each([
    ['inputs.limt > 3', 'Did you mean `inputs.limit`?'],
    ['steps.get-pods.result.count', 'Did you mean `steps.get-pods.results.count`?'],
    ['inputs[alert.name]', '`inputs` has: limit, key.'],
    ['allert.name == "x"', 'Did you mean `alert.name`?'],
  ])('%s is an error outside of the payload', (expression, hint) => {
    expect(failure(() => evaluate(expression))).toMatchObject({ code: 'missing_value', hint });
  });
});

describe('a wrong condition is an error, never silently false', () => {
  test.each([
    ['alert.missing > 3', 'null and a number have no order', 'has(alert.missing) && …'],
    ['{{ alert.missing }} > 3', 'null and a number have no order', 'has(alert.missing) && …'],
    ["'critical' >= 'hgih'", '"hgih" is not a severity', 'They are: critical > high'],
    ['alert.name > 3', 'text and a number have no order', undefined],
    ['alert.tags < alert.labels', 'a list and a map have no order', undefined],
    ['alert.name + 1', 'text and a number cannot be added', 'string(x)'],
    ['alert.name * 2', '`*` takes numbers', 'int(x)'],
    ['1 / alert.zero', 'Division by zero', undefined],
    ['1 % 0', 'Division by zero', undefined],
    ['1e308 * 10', 'too large', undefined],
    ['int("x")', 'cannot make a number of "x"', undefined],
    ['bool("maybe")', '`bool` takes', undefined],
    ['size(alert.count)', '`size` takes', undefined],
    ['1 in 2', '`in` looks into', undefined],
    ['alert.count.map(x, x)', 'not a list or a map', undefined],
    ['alert.tags.filter(x, x)', 'must be true or false', undefined],
    ['"a".substring(5)', 'lies outside', undefined],
    ['alert.name.matches(alert.labels.team + "(")', 'Invalid regular expression', undefined],
    ['-alert.name', 'not a number', undefined],
  ])('%s', (expression, message, hint) => {
    const error = failure(() => evaluate(expression));
    expect(error).toMatchObject({ code: 'expression_failed', message: expect.stringContaining(message) });
    if (hint !== undefined) expect(error.hint).toContain(hint);
  });

  test('a pattern from data may not be long', () => {
    const from = { ...scope, inputs: { pattern: 'a'.repeat(1_001) } };
    expect(failure(() => evaluate('"a".matches(inputs.pattern)', from)).code).toBe('expression_failed');
  });
});

test('references say where each path stands', () => {
  const { references } = compileExpression('steps.get-pods.results.n > 3 && has(alert["x y"].z)', options);
  expect(references).toEqual([
    { root: 'steps', path: ['get-pods', 'results', 'n'], offset: 0, length: 24, optional: false, meant: 'number' },
    { root: 'alert', path: ['x y', 'z'], offset: 36, length: 14, optional: true },
  ]);
});

test('names of macros are no references', () => {
  expect(compileExpression('[1].map(x, x + 1)').constant).toBe(true);
  expect(evaluate('alert.tags.map(alert, alert + "!")')).toEqual(['db!', 'prod!']);
});

test('isTruthy is what {{#if}} asks', () => {
  expect([true, 1, 'x', [0], {}].map(isTruthy)).toEqual([true, true, true, true, true]);
  expect([false, 0, '', [], null].map(isTruthy)).toEqual([false, false, false, false, false]);
});
