import { describe, expect, test } from '@jest/globals';
import { probe, run, statuses } from '../engine/support.ts';
import { lineOf, mistakes, underlined } from '../language/support.ts';
import { fc } from '../support/properties.ts';

/** A workflow of mock steps, for what is said before a run. */
const check = async (lines: string) => {
  const text = `workflow:\n  id: t\n${lines.replace(/^(?=.)/gm, '  ')}\n`;
  return (await mistakes(text)).map((one) => [lineOf(one), underlined(one, text)]);
};

describe('vars and alias', () => {
  test('are read in their step and in the steps inside of it, and afterwards as facts of the step', async () => {
    const ran = await run(
      `steps:
- name: g
  vars: { tier: "Tier {{ alert.tier }}", list: [1, "{{ alert.tier }}"] }
  alias: { short: "{{ vars.tier }}!" }
  steps:
    ${probe('a', 'vars: { own: "{{ vars.list.1 }}{{ aliases.short }}" }', { output: '{{ vars.own }}' })}
${probe('b', '', { output: ['{{ steps.g.vars.tier }}', '{{ steps.a.vars.own }}', '{{ steps.g.aliases.short }}'] })}`,
      { alert: { tier: 2 } },
    );
    expect(ran.report.steps['g/a']?.results).toBe('2Tier 2!');
    expect(ran.report.steps.b?.results).toEqual(['Tier 2', '2Tier 2!', 'Tier 2!']);
  });

  test('are computed for each item', async () => {
    const ran = await run(
      `steps:\n${probe('a', 'foreach: [1, 2], vars: { n: "{{ foreach.value }}" }, if: "vars.n > 1"', { output: 'n {{ vars.n }}' })}`,
    );
    expect(ran.report.steps.a?.results).toEqual([null, 'n 2']);
  });

  test('keep numbers, nulls and text of any kind as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), fc.constant(null)), async (x) => {
        const given = JSON.parse(JSON.stringify(x)) as string | number | null;
        const { report } = await run(
          `steps:\n${probe('a', `vars: { x: "{{ alert.x }}" }, condition: [{ name: same, type: assert, assert: "vars.x == alert.x" }]`, { output: { x: '{{ vars.x }}', lost: 0.5, none: null } })}`,
          { alert: { x: given } },
        );
        expect(report.steps.a?.results).toEqual({ x: given, lost: 0.5, none: null });
      }),
      { numRuns: 60 },
    );
  });

  test('that cannot be computed fail the step, which may be tolerated', async () => {
    const ran = await run(`steps:\n${probe('a', 'continue-on-error: true, vars: { x: "{{ alert.y.z }}" }')}\n${probe('b')}`, {
      alert: {},
    });
    expect(statuses(ran)).toEqual({ a: 'failed', b: 'succeeded' });
    expect(ran.report.steps.a?.error?.code).toBe('missing_value');
  });

  test.each([
    ['{ v: "{{ vars.nmae }}" }', 'there is no field of `vars` `nmae` | Did you mean `name`?', 'vars.nmae'],
    ['{ v: "{{ aliases.x }}" }', '`aliases` is only there in a step that has `alias`', 'aliases.x'],
  ])('with: %s is a mistake', async (given, said, under) => {
    const [found] = await check(`steps:\n- { name: a, vars: { name: 1 }, provider: { type: mock, with: ${given} } }`);
    expect(found?.[0]).toContain(said);
    expect(under).toContain(found?.[1] ?? '-');
  });

  test('are not there in other steps', async () => {
    const found = await check(
      'steps:\n- { name: a, vars: { x: 1 }, provider: { type: mock, with: {} } }\n- { name: b, provider: { type: mock, with: { x: "{{ vars.x }}" } } }',
    );
    expect(found.map(([line]) => line)).toEqual(['5:55 unknown-root `vars` is only there in a step that has `vars`']);
  });
});

