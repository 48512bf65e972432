import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import { type Options, probe, type Ran, run } from '../../test/engine/support.ts';
import { lineOf, mistakes } from '../../test/language/support.ts';

/** A workflow to be called: JSON is YAML. */
const child = (body: string) => `workflow:\n  id: child\n${body.replace(/^(?=.)/gm, '  ')}\n`;
const call = (name: string, given = '', more = '') =>
  `- { name: ${name}, ${more ? `${more}, ` : ''}provider: { type: workflow, with: { file: child.yml${given ? `, ${given}` : ''} } } }`;

const calling = (steps: string, body: string, options: Options = {}): Promise<Ran> =>
  run(`steps:\n${steps}`, { ...options, files: { 'child.yml': child(body), ...options.files } });

const ECHO = `inputs: [{ name: n, type: number, default: 7 }, { name: who, required: true }]
steps:
${probe('say', '', { output: '{{ inputs.who }} {{ inputs.n }}' })}
outputs: { said: "{{ steps.say.results }}", n: "{{ inputs.n }}" }`;

describe('a workflow that is called', () => {
  test('gets its inputs with their types and defaults, and its outputs are the results', async () => {
    const { report } = await calling(
      `${probe('a', '', { output: 'me' })}
${call('b', 'inputs: { who: "{{ steps.a.results }}", n: "2.5" }')}
${call('c', 'inputs: { who: you }')}`,
      ECHO,
    );
    expect(report.steps.b?.results).toEqual({ said: 'me 2.5', n: 2.5 });
    expect(report.steps.c?.results).toEqual({ said: 'you 7', n: 7 });
  });

  test('an input that is written out and of the wrong type is found before anything runs', async () => {
    const found = calling(call('b', 'inputs: { who: x, n: many }'), ECHO);
    await expect(found).rejects.toThrow('input `n` of workflow `child` must be a number');
  });

  test('an input of the wrong type fails the step that calls', async () => {
    const steps = `- { name: a, provider: { type: mock, with: { output: many } } }\n${call('b', 'inputs: { who: x, n: "{{ steps.a.results }}" }')}`;
    const { report } = await calling(steps, ECHO);
    expect(report.steps.b?.error).toMatchObject({ code: 'invalid_input', message: 'Input `n` must be a number, not "many".' });
  });

  test('its steps are seen as steps within the one that calls', async () => {
    const { report, events, calls } = await calling(
      call('b', 'inputs: { who: "{{ foreach.value }}" }', 'foreach: [x, y]'),
      ECHO,
      {
        runId: 'r',
      },
    );
    expect(Object.keys(report.steps)).toEqual(['b', 'b[0]/say', 'b[1]/say']);
    expect(calls.map(({ key }) => key)).toEqual(['r/b[0]/say', 'r/b[1]/say']);
    expect(events.filter(({ type }) => type === 'run-started' || type === 'run-ended')).toHaveLength(2);
  });

  test('sees the alert of its caller, another one, or none', async () => {
    const body = `steps:\n${probe('s', 'if: "has(alert.x)"', { output: '{{ alert.x }}' })}\noutputs: { x: "{{ steps.s.results }}" }`;
    const steps = `${call('own')}\n${call('other', 'alert: { x: 2 }')}\n${call('none', 'alert: null', 'continue-on-error: true')}`;
    const { report } = await calling(steps, body, { alert: { x: 1 } });
    expect(report.steps.own?.results).toEqual({ x: 1 });
    expect(report.steps.other?.results).toEqual({ x: 2 });
    expect(report.steps.none?.error).toMatchObject({ code: 'invalid_input' });
  });

  test('does not see the steps, inputs, constants and variables of its caller', async () => {
    const found = await mistakes(
      `workflow:\n  id: t\n  consts: { k: 1 }\n  inputs: [{ name: i }]\n  steps:\n    - { name: a, provider: { type: mock, with: {} } }\n    - { name: b, provider: { type: workflow, with: { file: c.yml } } }\n`,
      {
        'c.yml': child(
          `steps:\n- { name: x, provider: { type: mock, with: { a: "{{ steps.a.results }} {{ consts.k }} {{ inputs.i }}" } } }`,
        ),
      },
    );
    expect(found.map(({ code }) => code)).toEqual(['unknown-step', 'unknown-name', 'unknown-name']);
    expect(found.every(({ place }) => place.file.endsWith('c.yml'))).toBe(true);
  });

  test('that fails fails the step, with its own error, what it had, and its id', async () => {
    const { report } = await calling(
      call('b'),
      `steps:\n${probe('one', '', { output: 1 })}\n${probe('two', '', { step: 'two' })}\noutputs: { one: "{{ steps.one.results }}", two: "{{ steps.two.results }}" }`,
      {
        runId: 'r',
        probe({ step, output }) {
          if (step) throw new ThreadlineError('rate_limit', 'slow down', { details: { retry_after_ms: 1 } });
          return output;
        },
      },
    );
    expect(report.error).toMatchObject({
      code: 'rate_limit',
      message: 'Step `b` failed: Workflow `child` failed: Step `two` failed: slow down',
      details: { retry_after_ms: 1, run_id: 'r/b', outputs: { one: 1 } },
    });
    expect(report.steps['b/one']?.results).toBe(1);
  });

  test('is a run of its own in each try: nothing of the first is taken for done', async () => {
    let tries = 0;
    const { calls, report } = await calling(
      call('b', '', 'retry: { attempts: 2, delay: 0 }'),
      `steps:\n${probe('one')}\n${probe('two')}`,
      {
        runId: 'r',
        probe({ step }) {
          if (step === 'two' && tries++ === 0) throw new ThreadlineError('server_error', 'again');
          return step;
        },
      },
    );
    expect(calls.map(({ key }) => key)).toEqual(['r/b/one', 'r/b/two', 'r/b.try-2/one', 'r/b.try-2/two']);
    expect(Object.keys(report.steps)).toEqual(['b', 'b/one', 'b/two']);
  });

  test('counts what it uses once, however deep it stands', async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost_usd: 0.5 };
    const { report } = await calling(
      `${call('b')}\n${probe('c')}`,
      `steps:\n- { name: d, provider: { type: workflow, with: { file: deep.yml } } }\n${probe('e')}`,
      {
        files: { 'deep.yml': child(`steps:\n${probe('f')}`) },
        probe(_, { emit }) {
          emit({ type: 'usage', usage });
          return null;
        },
      },
    );
    expect(report.usage).toEqual({ prompt_tokens: 3, completion_tokens: 6, total_tokens: 9, cost_usd: 1.5 });
    expect(Object.keys(report.steps)).toEqual(['b', 'b/d', 'b/d/f', 'b/e', 'c']);
  });

  test('hands a secret on unharmed, and neither report shows it', async () => {
    const seen: unknown[] = [];
    const { report, events } = await calling(
      `${call('b')}\n${probe('c', '', { step: 'c', token: '{{ steps.b.results.token }}' })}`,
      `steps:\n${probe('login', '', { output: '{{ secrets.TOKEN }}' })}\noutputs: { token: "{{ steps.login.results }}" }`,
      {
        environment: { TOKEN: 'tok-123456' },
        probe(params) {
          if (params.step === 'c') seen.push(params.token);
          return params.output ?? params.token ?? null;
        },
      },
    );
    expect(seen).toEqual(['tok-123456']);
    expect(JSON.stringify([report, events])).not.toContain('tok-123456');
    expect(report.steps.c?.results).toBe('***');
  });

  test('is stopped with its caller: a timeout of the step reaches its steps, and its finally runs', async () => {
    const { calls, report } = await calling(
      call('b', '', 'timeout: 0.02'),
      `steps:\n${probe('slow')}\n${probe('never')}\nfinally:\n${probe('clean')}`,
      {
        probe: ({ step }, { signal }) =>
          step === 'slow' ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))) : null,
      },
    );
    expect(calls.map(({ step }) => step)).toEqual(['slow', 'clean']);
    expect(report.steps.b?.error).toMatchObject({ code: 'timeout' });
    expect(report.steps['b/slow']?.error).toMatchObject({ code: 'timeout' });
  });

  test('may call itself, until an `if` ends it', async () => {
    const body = `inputs: [{ name: n, type: number, default: 3 }]
steps:
- { name: next, if: "inputs.n > 0", provider: { type: workflow, with: { file: child.yml, inputs: { n: "{{ inputs.n - 1 }}" } } } }
outputs: { depth: "{{ steps.next.results }}" }`;
    const { report } = await calling(call('b'), body);
    expect(report.steps.b?.results).toEqual({ depth: { depth: { depth: { depth: null } } } });
  });

  test('may not call itself without end', async () => {
    const { report, events } = await calling(call('b'), `steps:\n${call('again')}`);
    expect(report.error).toMatchObject({ code: 'recursion_limit', hint: 'Is there an `if` that ends the recursion?' });
    expect(report.error?.message).toMatch(/Workflows may call each other 10 levels deep: `child` would be one more\.$/);
    expect(events.filter(({ type }) => type === 'step-started')).toHaveLength(11);
  });
});

