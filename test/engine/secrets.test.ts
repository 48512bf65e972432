import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import { probe, run } from './support.ts';

const TOKEN = 'tok/en "with" ümlaut+1';

describe('secrets (A15)', () => {
  const body = `steps:\n${probe('s', 'continue-on-error: true', { output: '{{ secrets.TOKEN }}', url: 'https://x.y/?t={{ secrets.TOKEN }}' })}\n${probe('fails')}\noutputs: { leaked: "{{ steps.s.results }}" }`;

  test('reach the provider, and nothing that leaves the run', async () => {
    const ran = await run(body, {
      environment: { TOKEN },
      probe: (params, { emit, step }) => {
        const text = `${params.output}`;
        emit({ type: 'log', level: 'info', message: `log ${text}`, details: { [text]: encodeURIComponent(text) } });
        emit({ type: 'text-delta', text: `delta ${text}` });
        if (step.name === 'fails')
          throw new ThreadlineError('bad_request', `refused ${TOKEN}`, {
            hint: TOKEN,
            details: { body: JSON.stringify({ TOKEN }) },
          });
        return { text, encoded: encodeURIComponent(text), json: JSON.stringify({ text }) };
      },
    });
    expect(ran.calls[0]?.params.output).toBe(TOKEN);
    expect(ran.report.steps.fails?.error).toEqual({
      code: 'bad_request',
      message: 'refused ***',
      hint: '***',
      details: { body: '{"TOKEN":"***"}' },
    });
    expect(ran.report.steps.s?.results).toEqual({ text: '***', encoded: '***', json: '{"text":"***"}' });
    const everything = JSON.stringify([ran.events, ran.report]);
    for (const part of ['tok/en', 'tok%2Fen', 'ümlaut']) expect(everything).not.toContain(part);
  });

  test('that are not set keep the run from starting: all are named', async () => {
    const reads = `steps:\n${probe('s', '', { a: '{{ secrets.TOKEN }}', b: '{{ secrets.OTHER }}', c: '{{ secrets.constructor }}' })}`;
    await expect(run(reads)).rejects.toMatchObject({
      code: 'missing_credentials',
      message: 'Secrets are not set: `TOKEN`, `OTHER`, `constructor`.',
    });
    await expect(run(reads, { environment: { TOKEN, OTHER: TOKEN } })).rejects.toMatchObject({
      message: 'A secret is not set: `constructor`.',
    });
  });

  test('of a provider configuration are masked too, wherever they come from', async () => {
    const step = (config: string) =>
      `${config}steps:\n- { name: s, provider: { type: probe, config: "{{ providers.main }}", with: {} } }`;
    const says = { probe: (_: unknown, { config }: { config: unknown }) => config };
    const sources = [
      { providersFile: { main: { authentication: { token: 'from-a-file' } } } },
      { environment: { THREADLINE_PROVIDER_MAIN: '{"token":"from-a-variable"}' } },
      { environment: { KEEP_PROVIDER_MAIN: '{"authentication":{"token":"from-keeps-variable"}}' } },
    ];
    for (const source of sources)
      expect((await run(step(''), { ...says, ...source })).report.steps.s?.results).toEqual({ token: '***' });
    const inFile = await run(step('env: [T]\nproviders: { main: { type: probe, authentication: { token: "{{ env.T }}" } } }\n'), {
      ...says,
      environment: { T: 'from-the-workflow' },
    });
    expect(inFile.report.steps.s?.results).toEqual({ token: '***' });
  });

  test('a configuration that cannot be computed stops the run before its first step', async () => {
    const calls: string[] = [];
    const starts = run(
      `env: [UNSET]\nproviders: { other: { authentication: { token: "{{ env.UNSET }}" } } }\nsteps:\n- { name: free, provider: { type: probe, with: {} } }\n- { name: bound, provider: { type: probe, config: other, with: {} } }`,
      { probe: (_, { step }) => calls.push(step.name) },
    );
    await expect(starts).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('`env.UNSET`') });
    expect(calls).toEqual([]);
  });

  test('a configuration that no step uses does not matter', async () => {
    const { report } = await run(
      `env: [UNSET]\nproviders: { other: { authentication: { token: "{{ env.UNSET }}" } } }\nsteps:\n- { name: free, provider: { type: probe, with: {} } }`,
    );
    expect(report.steps.free?.status).toBe('succeeded');
  });

  test('a configuration that does not exist is named, with the nearest that does', async () => {
    const starts = run(
      'providers: { main: { authentication: {} } }\nsteps:\n- { name: s, provider: { type: probe, config: "{{ providers.mian }}", with: {} } }',
    );
    await expect(starts).rejects.toMatchObject({ code: 'missing_credentials', hint: 'Did you mean `main`?' });
  });
});

describe('events', () => {
  test('tell the whole run, in order, and end with its end', async () => {
    const { events, report } = await run(
      `steps:\n${probe('a')}\n${probe('skipped', 'if: false')}\n${probe('list', 'foreach: [1, 2]')}\noutputs: { x: "{{ steps.a.status }}" }`,
      {
        runId: 'run_9',
        probe: (_, { emit, step }) => {
          if (step.name === 'a')
            emit({ type: 'usage', usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, cost_usd: null } });
          if (step.name === 'list') emit({ type: 'progress', message: 'at it' });
          return step.name;
        },
      },
    );
    const told = events.map((event) => [event.type, 'step' in event ? event.step : '', 'item' in event ? event.item : '']);
    expect(told).toEqual([
      ['run-started', '', ''],
      ['step-started', 'a', ''],
      ['usage', 'a', ''],
      ['step-ended', 'a', ''],
      ['step-started', 'skipped', ''],
      ['step-ended', 'skipped', ''],
      ['step-started', 'list', ''],
      ['progress', 'list', 0],
      ['item-ended', 'list', 0],
      ['progress', 'list', 1],
      ['item-ended', 'list', 1],
      ['step-ended', 'list', ''],
      ['run-ended', '', ''],
    ]);
    expect(events.every((event) => !Number.isNaN(Date.parse(event.at)))).toBe(true);
    expect(events[0]).toMatchObject({ run_id: 'run_9', steps: ['a', 'skipped', 'list'], offline: false });
    expect(events.at(-1)).toMatchObject({ run_id: 'run_9', status: 'succeeded', outputs: { x: 'succeeded' }, error: null });
    expect(report.usage).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7, cost_usd: null });
    expect(report.run).toMatchObject({ id: 'run_9', workflow: 'test', status: 'succeeded', offline: false });
  });
});

describe("what a library's caller hands over", () => {
  test('loses its prototype keys', async () => {
    const alert = JSON.parse('{"name":"a","__proto__":{"polluted":1},"deep":[{"constructor":{"x":1},"ok":1}]}');
    const { report } = await run(`steps:\n${probe('s', '', { output: '{{ alert }}' })}`, { alert });
    expect(report.steps.s?.results).toEqual({ name: 'a', deep: [{ ok: 1 }] });
    expect(Object.keys(report.steps.s?.results as object)).toEqual(['name', 'deep']);
  });

  test('a plan runs any number of times, at the same time too', async () => {
    const runs = await Promise.all(
      [1, 2, 3].map((n) => run(`steps:\n${probe('s', 'retry: 2', { output: '{{ alert.n }}' })}`, { alert: { n } })),
    );
    expect(runs.map((one) => one.report.steps.s?.results)).toEqual([1, 2, 3]);
  });
});
