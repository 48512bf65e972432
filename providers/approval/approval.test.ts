import { describe, expect, test } from '@jest/globals';
import type { Stubs } from '../../src/index.ts';
import type { Json } from '../../src/shared/json/json.ts';
import { load, probe, run, statuses } from '../../test/engine/support.ts';

const step = (given: string) => `steps:\n- { name: ask, provider: { type: approval, with: { message: "Sure?", ${given} } } }`;
const asked = async (given: string, stubs?: Stubs) => (await run(step(given), stubs ? { stubs } : {})).report.steps.ask;
const answered = (given: string, results: Json) => asked(given, { questions: { results } });

describe('an answer', () => {
  test('approves when it plainly says so', async () => {
    const yes = { approved: true, by: 'ada', comment: 'go', at: '2026-12-01T08:00:00.000Z' };
    expect((await answered('', yes))?.results).toEqual(yes);
  });

  test.each<[Json]>([[null], ['yes'], [true], [{}], [{ approved: 'true' }], [{ approved: 1 }], [[{ approved: true }]]])(
    'is a no when it does not: %j',
    async (results) => {
      expect((await answered('', results))?.error).toMatchObject({ code: 'rejected', message: 'It was rejected.' });
    },
  );

  test('counts only from somebody who may answer', async () => {
    const given = 'approvers: [ada]';
    expect((await answered(given, { approved: true, by: 'ada' }))?.status).toBe('succeeded');
    expect((await answered(given, { approved: true, by: 'mallory' }))?.error?.message).toBe(
      'mallory rejected it: mallory is not among the approvers.',
    );
    expect((await answered(given, { approved: true }))?.status).toBe('failed');
  });

  test('that is a no is not asked for again, unless the workflow says so', async () => {
    const questions = [{ results: { approved: false } }, { results: { approved: true, by: 'ada' } }];
    const withRetry = (retry: string) =>
      run(step('').replace('name: ask,', `name: ask, retry: ${retry},`), { stubs: { questions } });
    expect((await withRetry('{ attempts: 2, delay: 0 }')).report.steps.ask?.attempts).toBe(1);
    expect((await withRetry('{ attempts: 2, delay: 0, on: [rejected] }')).report.steps.ask?.results).toMatchObject({ by: 'ada' });
  });
});

describe('no answer in time', () => {
  test('fails by default', async () => {
    expect((await asked('timeout: 50ms'))?.error).toMatchObject({ code: 'timeout', message: 'Nobody answered in time.' });
  });

  test('may be a no, which fails or goes on', async () => {
    const error = { code: 'rejected', message: 'It was rejected: nobody answered in time.' };
    expect((await asked('timeout: 50ms, on_timeout: reject'))?.error).toMatchObject(error);
    const ended = await asked('timeout: 50ms, on_timeout: reject, on_reject: continue');
    expect(ended?.results).toMatchObject({ approved: false, by: null });
  });

  test('may be a yes', async () => {
    expect((await asked('timeout: 50ms, on_timeout: approve'))?.results).toMatchObject({ approved: true, by: null });
  });
});

