import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import { type Probe, probe, run, signpost, statuses } from './support.ts';

/** Fails this many times, then gives its number. */
function failingAtFirst(times: number, code: 'server_error' | 'bad_request' = 'server_error'): Probe {
  let tries = 0;
  return () => {
    if (++tries <= times) throw new ThreadlineError(code, `try ${tries}`);
    return tries;
  };
}

describe('retry', () => {
  test('tries again, with the same key, and says so (F18)', async () => {
    const ran = await run(`steps:\n${probe('s', 'retry: { attempts: 3, delay: 1ms }')}`, {
      probe: failingAtFirst(2),
      runId: 'run_7',
    });
    expect(ran.report.steps.s).toMatchObject({ status: 'succeeded', results: 3, attempts: 3 });
    expect(ran.calls.map((call) => call.key)).toEqual(['run_7/s', 'run_7/s', 'run_7/s']);
    const failed = ran.events.filter((event) => event.type === 'attempt-failed');
    expect(failed).toMatchObject([
      { step: 's', attempt: 1, error: { code: 'server_error', message: 'try 1' } },
      { step: 's', attempt: 2, error: { message: 'try 2' } },
    ]);
  });

  test.each([
    ['a number of tries', 'retry: 1', 5, 1],
    ['the last failure counts', 'retry: { attempts: 2, delay: 0 }', 5, 2],
    ["Keep's form counts the tries after the first", 'on-failure: { retry: { count: 2, interval: 0 } }', 5, 3],
  ])('%s', async (_, keyword, times, calls) => {
    const ran = await run(`steps:\n${probe('s', keyword)}`, { probe: failingAtFirst(times) });
    expect(ran.calls).toHaveLength(calls);
    expect(ran.report.steps.s).toMatchObject({ status: 'failed', attempts: calls, error: { message: `try ${calls}` } });
  });

  test('does not repeat what cannot pass, except when it is told to', async () => {
    const once = await run(`steps:\n${probe('s', 'retry: { attempts: 3, delay: 0 }')}`, {
      probe: failingAtFirst(1, 'bad_request'),
    });
    expect(once.calls).toHaveLength(1);
    const named = await run(`steps:\n${probe('s', 'retry: { attempts: 3, delay: 0, on: [bad_request] }')}`, {
      probe: failingAtFirst(1, 'bad_request'),
    });
    expect(named.calls).toHaveLength(2);
    const keep = await run(`steps:\n${probe('s', 'on-failure: { retry: { count: 1 } }')}`, {
      probe: failingAtFirst(1, 'bad_request'),
    });
    expect(keep.calls).toHaveLength(2);
  });

  test('a cancelled run does not wait for the next try', async () => {
    const controller = new AbortController();
    const ran = await run(`steps:\n${probe('s', 'retry: { attempts: 3, delay: 1h, max_delay: 1h }')}`, {
      signal: controller.signal,
      probe: () => {
        setImmediate(() => controller.abort(new ThreadlineError('cancelled', 'The run was cancelled.')));
        throw new ThreadlineError('server_error', 'once');
      },
    });
    expect(ran.calls).toHaveLength(1);
    expect(ran.report.run.status).toBe('cancelled');
  });
});

