import { describe, expect, test } from '@jest/globals';
import { probe, run, statuses } from '../engine/support.ts';
import { lineOf, mistakes } from '../language/support.ts';

const threshold = (more: string) => `condition: [{ name: t, type: threshold, ${more} }]`;
const decide = async (keyword: string, alert: object = {}) =>
  (await run(`steps:\n${probe('a', keyword, { output: 1 })}`, { alert: { ...alert } })).report.steps.a;

describe('a threshold', () => {
  test.each<[string, unknown, string]>([
    ['value: "{{ alert.x }}", compare_to: 90', 91, 'succeeded'],
    ['value: "{{ alert.x }}", compare_to: 90', 90, 'skipped'],
    ['value: "{{ alert.x }}", compare_to: 90', '90.5', 'succeeded'],
    ['value: "{{ alert.x }}", compare_to: 90, compare_type: lt', 1, 'succeeded'],
    ['value: "{{ alert.x }}", compare_to: "90%"', '95%', 'succeeded'],
    ['value: "{{ alert.x }}", compare_to: -1', -2, 'skipped'],
    ['value: "{{ alert.x }}", compare_to: "90%"', 95, 'failed'],
    ['value: "{{ alert.x }}", compare_to: 90', [[95]], 'failed'],
    ['value: "{{ alert.x }}", compare_to: 90', "95'", 'failed'],
    ['value: "{{ alert.x }}", compare_to: 90', null, 'failed'],
    ['value: "{{ alert.x }}", compare_to: 90', true, 'failed'],
  ])('%s with %j: %s', async (more, x, status) => {
    expect((await decide(threshold(more), { x }))?.status).toBe(status);
  });

  test('that cannot be compared fails the step and says why: it is no false', async () => {
    const step = await decide(threshold('value: "{{ alert.x }}", compare_to: 90'), { x: [] });
    expect(step?.error).toMatchObject({
      code: 'expression_failed',
      message: 'The `value` of a threshold must be a number or a percentage, not [].',
      hint: expect.stringContaining('ask for its first cell') as unknown,
    });
  });

  test.each([
    [95, 'major'],
    [80, 'minor'],
    ['70.1', 'minor'],
  ])('of several limits: %j is %s', async (x, level) => {
    const { report } = await run(
      `steps:\n${probe('a', threshold('value: "{{ alert.x }}", compare_to: "90, 70", level: "major, minor"'), { output: '{{ foreach.level }} {{ foreach.compare_value }}' })}`,
      { alert: { x } },
    );
    expect(report.steps.a?.results).toBe(`${level} ${x}`);
  });

  test('of several limits needs a level for each', async () => {
    const text = `workflow:\n  id: t\n  steps:\n    - name: a\n      condition:\n        - { name: t, type: threshold, value: 1, compare_to: "90, 70", level: major }\n      provider: { type: mock, with: {} }\n`;
    expect((await mistakes(text)).map(lineOf)).toEqual([
      '6:49 invalid-value there are 2 limits and 1 levels | Give `level` one name for each limit.',
    ]);
  });
});

describe('stddev', () => {
  const stddev = (more: string) => `condition: [{ name: s, type: stddev, value: "{{ alert.rows }}", ${more} }]`;
  test.each<[string, unknown, string]>([
    ['compare_to: 1', [1, 1, 1, 50], 'succeeded'],
    ['compare_to: 2', [1, 1, 1, 50], 'skipped'],
    ['compare_to: 0', [1, 1], 'skipped'],
    [
      'compare_to: 1, pivot_column: 1',
      [
        ['a', 1],
        ['b', 1],
        ['c', 50],
      ],
      'succeeded',
    ],
    ['compare_to: 1, pivot_column: n', [{ n: 1 }, { n: 1 }, { n: 50 }], 'succeeded'],
    ['compare_to: 1, pivot_column: m', [{ n: 1 }, { n: 2 }], 'failed'],
    ['compare_to: 1', [1], 'failed'],
    ['compare_to: 1', 'text', 'failed'],
    ['compare_to: 1', [1, null], 'failed'],
  ])('%s of %j: %s', async (more, rows, status) => {
    expect((await decide(stddev(more), { rows }))?.status).toBe(status);
  });
});

describe('assert', () => {
  test.each<[string, object, string]>([
    ["{{ alert.msg }} == 'x'", { msg: 'x' }, 'succeeded'],
    ["{{ alert.msg }} == 'x'", { msg: "x' == 'x' or '1" }, 'skipped'],
    ["{{ alert.msg }} != 'escalate'", { msg: "it's\nescalate" }, 'succeeded'],
    ['{{ alert.n }} > 60', { n: 70 }, 'succeeded'],
    ['{{ alert.n }} == 70', { n: 70 }, 'succeeded'],
    ['alert.a.b > 1', { a: 1 }, 'failed'],
  ])('%s of %j: %s', async (expression, alert, status) => {
    expect((await decide(`condition: [{ name: c, type: assert, assert: ${JSON.stringify(expression)} }]`, alert))?.status).toBe(
      status,
    );
  });
});

