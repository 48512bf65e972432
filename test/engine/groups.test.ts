import { describe, expect, test } from '@jest/globals';
import { failOn, group, reasons } from './groups-support.ts';
import { probe, run, signpost, statuses } from './support.ts';

describe('steps', () => {
  test('run in order, read each other, and are read by what comes after as the group and by name', async () => {
    const ran = await run(
      `steps:
${group('g', [], probe('a', '', { output: { n: 1 } }), probe('b', '', { output: '{{ steps.a.results.n }}' }))}
${probe('c', '', { output: ['{{ steps.g.results }}', '{{ steps.b.results }}', '{{ steps.b.status }}'] })}
outputs: { inner: "{{ steps.a.results.n }}" }`,
    );
    expect(ran.calls.map((call) => call.step)).toEqual(['g/a', 'g/b', 'c']);
    expect(ran.report.steps.c?.results).toEqual([{ a: { n: 1 }, b: 1 }, 1, 'succeeded']);
    expect(Object.keys(ran.report.steps)).toEqual(['g', 'g/a', 'g/b', 'c']);
    expect(ran.report.outputs).toEqual({ inner: 1 });
  });

  test('that fail skip the rest of the group and fail it, by name; what was done before stays readable', async () => {
    const ran = await run(
      `steps:
${group('g', ['continue-on-error: true'], probe('a'), probe('b'), probe('c'))}
${probe('after', '', { output: ['{{ steps.g.status }}', '{{ steps.g.error.code }}', '{{ steps.g.results }}', '{{ steps.c.status }}'] })}`,
      { probe: failOn('b') },
    );
    expect(statuses(ran)).toEqual({ g: 'failed', 'g/a': 'succeeded', 'g/b': 'failed', 'g/c': 'skipped', after: 'succeeded' });
    expect(ran.report.steps.g?.error?.message).toBe('Step `b` failed: no b');
    expect(ran.report.steps.after?.results).toEqual(['failed', 'server_error', { a: 'a', b: null, c: null }, 'skipped']);
    expect(ran.report.run.status).toBe('succeeded');
  });

  test('name every group around a failure in the error of the run', async () => {
    const ran = await run(`steps:\n${group('outer', [], group('inner', [], probe('leaf')))}`, { probe: failOn('leaf') });
    expect(ran.report.error).toMatchObject({
      code: 'server_error',
      message: 'Step `outer` failed: Step `inner` failed: Step `leaf` failed: no leaf',
    });
  });

  test('whose failure is tolerated neither stop nor fail their group', async () => {
    const ran = await run(`steps:\n${group('g', [], probe('a', 'continue-on-error: true'), probe('b'))}`, { probe: failOn('a') });
    expect(statuses(ran)).toEqual({ g: 'succeeded', 'g/a': 'failed', 'g/b': 'succeeded' });
  });

  test('that need siblings start beside others, and wait for what they need', async () => {
    const first = signpost();
    const ran = await run(
      `steps:\n${group('g', [], probe('slow', 'needs: []'), probe('quick', 'needs: []'), probe('last', 'needs: [slow, quick]'))}`,
      {
        async probe({ step }) {
          if (step === 'slow') await first.reached;
          if (step === 'quick') first.reach();
          return step;
        },
      },
    );
    expect(ran.calls.map((call) => call.step)).toEqual(['g/slow', 'g/quick', 'g/last']);
  });

  test('may be called like roots of templates, have spaces, and look like prototypes', async () => {
    const ran = await run(
      `steps:
${probe('alert', '', { output: 1 })}
${probe('steps', '', { output: '{{ steps.alert.results }}' })}
${probe('my step', 'needs: [steps]', { output: '{{ steps.steps.results }}' })}
${probe('asks', "if: \"{{ steps.my step.results }} == 1 && steps['my step'].status == 'succeeded'\"", { output: '{{ steps.my step.results }}' })}
${group('constructor', [], probe('__proto__', '', { output: 2 }))}
${probe('last', '', { output: '{{ steps.constructor.status }}' })}`,
    );
    expect(ran.report.run.status).toBe('succeeded');
    expect(ran.report.steps.asks?.results).toBe(1);
    expect(ran.report.steps.last?.results).toBe('succeeded');
  });
});

