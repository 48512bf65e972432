import { describe, expect, test } from '@jest/globals';
import { matchAll } from '../../src/index.ts';
import type { TriggerClause } from '../../src/plan/trigger-plan.ts';
import { celOf, planWith, triggerOf } from './support.ts';

/** `✓ text: why`, parts indented. */
const lines = (clauses: TriggerClause[], depth = 0): string[] =>
  clauses.flatMap(({ text, holds, why, parts = [] }) => [
    `${'  '.repeat(depth)}${holds === null ? '?' : holds ? '✓' : '✗'} ${text}: ${why}`,
    ...lines(parts, depth + 1),
  ]);

const explain = async (cel: string, alert: object) => lines((await celOf(cel)).explain({ alert: alert as never }).clauses);

describe('why an expression holds is said', () => {
  test('clause by clause of &&, with the values that were read', async () => {
    const cel = `severity == 'critical' && (source == "prometheus" && labels.team != "x")`;
    expect(await explain(cel, { severity: 'warning', source: ['prometheus'] })).toEqual([
      `✗ severity == 'critical': severity is "warning"`,
      '✓ source == "prometheus": source is ["prometheus"]',
      '✗ labels.team != "x": labels.team is not there',
    ]);
  });

  test('with the parts of || and of a negation below it', async () => {
    const cel = '(a == 1 || (b == 2 && c == 3)) && !(a == 1 && b == 2) && !(a == 2 || b == 3) && !(c == 1)';
    expect(await explain(cel, { a: 0, b: 2, c: 3 })).toEqual([
      '✓ (a == 1 || (b == 2 && c == 3)): needs any of these',
      '  ✗ a == 1: a is 0',
      '  ✓ (b == 2 && c == 3): needs all of these',
      '    ✓ b == 2: b is 2',
      '    ✓ c == 3: c is 3',
      '✓ !(a == 1 && b == 2): needs not all of these',
      '  ✗ a == 1: a is 0',
      '  ✓ b == 2: b is 2',
      '✓ !(a == 2 || b == 3): needs none of these',
      '  ✗ a == 2: a is 0',
      '  ✗ b == 3: b is 2',
      '✓ !(c == 1): c is 3',
    ]);
  });

  test("with a macro's list, not its variable, with computed keys and with both sides", async () => {
    expect(await explain('tags.exists(t, t == name) && labels[name] == 1', { tags: ['x'], name: 'x', labels: { x: 1 } })).toEqual(
      ['✓ tags.exists(t, t == name): tags is ["x"], name is "x"', '✓ labels[name] == 1: labels[name] is 1, name is "x"'],
    );
  });

  test('with the reason where a part cannot be computed, which the others may outweigh', async () => {
    const [first, second] = await explain('name.contains("a") && status == "x"', { name: 7, status: 'y' });
    expect(first).toMatch(/^\? name\.contains\("a"\): .*takes text, not a number/);
    expect(second).toBe('✗ status == "x": status is "y"');
    const trigger = await celOf('name.contains("a") && status == "x"');
    expect(trigger.matches({ alert: { name: 7, status: 'y' } })).toBe(false);
    expect(() => trigger.matches({ alert: { name: 7, status: 'x' } })).toThrow(/takes text, not a number/);
    expect(trigger.explain({ alert: { name: 7, status: 'x' } })).toMatchObject({
      matches: false,
      error: { code: 'expression_failed' },
    });
  });

  test('with the field that is missing, which makes the condition not hold', async () => {
    const cel = "ticket_id != '' && (a == 1 || b == 2) && !(c == 1)";
    expect(await explain(cel, { a: 2 })).toEqual([
      "✗ ticket_id != '': ticket_id is not there",
      '✗ (a == 1 || b == 2): needs any of these',
      '  ✗ a == 1: a is 2',
      '  ✗ b == 2: b is not there',
      '✗ !(c == 1): c is not there',
    ]);
    const trigger = await celOf(cel);
    expect(trigger.explain({ alert: { a: 2 } })).not.toHaveProperty('error');
  });

  test('a value alone is no condition, whether a sign or a word joins it', async () => {
    for (const join of ['&&', 'and'])
      expect(await explain(`name ${join} status == "x"`, { name: 'a', status: 'x' })).toEqual([
        '? name: `name` gave "a", which is neither true nor false.',
        '✓ status == "x": status is "x"',
      ]);
  });

  test('where an expression is no condition', async () => {
    const trigger = await celOf('name');
    expect(() => trigger.matches({ alert: { name: 'x' } })).toThrow('`name` gave "x", which is neither true nor false.');
    expect(lines(trigger.explain({ alert: { name: 'x' } }).clauses)).toEqual([
      '? name: `name` gave "x", which is neither true nor false.',
    ]);
  });

  test('with its place in the file, and long values by their beginning', async () => {
    const trigger = await triggerOf(
      '- type: alert\n  filters: [{ key: name, value: x }]\n  cel: >-\n    status == "a" &&\n    name == "x"\n',
    );
    const { clauses } = trigger.explain({ alert: { name: 'x'.repeat(1000) } });
    expect(clauses.map(({ place }) => place.replace(/.*:(\d+:\d+)$/, '$1'))).toEqual(['5:17', '7:9', '8:9']);
    expect(clauses[2]?.why.length).toBeLessThan(100);
  });
});

describe('matching many workflows', () => {
  test('gives those that an event starts, each once, with the trigger that took it', async () => {
    const twice = await planWith('- { type: alert, cel: a == 1 }\n- type: alert');
    const never = await planWith('- type: manual\n- { type: interval, value: 5m }');
    const { matched, failed } = matchAll([twice, never], { alert: { a: 2 } });
    expect(matched.map(({ plan, trigger }) => [plan, trigger])).toEqual([[twice, twice.triggers[1]]]);
    expect(failed).toEqual([]);
  });

  test('goes on behind one that fails, and says which', async () => {
    const good = await planWith('- { type: alert, cel: a == 1 }');
    const bad = await planWith('- { type: alert, cel: labels > 1 }');
    const other = await planWith('- { type: alert, cel: labels > 1 }\n- { type: alert, cel: a == 1 }');
    const { matched, failed } = matchAll([bad, good, other], { alert: { a: 1, labels: {} } });
    expect(matched.map(({ plan }) => plan)).toEqual([good, other]);
    expect(failed.map(({ plan }) => plan)).toEqual([bad]);
    expect(failed[0]?.error.message).toContain('labels > 1');
  });
});
