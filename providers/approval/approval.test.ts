import { describe, expect, test } from '@jest/globals';
import type { Stubs } from '../../src/index.ts';
import type { Json } from '../../src/shared/json/json.ts';
import { run } from '../../test/engine/support.ts';

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
