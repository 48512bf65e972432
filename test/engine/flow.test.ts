import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import { probe, run, signpost, statuses } from './support.ts';

const failing = (names: string[]) => (params: { [key: string]: unknown }) => {
  if (names.includes(String(params.step))) throw new ThreadlineError('bad_request', `no ${params.step}`);
  return params;
};

describe('order', () => {
  test('steps run one after the other, then actions, each with what came before (W3, O10)', async () => {
    const ran = await run(`steps:
${probe('a', '', { output: { x: { y: [1, 2] } } })}
${probe('b', '', { output: '{{ steps.a.results.x.y }}' })}
actions:
${probe('c', '', { output: 'last {{ steps.b.results.1 }} {{ actions.a.status }}' })}
outputs: { all: "{{ steps.c.results }}", list: "{{ steps.b.results }}" }`);

    expect(ran.calls.map((call) => call.step)).toEqual(['a', 'b', 'c']);
    expect(ran.report.outputs).toEqual({ all: 'last 2 succeeded', list: [1, 2] });
    expect(ran.report.run.status).toBe('succeeded');
  });

  test('steps that need the same one run beside each other, and what needs both waits for both', async () => {
    const left = signpost();
    const right = signpost();
    const ran = await run(
      `steps:\n${probe('a')}\n${probe('left', 'needs: [a]')}\n${probe('right', 'needs: [a]')}\n${probe('both', 'needs: [left, right]')}`,
      {
        async probe({ step }) {
          // Each waits for the other to have started: one after the other, this would never end.
          if (step === 'left') {
            left.reach();
            await right.reached;
          }
          if (step === 'right') {
            right.reach();
            await left.reached;
          }
          return step;
        },
      },
    );
    expect(ran.calls.map((call) => call.step)).toEqual(['a', 'left', 'right', 'both']);
  });

  test('a step without needs waits for all above it, those with needs too', async () => {
    const slow = signpost();
    const ran = run(
      `steps:\n${probe('slow', 'needs: []')}\n${probe('quick', 'needs: []')}\n${probe('barrier')}\n${probe('free', 'needs: []')}`,
      {
        async probe({ step }) {
          if (step === 'slow') await slow.reached;
          if (step === 'free') setImmediate(slow.reach);
          return step;
        },
      },
    );
    const { events, calls } = await ran;
    expect(calls.map((call) => call.step)).toEqual(['slow', 'quick', 'free', 'barrier']);
    const names = events.flatMap((event) =>
      event.type === 'step-ended' || event.type === 'step-started' ? [`${event.step} ${event.type}`] : [],
    );
    expect(names.indexOf('slow step-ended')).toBeLessThan(names.indexOf('barrier step-started'));
  });
});

