import { describe, expect, test } from '@jest/globals';
import { reasons } from '../engine/groups-support.ts';
import { probe, run, statuses } from '../engine/support.ts';
import { mistakes, underlined } from '../language/support.ts';

const check = async (steps: string) => {
  const text = `workflow:\n  id: t\n  triggers: [{ type: alert }]\n  steps:\n${steps.replace(/^(?=.)/gm, '  ')}\n`;
  return (await mistakes(text)).map((one) => `${one.code}: ${one.message} (${underlined(one, text)})`);
};
const mock = (lines: string) => check(`- { name: a, ${lines}, provider: { type: mock, with: {} } }`);

describe('matrix', () => {
  const combined = async (matrix: string, alert = {}) =>
    (await run(`steps:\n${probe('a', `matrix: ${matrix}`, { output: '{{ matrix }}' })}`, { alert })).report.steps.a;

  test('runs each combination, less what is excluded, and what is included at the end', async () => {
    const matrix =
      '{ region: [eu, us], tier: [1, 2], exclude: [{ region: us, tier: 2 }, { tier: "1" }], include: [{ region: ap, extra: true }] }';
    expect((await combined(matrix))?.results).toEqual([
      { region: 'eu', tier: 1 },
      { region: 'eu', tier: 2 },
      { region: 'us', tier: 1 },
      { region: 'ap', extra: true },
    ]);
  });

  test('takes lists from data, and keeps maps and nulls in them', async () => {
    const step = await combined('{ x: "{{ alert.list }}", exclude: "{{ alert.not }}" }', {
      list: [{ a: 1 }, null, 2],
      not: [{ x: 2 }],
    });
    expect(step?.results).toEqual([{ x: { a: 1 } }, { x: null }]);
  });

  test.each([
    [{ list: 'eu' }, '`matrix.x` must be a list.'],
    [{ list: Array.from({ length: 1001 }, (_, index) => index) }, 'The matrix has more than 1000 combinations.'],
  ])('of data that does not fit fails', async (alert, message) => {
    expect((await combined('{ x: "{{ alert.list }}" }', alert))?.error).toMatchObject({ code: 'expression_failed', message });
  });

  test('an include that holds no maps fails: nothing is left out without a word', async () => {
    const step = await combined('{ x: [1], include: "{{ alert.more }}" }', { more: ['eu'] });
    expect(step?.error?.message).toBe('`matrix.include` must hold maps, not "eu".');
  });

  test('around a group, each combination has its own steps', async () => {
    const ran = await run(
      `steps:\n- name: g\n  matrix: { x: [1, 2] }\n  concurrency: 2\n  steps:\n    ${probe('a', '', { output: '{{ matrix.x }}' })}\n    ${probe('b', '', { output: 'b{{ steps.a.results }}' })}`,
    );
    expect(ran.report.steps.g?.results).toEqual([
      { a: 1, b: 'b1' },
      { a: 2, b: 'b2' },
    ]);
  });

  test.each([
    ['matrix: { x: [1] }, foreach: [1]', 'invalid-value: `foreach` and `matrix` are both given (matrix)'],
    ['matrix: { x: eu }', 'invalid-value: `matrix.x` must be a list (x)'],
    ['matrix: { x: [1], exclude: [{ y: 1 }] }', 'invalid-value: the matrix has no list `y` (y)'],
    ['matrix: { x: [1], exclude: [{}] }', 'invalid-value: `exclude` must hold maps of names and values ({})'],
    ['matrix: { x: [1], include: [eu] }', 'invalid-value: `include` must hold maps of names and values (eu)'],
    ['matrix: { x: [1] }, if: matrix.y', 'unknown-name: there is no field of `matrix` `y` (matrix.y)'],
    ['if: matrix.x', 'unknown-root: `matrix` is only there in a step that has `matrix` (matrix.x)'],
    ['concurrency: 2', 'invalid-value: `concurrency` needs `foreach` or `matrix` beside it (concurrency)'],
  ])('%s is a mistake', async (lines, said) => {
    expect(await mock(lines)).toEqual([said]);
  });

  const calling = (keyword: string, root: string) =>
    check(`- { name: a, ${keyword}, provider: { type: http, with: { url: "https://{{ ${root} }}/x" } } }`);

  test('data does not choose a host by way of it, nor by way of foreach; what the author wrote may', async () => {
    const refused = (root: string) => [
      `untrusted-target: \`${root}\` is data, and data must not choose a host ({{ ${root}.x }})`,
    ];
    expect((await calling('matrix: { x: "{{ alert.hosts }}" }', 'matrix.x'))[0]).toContain(refused('matrix')[0]?.split(' (')[0]);
    expect((await calling('foreach: "{{ alert.hosts }}"', 'foreach.value'))[0]).toContain('data must not choose a host');
    expect(await calling('matrix: { x: [a.example, b.example] }', 'matrix.x')).toEqual([]);
    expect(await calling('foreach: [a.example]', 'foreach.value')).toEqual([]);
    const nested = await check(
      `- { name: g, matrix: { x: "{{ alert.hosts }}" }, steps: [{ name: a, provider: { type: http, with: { url: "https://{{ matrix.x }}/x" } } }] }`,
    );
    expect(nested).toHaveLength(1);
  });

  test('inputs and constants of the author may choose a host by way of a list', async () => {
    const text = (list: string) =>
      `workflow:\n  id: t\n  triggers: [{ type: alert }]\n  inputs: [{ name: hosts, type: list }]\n  consts: { own: [a.example], theirs: "{{ alert.hosts }}" }\n  steps:\n    - { name: a, foreach: "${list}", provider: { type: http, with: { url: "https://{{ foreach.value }}/x" } } }\n`;
    expect(await mistakes(text('{{ inputs.hosts }}'))).toEqual([]);
    expect(await mistakes(text('{{ consts.own }}'))).toEqual([]);
    expect((await mistakes(text('{{ consts.theirs }}'))).map(({ code }) => code)).toEqual(['untrusted-target']);
  });
});