describe('if and else', () => {
  const choice = (condition: string) => `steps:
${group('g', [`if: ${condition}`], probe('a', '', { output: 'yes' }))}
  else:
  ${probe('b', '', { output: 'no' })}
${probe('after', '', { output: ['{{ steps.g.results }}', '{{ steps.a.status }}', '{{ steps.b.status }}', '{{ steps.b.results }}'] })}
outputs: { a: "{{ steps.a.results }}", b: "{{ steps.b.results }}" }`;

  test.each<[string, object, unknown[], object]>([
    ['"alert.n > 1"', { n: 2 }, [{ a: 'yes', b: null }, 'succeeded', 'skipped', null], { a: 'yes', b: null }],
    ['"alert.n > 1"', { n: 1 }, [{ a: null, b: 'no' }, 'skipped', 'succeeded', 'no'], { a: null, b: 'no' }],
    ['false', {}, [{ a: null, b: 'no' }, 'skipped', 'succeeded', 'no'], { a: null, b: 'no' }],
  ])('if: %s of %j chooses one list, and the other reads as skipped', async (condition, alert, seen, outputs) => {
    const ran = await run(choice(condition), { alert: { ...alert } });
    expect(ran.report.steps.after?.results).toEqual(seen);
    expect(ran.report.outputs).toEqual(outputs);
  });

  test('a condition that cannot be computed fails the group and runs neither list', async () => {
    const ran = await run(choice('"alert.a.b > 1"'), { alert: { a: 'text' } });
    expect(ran.calls).toEqual([]);
    expect(ran.report.steps.g?.error?.code).toBe('expression_failed');
  });

  test('a group that is skipped runs nothing, and its steps read as skipped for what comes after', async () => {
    const ran = await run(
      `steps:
${group('g', ['if: false'], probe('a'), group('h', [], probe('b')))}
${probe('after', '', { output: ['{{ steps.a.status }}', '{{ steps.b.status }}', '{{ steps.b.results }}', '{{ steps.g.results }}'] })}
outputs: { a: "{{ steps.b.results }}" }`,
    );
    expect(ran.report.steps.after?.results).toEqual(['skipped', 'skipped', null, null]);
    expect(ran.report.outputs).toEqual({ a: null });
    expect(statuses(ran)).toEqual({ g: 'skipped', after: 'succeeded' });
  });

  test('under foreach it chooses for each item', async () => {
    const ran = await run(`steps:
${group('g', ['foreach: [1, 2, 3]', 'if: "foreach.value > 1"'], probe('big', '', { output: '{{ foreach.value }}' }))}
  else:
  ${probe('small', '', { output: '{{ foreach.index }}' })}`);
    expect(ran.report.steps.g?.results).toEqual([
      { big: null, small: 0 },
      { big: 2, small: null },
      { big: 3, small: null },
    ]);
  });
});