describe('time limits', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const untilAborted: Probe = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped as asked')), { once: true });
    });

  /** Lets time pass in steps, until the work has ended. */
  async function passing<Result>(work: Promise<Result>, stepMs: number): Promise<Result> {
    let ended = false;
    const done = () => {
      ended = true;
    };
    work.then(done, done);
    while (!ended) {
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      await jest.advanceTimersByTimeAsync(stepMs);
    }
    return work;
  }

  test("a step's timeout reaches the provider as an abort, and is the error (T16)", async () => {
    const ran = await passing(run(`steps:\n${probe('s', 'timeout: 2m')}`, { probe: untilAborted }), 120_000);
    expect(ran.report.steps.s?.error).toEqual({
      code: 'timeout',
      message: 'The step took longer than its timeout of 2m.',
      hint: 'Raise `timeout`, or add `retry`.',
    });
    expect(ran.report.run.status).toBe('failed');
  });

  test('each try and each item has the time for itself', async () => {
    const tried = await passing(
      run(`steps:\n${probe('s', 'timeout: 1s, retry: { attempts: 2, delay: 0 }')}`, { probe: untilAborted }),
      1000,
    );
    expect(tried.calls).toHaveLength(2);
    const items = await passing(
      run(`steps:\n${probe('s', 'timeout: 1s, foreach: [1, 2], on-error: continue')}`, { probe: untilAborted }),
      1000,
    );
    expect(items.report.steps.s?.items?.map((item) => item.error?.code)).toEqual(['timeout', 'timeout']);
  });

  test('what the provider knew of the call stays on the error (T18)', async () => {
    const ran = await passing(
      run(`steps:\n${probe('s', 'timeout: 1s')}`, {
        probe: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () =>
              reject(new ThreadlineError('run_failed', 'x', { details: { thread_id: 'conv_1' } })),
            );
          }),
      }),
      1000,
    );
    expect(ran.report.steps.s?.error).toMatchObject({ code: 'timeout', details: { thread_id: 'conv_1' } });
  });

  test('a provider that does not listen is left alone after a while, and no longer heard', async () => {
    const late = signpost();
    let speak = () => {};
    const ran = await passing(
      run(`steps:\n${probe('s', 'timeout: 1s, continue-on-error: true')}\n${probe('next', '', { step: 'next' })}`, {
        probe: ({ step }, { emit }) => {
          if (step === 'next') return 'next';
          speak = () => emit({ type: 'log', level: 'error', message: 'too late' });
          return late.reached;
        },
      }),
      1000,
    );
    expect(statuses(ran)).toEqual({ s: 'failed', next: 'succeeded' });
    const said = ran.events.length;
    speak();
    expect(ran.events).toHaveLength(said);
  });

  test("the run's timeout ends all steps, and on-failure runs", async () => {
    const ran = await passing(
      run(
        `timeout: 10s\nsteps:\n${probe('a')}\n${probe('b')}\non-failure: { provider: { type: probe, with: { step: handler } } }`,
        {
          probe: (params, context) => (params.step === 'handler' ? 'told' : untilAborted(params, context)),
        },
      ),
      10_000,
    );
    expect(ran.report.run.status).toBe('failed');
    expect(ran.report.error).toMatchObject({
      code: 'timeout',
      message: 'The run took longer than the `timeout` of its workflow.',
    });
    expect(ran.report.steps['on-failure']?.results).toBe('told');
    expect(ran.calls.map((call) => call.params.step)).toEqual(['a', 'handler']);
  });

  test.each(['timeout: 5w', 'timeout: 9999999'])('%s is long, not over at once', async (limit) => {
    const step = await passing(
      run(`steps:\n${probe('s', limit)}`, { probe: async () => new Promise((resolve) => setTimeout(resolve, 60_000, 'done')) }),
      60_000,
    );
    expect(step.report.steps.s?.results).toBe('done');
    const whole = await passing(
      run(`${limit}\nsteps:\n${probe('s')}`, {
        probe: async () => new Promise((resolve) => setTimeout(resolve, 60_000, 'done')),
      }),
      60_000,
    );
    expect(whole.report.run.status).toBe('succeeded');
  });
});

describe('a cancelled run', () => {
  test('stops what is under way, starts nothing more, and on-failure still runs', async () => {
    const controller = new AbortController();
    const ran = await run(
      `steps:\n${probe('a')}\n${probe('b')}\non-failure: { provider: { type: probe, with: { step: "{{ run.status }}" } } }`,
      {
        signal: controller.signal,
        probe: ({ step }, { signal }) => {
          if (step !== 'a') return step;
          setImmediate(() => controller.abort(new ThreadlineError('cancelled', 'The run was cancelled.')));
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          });
        },
      },
    );
    expect(ran.report.run.status).toBe('cancelled');
    expect(ran.report.error).toEqual({ code: 'cancelled', message: 'The run was cancelled.', hint: null });
    expect(ran.report.steps.a).toMatchObject({ status: 'failed', error: { code: 'cancelled' } });
    expect(ran.report.steps['on-failure']?.results).toBe('cancelled');
  });

  test('before it began runs no step', async () => {
    const ran = await run(`steps:\n${probe('a')}`, { signal: AbortSignal.abort(new ThreadlineError('cancelled', 'no')) });
    expect(ran.calls).toEqual([]);
    expect(ran.report.run.status).toBe('cancelled');
  });
});