const CALL = (given: string) =>
  `workflow:\n  id: t\n  steps:\n    - name: b\n      provider:\n        type: workflow\n        with:\n${given.replace(/^/gm, '          ')}\n`;
const INPUTS = child(
  `inputs: [{ name: region, required: true }, { name: n, type: number }]\nsteps:\n- { name: x, provider: { type: mock, with: {} } }`,
);
const BROKEN = child('steps:\n- { name: x, provider: { type: moc } }');

describe('before a run', () => {
  test.each<[title: string, given: string, files: Record<string, string>, said: string[]]>([
    [
      'an input that it does not have',
      'file: c.yml\ninputs: { region: eu, m: 1 }',
      { 'c.yml': INPUTS },
      ['9:33 invalid-value workflow `child` has no input `m` | It has: region, n.'],
    ],
    [
      'an input that is missing',
      'file: c.yml\ninputs: { n: 1 }',
      { 'c.yml': INPUTS },
      ['9:19 invalid-value workflow `child` needs the input `region`'],
    ],
    ['an input that is missing, with no inputs', 'file: c.yml', { 'c.yml': INPUTS }, ['invalid-value']],
    [
      'inputs of a workflow without any',
      'file: c.yml\ninputs: { a: 1 }',
      { 'c.yml': child('steps:\n- { name: x, provider: { type: mock } }') },
      ['It has no inputs.'],
    ],
    [
      'its own mistakes, where they stand',
      'file: c.yml',
      { 'c.yml': BROKEN },
      ['4:34 unknown-provider there is no provider `moc` | Did you mean `mock`?'],
    ],
    ['a file that is not there', 'file: nope.yml', {}, ['8:17 missing-file there is no file nope.yml']],
    [
      'a file outside of the folder',
      'file: ../../../../../../etc/hosts',
      {},
      ['8:17 missing-file ../../../../../../etc/hosts is not a file inside the working folder'],
    ],
    ['a folder', 'file: sub', { 'sub/x.yml': '' }, ['8:17 missing-file sub is not a file inside the working folder']],
    [
      'a file that data would choose',
      'file: "{{ alert.file }}.yml"',
      {},
      [
        '8:17 untrusted-target which workflow is called must be written out | Choose between written calls with `if` or `switch`.',
      ],
    ],
    [
      'a file with two workflows',
      'file: c.yml',
      {
        'c.yml':
          'workflows:\n  - { id: a, steps: [{ name: x, provider: { type: mock } }] }\n  - { id: b, steps: [{ name: x, provider: { type: mock } }] }\n',
      },
      ['8:17 invalid-file c.yml holds more than one workflow | Put the one that is called into a file of its own.'],
    ],
    [
      'a parameter that is mistyped',
      'file: c.yml\ninput: { region: eu }',
      { 'c.yml': INPUTS },
      ['9:11 unknown-key unknown key `input` | Did you mean `inputs`?'],
    ],
  ])('%s is said', async (_, given, files, said) => {
    const found = await mistakes(CALL(given), files);
    expect(found).toHaveLength(said.length);
    found.forEach((one, index) => {
      expect(lineOf(one)).toContain(said[index] ?? '');
    });
  });

  test('mistakes deep down are said once, with the file that has them', async () => {
    const through = child('steps:\n- { name: y, provider: { type: workflow, with: { file: c.yml } } }');
    const text = `workflow:\n  id: t\n  steps:\n    - { name: a, provider: { type: workflow, with: { file: d.yml } } }\n    - { name: b, provider: { type: workflow, with: { file: c.yml } } }\n`;
    const found = await mistakes(text, { 'c.yml': BROKEN, 'd.yml': through });
    expect(found.map(({ place }) => place.file.split('/').at(-1))).toEqual(['c.yml']);
  });

  test('workflows that call each other are read once, and are no mistake', async () => {
    const text = `workflow:\n  id: t\n  steps:\n    - { name: a, provider: { type: workflow, with: { file: d.yml } } }\n`;
    const back = child('steps:\n- { name: y, if: false, provider: { type: workflow, with: { file: workflow.yml } } }');
    expect(await mistakes(text, { 'd.yml': back })).toEqual([]);
  });
});