describe('switch', () => {
  const choice = (more = '') => `steps:
- name: g
  switch: "{{ alert.x }}"
  cases:
    high: [${probe('page', '', { output: 'paged' }).slice(2)}]
    "2": [${probe('two', '', { output: 2 }).slice(2)}]
    "true": [${probe('yes', '', { output: true }).slice(2)}]
    constructor: [${probe('odd', '', { output: 'odd' }).slice(2)}]
${more}
${probe('after', '', { output: '{{ steps.page.status }}' })}`;
  const otherwise = `  default: [${probe('other', '', { output: 'none' }).slice(2)}]`;

  test.each<[unknown, string]>([
    ['high', 'g/page'],
    [2, 'g/two'],
    ['2', 'g/two'],
    [true, 'g/yes'],
    ['HIGH', 'g/page'],
    ['True', 'g/yes'],
    [false, 'g/other'],
    [null, 'g/other'],
    ['toString', 'g/other'],
    ["high'", 'g/other'],
    ['high\n', 'g/other'],
  ])('%j runs %s', async (x, step) => {
    const ran = await run(choice(otherwise), { alert: { x } as never });
    expect(ran.calls.map((call) => call.step)).toEqual([step, 'after']);
  });

  test('without a default, a value that no case names skips the group and says so', async () => {
    const ran = await run(choice(), { alert: { x: 'low' } });
    expect(statuses(ran)).toEqual({ g: 'skipped', after: 'succeeded' });
    expect(ran.report.steps.after?.results).toBe('skipped');
    expect(reasons(ran)).toEqual({ g: 'switch: no case is named' });
  });

  test('a boolean runs the case that is written as Keep writes it', async () => {
    const cases = `{ "True": [${probe('yes').slice(2)}], "False": [${probe('no').slice(2)}] }`;
    const ran = await run(`steps:\n- { name: g, switch: "{{ alert.x }}", cases: ${cases} }`, { alert: { x: false } });
    expect(ran.calls.map((call) => call.step)).toEqual(['g/no']);
  });

  test.each<[unknown, string]>([
    [null, 'g/nothing'],
    ['', 'g/nothing'],
    [0, 'g/other'],
    ['x', 'g/other'],
  ])('%j against a case for empty text, as with ==: %s', async (x, step) => {
    const cases = `{ "": [${probe('nothing').slice(2)}] }`;
    const ran = await run(
      `steps:\n- { name: g, switch: "{{ alert.x }}", cases: ${cases}, default: [${probe('other').slice(2)}] }`,
      {
        alert: { x } as never,
      },
    );
    expect(ran.calls.map((call) => call.step)).toEqual([step]);
  });

  test('a boolean among cases that are no booleans is an error', async () => {
    const { report } = await run(`steps:\n- { name: g, switch: "{{ alert.x }}", cases: { yes: [${probe('yes').slice(2)}] } }`, {
      alert: { x: true },
    });
    expect(report.error).toMatchObject({ message: expect.stringContaining('a boolean and the text "yes" are never equal') });
  });

  test.each([[['high']], [{ high: 1 }]])('%j chooses no case, and is an error', async (x) => {
    const { report } = await run(choice(otherwise), { alert: { x } as never });
    expect(report.error).toMatchObject({ hint: expect.stringContaining('one value') });
    expect(report.steps.g).toMatchObject({ status: 'failed', error: { code: 'expression_failed' } });
  });

  test('under foreach, says why every item was skipped', async () => {
    const ran = await run(
      `steps:\n- { name: g, foreach: [a, b], switch: "{{ foreach.value }}", cases: { c: [${probe('x').slice(2)}] } }`,
    );
    expect(reasons(ran)).toEqual({ g: 'switch: no case is named (every item)' });
  });
});

describe('parallel', () => {
  test('steps start together, and the group ends when all have ended', async () => {
    const [left, right] = [signpost(), signpost()];
    const ran = await run(
      `steps:\n${group('g', [], probe('left'), probe('right')).replace('steps:', 'parallel:')}\n${probe('after', '', { output: '{{ steps.left.results }}' })}`,
      {
        async probe({ step, output }) {
          const [mine, other] = step === 'left' ? [left, right] : [right, left];
          mine.reach();
          if (step) await other.reached;
          return output ?? step ?? null;
        },
      },
    );
    expect(ran.report.steps.g?.results).toEqual({ left: 'left', right: 'right' });
    expect(ran.report.steps.after?.results).toBe('left');
  });

  test('one that fails lets the others end, and fails the group', async () => {
    const ran = await run(
      `steps:\n${group('g', [], probe('a'), probe('b'), probe('c', 'needs: [a]'), probe('d', 'needs: [b]')).replace('steps:', 'parallel:')}`,
      { probe: failOn('a') },
    );
    expect(statuses(ran)).toEqual({ g: 'failed', 'g/a': 'failed', 'g/b': 'succeeded', 'g/c': 'skipped', 'g/d': 'succeeded' });
    expect(ran.report.steps.g?.results).toEqual({ a: null, b: 'b', c: null, d: 'd' });
  });
});
