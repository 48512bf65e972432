import { afterAll, describe, expect, test } from '@jest/globals';
import type { Journal } from '../../src/journal/journal.ts';
import type { Json } from '../../src/shared/json/json.ts';

/** A run whose journal is opened several times, as by processes that die. */
export interface JournalCase {
  /**
   * Runs the body on the run's journal, from the beginning. Resolves with the body's result, or with `SUSPENDED` when only
   * waits are left of it. A body that throws `DEATH` is a process that dies there: nothing is left but what was stored.
   */
  enter(body: (journal: Journal) => Promise<Json>): Promise<Json | symbol>;
  send(name: string, data: Json): Promise<void>;
  close(): Promise<void>;
}

export const SUSPENDED = Symbol('suspended');
export const DEAD = Symbol('dead');
/** A body throws this where its process dies. */
export const DEATH = new Error('the process dies here');

const HOUR_MS = 3_600_000;

/** Obligations of every journal. `open` creates a run with a new journal. */
export function describeJournal(name: string, open: () => Promise<JournalCase>): void {
  describe(`the journal (${name})`, () => {
    const cases: JournalCase[] = [];
    const begin = async () => {
      const one = await open();
      cases.push(one);
      return one;
    };
    afterAll(async () => {
      for (const one of cases) await one.close();
    });
    const signal = new AbortController().signal;

    test('returns the result of the work', async () => {
      const run = await begin();
      expect(await run.enter((journal) => journal.run('a', async () => ({ results: [1, 'ä', null] })))).toEqual({
        results: [1, 'ä', null],
      });
    });

    test('does work once if its end is stored, and does work again that was in progress', async () => {
      const run = await begin();
      const done: string[] = [];
      const body = (dies: boolean) => async (journal: Journal) => {
        const first = await journal.run('first', async () => done.push('first'));
        await journal.run('second', async () => {
          done.push('second');
          if (dies) throw DEATH;
          return null;
        });
        return first;
      };
      expect(await run.enter(body(true))).toBe(DEAD);
      expect(await run.enter(body(false))).toBe(1);
      expect(done).toEqual(['first', 'second', 'second']);
    });

    test('tells parallel work apart by its paths, whatever ends first', async () => {
      const run = await begin();
      const done: string[] = [];
      const body = (dies: boolean) => async (journal: Journal) => {
        const branch = async (branchName: string, delayMs: number) => {
          const texts: Json[] = [];
          for (const step of ['1', '2', '3']) {
            texts.push(
              await journal.run(`${branchName}/${step}`, async () => {
                await new Promise((resolve) => setTimeout(resolve, dies ? delayMs : 12 - delayMs));
                if (dies && `${branchName}${step}` === 'slow2') {
                  // Once the ends of the others are stored: work whose end is not may be done again.
                  await quick;
                  throw DEATH;
                }
                done.push(`${branchName}${step}`);
                return `${branchName}${step}`;
              }),
            );
          }
          return texts;
        };
        const quick = Promise.all([branch('fast', 1), branch('faster', 0)]);
        const slow = await branch('slow', 10);
        return [slow, ...(await quick)].flat();
      };
      expect(await run.enter(body(true))).toBe(DEAD);
      expect(done).toContain('slow1');
      const names = ['slow', 'fast', 'faster'].flatMap((branch) => ['1', '2', '3'].map((step) => branch + step));
      expect(await run.enter(body(false))).toEqual(names);
      expect([...done].sort()).toEqual([...names].sort());
    });

    test('a sleep ends at its time even if the process dies meanwhile', async () => {
      const run = await begin();
      const startedAt = Date.now();
      const body = (dies: boolean) => async (journal: Journal) => {
        const slept = journal.sleep('nap', 400, signal);
        await journal.run('death', () => (dies ? Promise.reject(DEATH) : Promise.resolve(null)));
        await slept;
        return null;
      };
      expect(await run.enter(body(true))).toBe(DEAD);
      expect(await run.enter(body(false))).toBeNull();
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(399);
    });

    test('a signal is stored for a later wait, and answers again when the run resumes', async () => {
      const run = await begin();
      await run.send('go', { by: 'me' });
      const wait = (journal: Journal) => journal.waitForSignal('w', { name: 'go', untilMs: undefined, signal });
      const body = (dies: boolean) => async (journal: Journal) => {
        const sent = await wait(journal);
        await journal.run('death', () => (dies ? Promise.reject(DEATH) : Promise.resolve(null)));
        return sent ?? null;
      };
      expect(await run.enter(body(true))).toBe(DEAD);
      expect(await run.enter(body(false))).toEqual({ by: 'me' });
    });

    test('waits under one name take a signal each, and the same one when the run resumes', async () => {
      const run = await begin();
      for (const data of [1, 2]) await run.send('go', data);
      const wait = async (journal: Journal, path: string) =>
        (await journal.waitForSignal(path, { name: 'go', untilMs: journal.now() + 10_000, signal })) ?? 'nothing';
      const body = (dies: boolean) => async (journal: Journal) => {
        const first = await wait(journal, 'w1');
        await journal.run('death', () => (dies ? Promise.reject(DEATH) : Promise.resolve(null)));
        return [first, await wait(journal, 'w2')];
      };
      expect(await run.enter(body(true))).toBe(DEAD);
      expect(await run.enter(body(false))).toEqual([1, 2]);
    });

    test('waits within a call take a signal each, too, however often the call is made', async () => {
      const run = await begin();
      for (const data of [1, 2, 3]) await run.send('go', data);
      const body = (dies: boolean) => (journal: Journal) =>
        journal.run('ask', async () => {
          const { inner } = journal;
          const wait = async (path: string) =>
            (await inner.waitForSignal(path, { name: 'go', untilMs: inner.now() + 10_000, signal })) ?? 'nothing';
          const first = await wait('ask/w1');
          if (dies) throw DEATH;
          return [first, ...(await Promise.all([wait('ask/w2'), wait('ask/w3')])).sort()];
        });
      expect(await run.enter(body(true))).toBe(DEAD);
      expect(await run.enter(body(false))).toEqual([1, 2, 3]);
    });

    test('a run that only waits is suspended, and resumes after the signal', async () => {
      const run = await begin();
      const done: string[] = [];
      const body = async (journal: Journal) => {
        const [sent] = await Promise.all([
          journal.waitForSignal('w', { name: 'go', untilMs: journal.now() + HOUR_MS, signal }),
          journal.run('beside', async () => done.push('beside')),
        ]);
        await journal.run('after', async () => done.push('after'));
        return sent ?? 'nothing';
      };
      expect(await run.enter(body)).toBe(SUSPENDED);
      await run.send('go', 42);
      expect(await run.enter(body)).toBe(42);
      expect(done).toEqual(['beside', 'after']);
    });

    test('a wait whose time is over returns nothing', async () => {
      const run = await begin();
      const body = async (journal: Journal) =>
        (await journal.waitForSignal('w', { name: 'go', untilMs: journal.now() + 100, signal })) ?? 'nothing';
      expect(await run.enter(body)).toBe('nothing');
    });

    test('a repeated call finds what it recorded the first time', async () => {
      const run = await begin();
      const body = (dies: boolean) => (journal: Journal) =>
        journal.run('ask', async () => {
          const memory = journal.inner.memoryAt('ask');
          const known = (await memory.recall('id')) ?? 'new';
          await memory.record('id', 'resp_1');
          const tool = await journal.inner.run('ask/tool-1', async () => `tool of ${String(known)}`);
          if (dies) throw DEATH;
          return [known, tool];
        });
      expect(await run.enter(body(true))).toBe(DEAD);
      expect(await run.enter(body(false))).toEqual(['resp_1', 'tool of new']);
    });

    test('a called workflow has paths of its own', async () => {
      const run = await begin();
      const body = async (journal: Journal) => [
        await journal.run('a', async () => 'outer'),
        await journal.within('call').run('a', async () => 'inner'),
        await journal.run('b', async () => 'last'),
      ];
      expect(await run.enter(body)).toEqual(['outer', 'inner', 'last']);
      expect(await run.enter(body)).toEqual(['outer', 'inner', 'last']);
    });
  });
}