describe('failures', () => {
  test('a failing step skips later steps and the actions, and fails the run', async () => {
    const ran = await run(`steps:\n${probe('a')}\n${probe('b')}\n${probe('c')}\nactions:\n${probe('d')}`, {
      probe: failing(['b']),
    });
    expect(statuses(ran)).toEqual({ a: 'succeeded', b: 'failed', c: 'skipped', d: 'skipped' });
    expect(ran.report.run.status).toBe('failed');
    expect(ran.report.error).toMatchObject({ code: 'bad_request', message: 'Step `b` failed: no b' });
    expect(ran.calls.map((call) => call.step)).toEqual(['a', 'b']);
  });

  test('a failing action does not stop the next, and fails the run', async () => {
    const ran = await run(`actions:\n${probe('a')}\n${probe('b')}`, { probe: failing(['a']) });
    expect(statuses(ran)).toEqual({ a: 'failed', b: 'succeeded' });
    expect(ran.report.run.status).toBe('failed');
  });

  test.each(['continue-on-error: true', 'continue_on_error: true'])(
    '%s: the run goes on, does not fail, and can ask',
    async (keyword) => {
      const ran = await run(
        `steps:\n${probe('a', keyword)}\n${probe('b', 'if: "steps.a.status == \'failed\'"', { output: '{{ steps.a.error.code }}' })}\n${probe('c', 'needs: [a]')}`,
        {
          probe: (params, context) => (context.step.name === 'a' ? failing(['a'])(params) : (params.output ?? null)),
        },
      );
      expect(statuses(ran)).toEqual({ a: 'failed', b: 'succeeded', c: 'succeeded' });
      expect(ran.report.steps.b?.results).toBe('bad_request');
      expect(ran.report.run.status).toBe('succeeded');
      expect(ran.events).toContainEqual(expect.objectContaining({ type: 'step-ended', step: 'a', tolerated: true }));
    },
  );

  test('what needs a failed step is skipped, and what needs that; what needs neither runs', async () => {
    const ran = await run(
      `steps:\n${probe('a', 'needs: []')}\n${probe('b', 'needs: [a]')}\n${probe('c', 'needs: [b]')}\n${probe('d', 'needs: []')}\n${probe('e', 'needs: [d]')}`,
      { probe: failing(['a']) },
    );
    expect(statuses(ran)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', d: 'succeeded', e: 'succeeded' });
    const reasons = ran.events.flatMap((event) => (event.type === 'step-ended' && event.reason ? [event.reason] : []));
    expect(reasons).toEqual(['needs `a`, which failed', 'needs `b`, which did not run']);
  });

  test('a step that was skipped by its if does not keep others from running, whatever failed beside it', async () => {
    const other = signpost();
    const ran = await run(
      `steps:\n${probe('fails', 'needs: []')}\n${probe('waits', 'needs: []')}\n${probe('skipped', 'needs: [waits], if: false')}\n${probe('last', 'needs: [skipped]')}`,
      {
        async probe(params) {
          if (params.step === 'waits') await other.reached;
          if (params.step === 'fails') setImmediate(other.reach);
          return failing(['fails'])(params);
        },
      },
    );
    expect(statuses(ran)).toEqual({ fails: 'failed', waits: 'succeeded', skipped: 'skipped', last: 'succeeded' });
  });

  test('on-failure sees the error and the steps, and cannot turn the result', async () => {
    const ran = await run(
      `steps:\n${probe('a', '', { output: 1 })}\n${probe('b', '', { step: 'b' })}\n${probe('c')}\non-failure: { provider: { type: probe, with: { output: "{{ run.status }} {{ run.error.code }}: {{ run.error.message }} {{ steps.a.results }} {{ steps.b.status }} {{ steps.c.status }}" } } }`,
      { probe: (params) => (params.step ? failing(['b'])(params) : (params.output ?? null)) },
    );
    expect(ran.report.steps['on-failure']?.results).toBe('failed bad_request: Step `b` failed: no b 1 failed skipped');
    expect(ran.report.run.status).toBe('failed');
    expect(ran.report.error?.code).toBe('bad_request');
  });

  test('on-failure does not run when nothing failed, and its own failure is added', async () => {
    const handler = 'on-failure: { name: handler, provider: { type: probe, with: { step: handler } } }';
    const fine = await run(`steps:\n${probe('a')}\n${handler}`);
    expect(fine.calls.map((call) => call.step)).toEqual(['a']);
    const both = await run(`steps:\n${probe('a')}\n${handler}`, { probe: failing(['a', 'handler']) });
    expect(both.report.error?.message).toBe('Step `a` failed: no a (`on-failure` failed too: no handler)');
  });

  test('an output that cannot be computed fails the run', async () => {
    const ran = await run(`steps:\n${probe('a')}\noutputs: { x: "{{ steps.a.results.nope }}" }`);
    expect(ran.report.run.status).toBe('failed');
    expect(ran.report.error).toMatchObject({ code: 'missing_value' });
    expect(ran.report.outputs).toEqual({});
  });

  test('whatever a provider throws becomes an error of the step', async () => {
    for (const thrown of ['text', null, undefined, new TypeError('inner'), { message: 'no error' }]) {
      const ran = await run(`steps:\n${probe('a')}`, {
        probe: () => {
          throw thrown;
        },
      });
      expect(ran.report.steps.a?.error?.code).toBe('step_failed');
    }
  });

  test('what a provider returns becomes plain JSON', async () => {
    const results = {
      at: new Date(0),
      none: undefined,
      run: () => 1,
      big: 10n,
      nested: JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"ok":1}'),
    };
    const ran = await run(`steps:\n${probe('a')}\noutputs: { all: "{{ steps.a.results }}" }`, { probe: () => results });
    expect(ran.report.outputs.all).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      none: undefined,
      big: 10,
      nested: { ok: 1 },
    });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('if', () => {
  const decide = async (condition: string, alert = {}) =>
    statuses(await run(`steps:\n${probe('a', `if: ${condition}`)}`, { alert })).a;

  test.each<[string, object, string]>([
    ['true', {}, 'succeeded'],
    ['false', {}, 'skipped'],
    ['"{{ alert.x }}"', { x: true }, 'succeeded'],
    ['"{{ alert.x }}"', { x: 'false' }, 'skipped'],
    ['"{{ alert.x }}"', { x: ' True ' }, 'succeeded'],
    ['"{{ alert.x }}"', { x: 0 }, 'skipped'],
    ['"{{ alert.x }}"', { x: -1 }, 'succeeded'],
    ['"{{ alert.x }}"', { x: '' }, 'skipped'],
    ['"{{ alert.x }}"', { x: null }, 'skipped'],
    ['alert.missing', {}, 'skipped'],
    ['"{{ alert.x }} == \'a\'"', { x: "a' || '1' == '1" }, 'skipped'],
    ["\"'{{ alert.x }}' == 'a'\"", { x: 'a' }, 'succeeded'],
    ['"alert.severity >= \'high\'"', { severity: 'critical' }, 'succeeded'],
    ['"alert.x == \'5\' and not alert.y"', { x: 5, y: false }, 'succeeded'],
    ['"{{ alert.x }}"', { x: 'maybe' }, 'succeeded'],
    ['"{{ alert.x }}"', { x: [] }, 'skipped'],
    ['"{{ alert.x }}"', { x: {} }, 'skipped'],
    ['alert.a.b.c > 1', { a: 'text' }, 'failed'],
  ])('%s with %j: %s', async (condition, alert, status) => {
    expect(await decide(condition, alert)).toBe(status);
  });

  test('says why a step was skipped', async () => {
    const { events } = await run(`steps:\n${probe('a', 'if: "1 > 2"')}`);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'step-ended', step: 'a', status: 'skipped', reason: 'if: 1 > 2' }),
    );
  });
});

