import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Holder, LeaseTable } from '../../src/locks/lease-table.ts';

const holder = (runId: string, attempt: string): Holder => ({ runId, token: `${attempt} of ${runId}` });

/** Obligations of every table of leases. */
export function describeLeases(name: string, open: () => LeaseTable): void {
  describe(`a key in a table of leases (${name})`, () => {
    let table: LeaseTable;
    beforeAll(() => {
      table = open();
    });
    afterAll(() => table.close());

    /** A key with holders of its own, whose leases last 100 ms. */
    const newKey = (key: string = crypto.randomUUID(), attempt = crypto.randomUUID()) => ({
      take: async (runId: string, nowMs: number, places?: number) =>
        table.take(key, holder(runId, attempt), nowMs, nowMs + 100, places),
      enqueue: async (runId: string, untilMs = 1000) => table.enqueue(key, holder(runId, attempt), untilMs),
      renew: async (runId: string, untilMs: number) => table.renew(key, holder(runId, attempt), untilMs),
      askToEnd: async (runId: string) => table.askToEnd(key, holder(runId, attempt)),
      release: async (runId: string) => table.release(key, holder(runId, attempt)),
    });

    test('has one holder, and names it', async () => {
      const { take, release } = newKey();
      expect(await take('a', 0)).toEqual({ taken: true });
      expect(await take('b', 50)).toEqual({ taken: false, by: 'a' });
      expect(await newKey().take('b', 50)).toEqual({ taken: true });
      await release('a');
      expect(await take('b', 60)).toEqual({ taken: true });
    });

    test('is free when its holder has not renewed it in time, and the late holder learns it', async () => {
      const { take, renew, release } = newKey();
      await take('a', 0);
      expect(await renew('a', 150)).toEqual({ isThere: true, endFor: undefined });
      expect(await take('b', 120)).toEqual({ taken: false, by: 'a' });
      expect(await take('b', 151)).toEqual({ taken: true });
      expect(await renew('a', 300)).toEqual({ isThere: false, endFor: undefined });
      await release('a');
      expect(await take('c', 160)).toEqual({ taken: false, by: 'b' });
    });

    test('goes to the tickets in their order, except those that have run out', async () => {
      const { take, enqueue, release } = newKey();
      await take('a', 0);
      for (const [runId, untilMs] of [['b', 1000] as const, ['c', 20] as const, ['d', 1000] as const])
        await enqueue(runId, untilMs);
      expect(await take('b', 10)).toEqual({ taken: false, by: 'a' });
      await release('a');
      expect(await take('late', 50)).toEqual({ taken: false, by: 'b' });
      expect(await take('d', 50)).toEqual({ taken: false, by: 'b' });
      expect(await take('b', 50)).toEqual({ taken: true });
      await release('b');
      expect(await take('d', 60)).toEqual({ taken: true });
    });

    test('tells its holder, and those ahead in line, which run they should end for', async () => {
      const { take, enqueue, askToEnd, renew } = newKey();
      await take('a', 0);
      for (const runId of ['b', 'c', 'd']) await enqueue(runId);
      await askToEnd('c');
      const endFor = async (runId: string) => (await renew(runId, 1000)).endFor;
      expect([await endFor('a'), await endFor('b'), await endFor('c'), await endFor('d')]).toEqual([
        'c',
        'c',
        undefined,
        undefined,
      ]);
    });

    test('may have several holders at once; the first in line have a claim to what is free', async () => {
      const { take, enqueue, release } = newKey();
      const areTaken = async (runIds: string[], nowMs: number) => {
        const taken: boolean[] = [];
        for (const runId of runIds) taken.push((await take(runId, nowMs, 2)).taken);
        return taken;
      };
      expect(await take('a', 0, 2)).toEqual({ taken: true });
      expect(await take('b', 0, 2)).toEqual({ taken: true });
      expect(await take('c', 0, 2)).toEqual({ taken: false, by: 'a' });
      for (const runId of ['d', 'e', 'f']) await enqueue(runId);
      await release('b');
      expect(await areTaken(['f', 'e', 'd', 'e'], 10)).toEqual([false, false, true, false]);
      // The lease of a has run out; d is the other holder.
      expect(await areTaken(['f', 'late', 'e', 'f'], 105)).toEqual([false, false, true, false]);
      await release('d');
      expect(await areTaken(['f'], 106)).toEqual([true]);
    });

    test('may be any text, of any length', async () => {
      const texts = ['', '\u0000', '\u0000a', "'; DROP TABLE leases; --", '__proto__', 'x'.repeat(1_000_000), 'ключ'];
      const taken = async (runId: string) => {
        const all = [];
        for (const text of texts) all.push(await newKey(text).take(runId, 0));
        return all;
      };
      expect(await taken('a')).toEqual(texts.map(() => ({ taken: true })));
      expect(await taken('b')).toEqual(texts.map(() => ({ taken: false, by: 'a' })));
    });
  });
}