describe('several conditions', () => {
  const both = (a: boolean, b: boolean) =>
    `condition: [{ name: a, type: assert, assert: "${a}" }, { name: b, alias: second, type: assert, assert: "${b}" }]`;

  test.each([
    [true, true, 'succeeded'],
    [true, false, 'skipped'],
    [false, true, 'skipped'],
  ])('%s and %s: %s', async (a, b, status) => {
    expect((await decide(both(a, b)))?.status).toBe(status);
  });

  test('are combined by `if`, which decides', async () => {
    expect((await decide(`${both(false, true)}, if: "a or second"`))?.status).toBe('succeeded');
    expect((await decide(`${both(true, true)}, if: "not second"`))?.status).toBe('skipped');
  });

  test('say which one has kept the step from running', async () => {
    const { events } = await run(`steps:\n${probe('x', both(true, false))}`);
    expect(events).toContainEqual(expect.objectContaining({ step: 'x', status: 'skipped', reason: 'condition: b' }));
  });

  test('are read by later steps: bare, by alias, and as facts of the step', async () => {
    const ran = await run(
      `steps:\n${probe('x', both(true, false))}\n${probe('y', 'if: "a and not second"', { output: ['{{ second }}', '{{ steps.x.conditions.b.0.result }}', '{{ steps.x.conditions.a.0.type }}'] })}\nactions:\n${probe('z', 'if: "{{ second }} == false"')}`,
    );
    expect(statuses(ran)).toEqual({ x: 'skipped', y: 'succeeded', z: 'succeeded' });
    expect(ran.report.steps.y?.results).toEqual([false, false, 'assert']);
  });

  test('of a step in a group are read behind the group', async () => {
    const ran = await run(`steps:\n- name: g\n  steps:\n    ${probe('x', both(true, true))}\n${probe('y', 'if: second')}`);
    expect(statuses(ran)).toEqual({ g: 'succeeded', 'g/x': 'succeeded', y: 'succeeded' });
  });

  test('under foreach are kept for each item, in order, whichever ends first; bare they are those of the last', async () => {
    const ran = await run(
      `steps:
${probe('x', `foreach: [1, 9, 2], concurrency: 3, ${threshold('value: "{{ foreach.value }}", compare_to: 1')}`, { output: '{{ foreach.value }}' })}
${probe('y', '', { output: ['{{ t }}', '{{ steps.x.conditions.t }}'] })}`,
      {
        async probe({ output }) {
          if (output === 2) await new Promise(setImmediate);
          return output ?? null;
        },
      },
    );
    expect(ran.report.steps.x?.results).toEqual([null, 9, 2]);
    const facts = (compare_value: number, result: boolean) => ({
      alias: 't',
      type: 'threshold',
      compare_to: 1,
      compare_value,
      result,
    });
    expect(ran.report.steps.y?.results).toEqual([true, [facts(1, false), facts(9, true), facts(2, true)]]);
  });

  test('inside of a group that runs over items read the item, and by name stay with it', async () => {
    const ran = await run(
      `steps:
- name: g
  foreach: [1, 5]
  steps:
    ${probe('x', threshold('value: "{{ foreach.value }}", compare_to: 2'), { output: '{{ foreach.value }} {{ foreach.index }}' })}
    ${probe('y', 'if: t', { output: 'high' })}`,
    );
    expect(ran.report.steps.g?.results).toEqual([
      { x: null, y: null },
      { x: '5 1', y: 'high' },
    ]);
  });
});

test.each<[title: string, steps: string, said: string]>([
  [
    'a name that is a root',
    '- { name: a, condition: [{ name: alert, type: assert, assert: "true" }], provider: { type: mock, with: {} } }',
    '4:36 invalid-value a condition cannot be called `alert`: templates read something else by that name | Give it an `alias`.',
  ],
  [
    'an alias that is a root',
    '- { name: a, condition: [{ name: x, alias: steps, type: assert, assert: "true" }], provider: { type: mock, with: {} } }',
    '4:46 invalid-value a condition cannot be called `steps`: templates read something else by that name | Give it an `alias`.',
  ],
  [
    'a condition of a later step',
    '- { name: a, if: hot, provider: { type: mock, with: {} } }\n- { name: b, condition: [{ name: hot, type: assert, assert: "true" }], provider: { type: mock, with: {} } }',
    '4:20 step-order step `b` has not ended when `a` starts | Move `a` behind it, or add `b` to its `needs`.',
  ],
  [
    'a condition inside of items',
    '- { name: g, foreach: [1], steps: [{ name: b, condition: [{ name: hot, type: assert, assert: "true" }], provider: { type: mock, with: {} } }] }\n- { name: a, if: hot, provider: { type: mock, with: {} } }',
    '5:20 step-order step `b` runs once for each item of `g` | Read `steps.g.results`, a list: `steps.g.results[0].b`.',
  ],
  [
    'a type that there is not',
    '- { name: a, condition: [{ name: x, type: treshold, value: 1, compare_to: 2 }], provider: { type: mock, with: {} } }',
    'threshold',
  ],
])('%s is a mistake', async (_, steps, said) => {
  const found = await mistakes(`workflow:\n  id: t\n  steps:\n${steps.replace(/^/gm, '  ')}\n`);
  expect(found.map(lineOf).join('\n')).toContain(said);
  expect(found).toHaveLength(1);
});