describe('constants, inputs, env', () => {
  test('constants may read those above them, inputs and the alert', async () => {
    const ran = await run(
      `consts: { a: "{{ inputs.n }}", b: "{{ consts.a }}", c: { list: ["{{ consts.b }}", "{{ alert.x }}"] } }\ninputs: [{ name: n, type: number, default: 3 }]\nsteps:\n${probe('s', '', { output: '{{ consts.c }}' })}`,
      { alert: { x: '{{ consts.a }}' } },
    );
    expect(ran.report.steps.s?.results).toEqual({ list: [3, '{{ consts.a }}'] });
  });

  test('a constant that cannot be computed fails the step that reads it, and on-failure runs', async () => {
    const ran = await run(
      `consts: { a: "{{ alert.nope.deep }}" }\nsteps:\n${probe('s', '', { output: '{{ consts.a }}' })}\non-failure: { provider: { type: probe, with: {} } }`,
      { alert: {} },
    );
    expect(ran.report.error?.code).toBe('missing_value');
  });

  const INPUTS = `inputs:
  - { name: text }
  - { name: number, type: number, default: 1 }
  - { name: flag, type: boolean }
  - { name: pick, type: choice, options: [prod, 2, true] }
  - { name: list, type: list }
  - { name: map, type: object }
steps:
${probe('s', '', { output: '{{ inputs }}' })}`;

  test('inputs given as text become what they are declared as', async () => {
    const inputs = {
      text: '5',
      number: '2.5',
      flag: 'true',
      pick: '2',
      list: '[1,"a"]',
      map: '{"a":{"__proto__":{"x":1},"b":1}}',
    };
    const { report } = await run(INPUTS, { inputs });
    expect(report.steps.s?.results).toEqual({
      text: '5',
      number: 2.5,
      flag: true,
      pick: 2,
      list: [1, 'a'],
      map: { a: { b: 1 } },
    });
  });

  test('inputs that are not given are their default, or null', async () => {
    const { report } = await run(INPUTS);
    expect(report.steps.s?.results).toEqual({ text: null, number: 1, flag: null, pick: null, list: null, map: null });
  });

  test.each([
    [{ number: 'many' }, 'Input `number` must be a number, not "many".'],
    [{ number: '1e999' }, 'Input `number` must be a number, not "1e999".'],
    [{ flag: 'yes' }, 'Input `flag` must be true or false, not "yes".'],
    [{ pick: 'prdo' }, 'Input `pick` must be one of "prod", 2, true, not "prdo". Did you mean `prod`.'],
    [{ list: '{}' }, 'Input `list` must be a list, not "{}".'],
    [{ map: [] }, 'Input `map` must be a map, not [].'],
    [{ text: {} }, 'Input `text` must be text, not {}.'],
    [{ txet: 'a' }, 'The workflow has no input `txet`. Did you mean `text`?'],
    [{ number: 'x', flag: 'y' }, 'Input `number` must be a number, not "x". Input `flag` must be true or false, not "y".'],
  ])('%j is refused: %s', async (inputs, message) => {
    await expect(run(INPUTS, { inputs })).rejects.toMatchObject({ code: 'invalid_input', message });
  });

  test('a required input that is missing keeps the run from starting', async () => {
    const body = `inputs: [{ name: region, required: true, description: where }]\nsteps:\n${probe('s')}`;
    await expect(run(body)).rejects.toMatchObject({ code: 'invalid_input', message: 'Input `region` is required (where).' });
  });

  test('only variables that the workflow lists are read', async () => {
    const body = `env: [REGION, constructor]\nsteps:\n${probe('s', '', { output: '{{ env }}' })}`;
    const { report } = await run(body, { environment: { REGION: 'eu', OTHER: 'x' } });
    expect(report.steps.s?.results).toEqual({ REGION: 'eu' });
  });

  test.each(['alert', 'event', 'incident'])('a workflow that reads %s does not start without it', async (root) => {
    await expect(run(`steps:\n${probe('s', '', { output: `{{ ${root}.x }}` })}`)).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });
});