describe('constants', () => {
  test('may read vars, items and earlier steps, wherever they are read', async () => {
    const ran = await run(
      `consts: { text: "{{ vars.tier }} {{ foreach.value }} {{ consts.last }}", last: "{{ steps.a.results }}" }
steps:
${probe('a', '', { output: 'A' })}
- name: g
  vars: { tier: one }
  foreach: [x, y]
  steps:
    ${probe('b', '', { output: '{{ consts.text }}' })}
    ${probe('c', 'vars: { tier: two }', { output: '{{ consts.text }}' })}
${probe('d', 'foreach: [z], vars: { tier: three }', { output: '{{ consts.text }}' })}`,
    );
    expect(ran.report.steps.g?.results).toEqual([
      { b: 'one x A', c: 'two x A' },
      { b: 'one y A', c: 'two y A' },
    ]);
    expect(ran.report.steps.d?.results).toEqual(['three z A']);
  });

  test('that read a step of their group see that of the same item', async () => {
    const ran = await run(
      `consts: { seen: "{{ steps.a.results }}" }
steps:
- name: g
  foreach: [x, y]
  concurrency: 2
  steps:
    ${probe('a', '', { output: '{{ foreach.value }}' })}
    ${probe('b', '', { output: '{{ consts.seen }}' })}`,
    );
    expect(ran.report.steps.g?.results).toEqual([
      { a: 'x', b: 'x' },
      { a: 'y', b: 'y' },
    ]);
  });

  test.each<[title: string, consts: string, read: string, said: string]>([
    ['themselves', '{ a: "{{ consts.a }}" }', '1', '3:13 invalid-value constant `a` reads itself'],
    [
      'each other',
      '{ a: "{{ consts.b }}", b: "{{ consts.a }}" }',
      '1',
      '3:13 invalid-value constant `a` reads itself by way of `b`',
    ],
    [
      'vars where there are none',
      '{ a: "{{ vars.x }}" }',
      '{{ consts.a }}',
      '5:55 unknown-root constant `a` cannot be read here: `vars` is only there in a step that has `vars`',
    ],
    [
      'a step that has not ended',
      '{ a: "{{ consts.b }}", b: "{{ steps.s.results }}" }',
      '{{ consts.a }}',
      '5:55 step-order constant `b` cannot be read here: step `s` reads its own results',
    ],
    [
      'nothing that there is',
      '{ a: "{{ consts.bb }}", b: 1 }',
      '1',
      '3:20 unknown-name there is no constant `bb` | Did you mean `b`?',
    ],
  ])('may not read %s', async (_, consts, read, said) => {
    const found = await check(`consts: ${consts}\nsteps:\n- { name: s, provider: { type: mock, with: { x: "${read}" } } }`);
    expect(found.map(([line]) => line)).toEqual([said]);
  });
});

describe('parameters with a default', () => {
  const read = async (parameter: string, alert: object) =>
    (await run(`steps:\n- { name: a, provider: { type: probe, with: { x: ${parameter} } } }`, { alert: { ...alert } })).report
      .steps.a;

  test.each<[string, object, unknown]>([
    ['{ key: "{{ alert.n }}", default: 3 }', { n: 1 }, 1],
    ['{ key: "{{ alert.n }}", default: 3 }', {}, 3],
    ['{ key: "{{ alert.n }}", default: 3 }', { n: null }, 3],
    ['{ key: "{{ alert.n }}", default: 3 }', { n: 0 }, 0],
    ['{ key: "{{ alert.n }}", default: 3 }', { n: '' }, ''],
    ['{ key: "{{ alert.n }}", default: "{{ alert.m }}" }', { m: [1] }, [1]],
    ['{ key: "{{ alert.n }}", safe: false }', {}, null],
    ['{ key: a, value: "{{ alert.n }}" }', { n: 1 }, { key: 'a', value: 1 }],
    ['{ key: a }', {}, { key: 'a' }],
    ['{ list: [{ key: "{{ alert.n }}", default: 3 }] }', {}, { list: [3] }],
  ])('%s of %j', async (parameter, alert, x) => {
    expect((await read(parameter, alert))?.results).toEqual({ x });
  });

  test('without a default, a value that is not there is an error', async () => {
    expect((await read('{ key: "{{ alert.n }}", safe: true }', {}))?.error?.code).toBe('missing_value');
  });

  test('a value that is wrong is an error, whatever the default', async () => {
    const parameter = '{ key: "{{ alert.n.m + 1 }}", default: 3 }';
    expect((await read(parameter, { n: { m: [] } }))?.error?.code).toBe('expression_failed');
  });
});

test('steps.this is the step that ran last, with what it was called with', async () => {
  const ran = await run(
    `steps:\n${probe('a', '', { output: 1 })}\n${probe('b', 'if: false')}\n${probe('c', '', { output: '{{ steps.this.results }}' })}\n${probe('d', '', { output: '{{ steps.c.provider_parameters }}' })}`,
  );
  expect(ran.report.steps.c?.results).toBe(1);
  expect(ran.report.steps.d?.results).toEqual({ output: 1 });
});