describe('foreach over paired lists', () => {
  const pairs = async (alert: object) =>
    (
      await run(
        `steps:\n${probe('a', 'foreach: "{{ alert.a }} && {{ alert.b }}"', { output: '{{ foreach.value.0 }}-{{ foreach.value[1] }}' })}`,
        {
          alert: { ...alert },
        },
      )
    ).report.steps.a;

  test('gives both items of a place, up to the end of the shorter list', async () => {
    expect((await pairs({ a: [1, 2, 3], b: ['x', 'y'] }))?.results).toEqual(['1-x', '2-y']);
    expect((await pairs({ a: [], b: [1] }))?.results).toEqual([]);
  });

  test('a list that a skipped step gave skips the step; what is no list fails it', async () => {
    expect((await pairs({ a: null, b: [1] }))?.status).toBe('skipped');
    expect((await pairs({ a: 'text', b: [1] }))?.error?.message).toBe('`foreach` needs a list and got text.');
  });

  test('a mistake is underlined where it stands, in the second list too', async () => {
    expect(await mock('foreach: "{{ alert.a }} && {{ steps.nope.results }}"')).toEqual([
      'unknown-step: there is no step `nope` (steps.nope.results)',
    ]);
    expect(await mock('foreach: "{{ stesp.x }} && {{ alert.a }}"')).toEqual([
      'unknown-root: there is nothing called `stesp` (stesp.x)',
    ]);
  });
});

describe('continue: false', () => {
  test('ends its list once the step has run; actions still run', async () => {
    const ran = await run(
      `steps:\n${probe('a', 'continue: false')}\n${probe('b')}\nactions:\n${probe('c')}\n${probe('d', 'continue: false')}\n${probe('e')}`,
    );
    expect(statuses(ran)).toEqual({ a: 'succeeded', b: 'skipped', c: 'succeeded', d: 'succeeded', e: 'skipped' });
    expect(reasons(ran)).toEqual({ b: '`a` has `continue: false`', e: '`d` has `continue: false`' });
    expect(ran.report.run.status).toBe('succeeded');
  });

  test('does not when the step was skipped, and does when it failed and was tolerated', async () => {
    const skipped = await run(`steps:\n${probe('a', 'continue: false, if: false')}\n${probe('b')}`);
    expect(statuses(skipped)).toEqual({ a: 'skipped', b: 'succeeded' });
    const failed = await run(`steps:\n${probe('a', 'continue: false, continue-on-error: true')}\n${probe('b')}`, {
      probe: () => {
        throw new Error('no');
      },
    });
    expect(statuses(failed)).toEqual({ a: 'failed', b: 'skipped' });
  });

  test('holds for steps that wait for it by `needs`, and for those that wait for them', async () => {
    const ran = await run(
      `steps:\n${probe('a', 'continue: false')}\n${probe('b', 'needs: [a]')}\n${probe('c', 'needs: [b]')}\n${probe('free', 'needs: []')}\nactions:\n${probe('d', 'needs: [a]')}`,
    );
    expect(statuses(ran)).toEqual({ a: 'succeeded', b: 'skipped', c: 'skipped', free: 'succeeded', d: 'succeeded' });
  });

  test('inside of a group ends the group only, for that item only', async () => {
    const ran = await run(
      `steps:\n- name: g\n  foreach: [1, 2]\n  steps:\n    ${probe('a', 'continue: false, if: "foreach.value == 1"')}\n    ${probe('b', '', { output: '{{ foreach.value }}' })}\n${probe('c')}`,
    );
    expect(ran.report.steps.g?.results).toEqual([
      { a: { step: 'a' }, b: null },
      { a: null, b: 2 },
    ]);
    expect(statuses(ran).c).toBe('succeeded');
  });
});