describe('what comes after it', () => {
  const ask = (more = '', given = '') =>
    `- { name: ask, ${more} provider: { type: approval, with: { message: "Sure?", ${given} } } }`;
  const no = { questions: { results: { approved: false, by: 'ada' } } };
  const yes = { questions: { results: { approved: true, by: 'ada' } } };
  const statusesAfter = async (body: string, stubs: Stubs) => statuses(await run(body, { stubs }));

  test('does not start without a yes, among actions as among steps', async () => {
    const actions = `actions:\n${ask()}\n${probe('restart')}`;
    expect(await statusesAfter(actions, no)).toEqual({ ask: 'failed', restart: 'skipped' });
    expect(await statusesAfter(actions, yes)).toEqual({ ask: 'succeeded', restart: 'succeeded' });
    expect(await statusesAfter(`steps:\n${ask()}\n${probe('restart')}`, no)).toEqual({ ask: 'failed', restart: 'skipped' });
  });

  test('does not start when nobody answers in time', async () => {
    const ran = await run(`actions:\n${ask('', 'timeout: 50ms')}\n${probe('restart')}`);
    expect(statuses(ran)).toEqual({ ask: 'failed', restart: 'skipped' });
    expect(ran.events).toContainEqual(expect.objectContaining({ step: 'restart', reason: '`ask` did not succeed' }));
  });

  test('does not start when the question stands within a group, a choice or a loop', async () => {
    const nested = [
      `- { name: all, steps: [{ name: ask, provider: { type: approval, with: { message: Sure? } } }] }`,
      `- { name: all, switch: a, cases: { a: [{ name: ask, provider: { type: approval, with: { message: Sure? } } }] } }`,
      `- { name: all, foreach: [a, b], provider: { type: approval, with: { message: Sure? } } }`,
    ];
    for (const group of nested)
      expect(await statusesAfter(`actions:\n${group}\n${probe('restart')}`, no)).toMatchObject({
        all: 'failed',
        restart: 'skipped',
      });
  });

  test('starts where the workflow says that a no is no failure, or that a failure does not matter', async () => {
    for (const one of [ask('', 'on_reject: continue'), ask('continue-on-error: true,')])
      expect(await statusesAfter(`actions:\n${one}\n${probe('restart')}`, no)).toMatchObject({ restart: 'succeeded' });
  });

  const warnings = async (body: string) =>
    (await load(`workflow:\n  id: test\n${body.replace(/^/gm, '  ')}`)).diagnostics
      .filter(({ severity }) => severity === 'warning')
      .map(({ message }) => message);

  test('waits for it, or validate warns: a question that holds nothing back', async () => {
    const triage = `steps:\n${probe('triage')}\n${ask()}`;
    const idle = ['`ask` holds nothing back: no later step waits for it'];
    expect(await warnings(`${triage}\n${probe('restart', 'needs: [triage]')}`)).toEqual(idle);
    expect(await warnings(`${triage}\nactions:\n${probe('restart', 'needs: []')}`)).toEqual(idle);
    expect(await warnings(`${triage}\n${probe('restart', 'needs: [ask]')}`)).toEqual([]);
    const chain = `${probe('first', 'needs: [ask]')}\n${probe('restart', 'needs: [first]')}`;
    expect(await warnings(`${triage}\n${probe('look', 'needs: [triage]')}\n${chain}`)).toEqual([]);
    expect(await warnings(triage)).toEqual([]);
  });

  test('reads it, or validate warns, where a no does not fail the step', async () => {
    const unread = ['`ask` holds nothing back: what comes after it starts in any case, and nobody reads its results'];
    for (const one of [ask('', 'on_reject: continue'), ask('continue-on-error: true,')]) {
      expect(await warnings(`steps:\n${one}\n${probe('restart')}`)).toEqual(unread);
      expect(await warnings(`steps:\n${one}\n${probe('restart', 'if: steps.ask.results.approved')}`)).toEqual([]);
      expect(await warnings(`steps:\n${one}\n${probe('restart', "if: steps.ask.status == 'succeeded'")}`)).toEqual([]);
    }
  });
});

test('a list of approvers that is empty lets nobody answer', async () => {
  const inputs = 'inputs: [{ name: oncall, type: list }]';
  const ran = await run(
    `${inputs}\nactions:\n- { name: ask, provider: { type: approval, with: { message: Sure?, approvers: "{{ inputs.oncall }}" } } }\n${probe('restart')}`,
    {
      inputs: { oncall: [] },
      stubs: { questions: { results: { approved: true, by: 'mallory' } } },
    },
  );
  expect(statuses(ran)).toEqual({ ask: 'failed', restart: 'skipped' });
  expect(ran.report.steps.ask?.error).toMatchObject({ code: 'invalid_params', message: expect.stringContaining('approvers') });
});
