import { expect, test } from '@jest/globals';
import { matchAll } from '../../src/index.ts';
import { type JsonObject, toJson } from '../../src/shared/json/json.ts';
import { cronProblem } from '../../src/triggers/cron-expression.ts';
import { cronTimes } from '../../src/triggers/cron-schedule.ts';
import { compilePattern } from '../../src/triggers/pattern.ts';
import { fc } from '../support/properties.ts';
import { planWith } from './support.ts';

const pieces = (...words: string[]) =>
  fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join(''));

test('whatever stands in a pattern, it is one or has a mistake', () => {
  const text = pieces(
    '(',
    ')',
    '[',
    ']',
    '^',
    '\\',
    '$',
    '|',
    '(?P<a>',
    '(?P=a)',
    '(?#',
    '(?i)',
    '*',
    '+',
    '{2}',
    '\\A',
    '\\Z',
    'a',
  );
  fc.assert(
    fc.property(text, (pattern) => {
      const compiled = compilePattern(pattern);
      expect(compiled instanceof RegExp || compiled.message.length > 0).toBe(true);
    }),
  );
});

test('whatever stands in a cron expression, it is one or has a mistake', () => {
  const text = pieces(' ', '*', '/', '-', ',', '5', '8', '60', '61', 'mon', '?', '@daily', 'L', '#');
  fc.assert(
    fc.property(text, (expression) => {
      const problem = cronProblem(expression);
      if (problem) expect(problem.message).not.toBe('');
      else expect(() => cronTimes(expression, 'UTC')(0)).not.toThrow();
    }),
    { numRuns: 2000 },
  );
});

test('whatever an alert holds, every workflow is asked, and explaining agrees with matching', async () => {
  const plans = await Promise.all([
    planWith('- { type: alert, cel: severity > "info" && (source == "a" || labels.x.contains("b")) }'),
    planWith('- { type: alert, filters: [{ key: source, value: \'r"a|b"\' }, { key: labels.x, value: 1, exclude: true }] }'),
    planWith('- { type: alert, only_on_change: [source], severity_changed: true }'),
    planWith('- type: alert'),
  ]);
  const data = fc.jsonValue({ maxDepth: 3 }).map(toJson);
  const word = fc.oneof(fc.constantFrom('a', 'b', 'high', 'low', ''), data);
  const alert = fc
    .record(
      { severity: word, source: fc.oneof(word, fc.array(word)), labels: fc.oneof(word, fc.record({ x: word })), alert: data },
      { requiredKeys: [] },
    )
    .map((fields) => fields as JsonObject);
  fc.assert(
    fc.property(alert, fc.option(alert, { nil: undefined }), (now, before) => {
      const event = { alert: now, ...(before ? { previous: before } : {}) };
      const { matched, failed } = matchAll(plans, event);
      for (const plan of plans) {
        const { matches, error } = plan.triggers[0]?.explain(event) ?? {};
        expect(matches).toBe(matched.some((one) => one.plan === plan));
        expect(error !== undefined).toBe(failed.some((one) => one.plan === plan));
      }
    }),
  );
});
