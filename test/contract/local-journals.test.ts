import { join } from 'node:path';
import { Activity } from '../../src/journal/activity.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { InMemoryStorage } from '../../src/journal/journal-storage.ts';
import type { OwnedRun } from '../../src/journal/run-store.ts';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { StoredJournal } from '../../src/journal/stored-journal.ts';
import { StoredRunMemory } from '../../src/run/run-memory.ts';
import type { Json } from '../../src/shared/json/json.ts';
import { Mask } from '../../src/shared/text/mask.ts';
import { folderWith } from '../support/cli.ts';
import { DEAD, DEATH, describeJournal, SUSPENDED } from './journal.ts';

/** The storage outlives the processes. */
describeJournal('in memory', async () => {
  const storage = new InMemoryStorage();
  return {
    enter(body) {
      const activity = new Activity();
      const suspended = new Promise<typeof SUSPENDED>((resolve) => {
        activity.onIdle(() => {
          resolve(SUSPENDED);
          return true;
        });
      });
      return orEnd(body, new StoredJournal(storage, activity), suspended);
    },
    send: async (name, data) => storage.send(name, data),
    close: async () => undefined,
  };
});

for (const survives of ['power-loss', 'process-death'] as const) {
  describeJournal(`SQLite, survives ${survives}`, async () => {
    const file = join(folderWith({}), 'runs.db');
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: 0 };
    const made = openRunStore(file, { survives });
    const start = { id: 'r', workflow: 'w', file: 'w.yml', offline: false, request: { inputs: {} }, sources: {}, seal: 'seal' };
    made.create(start, Date.now());
    // A process that closes the store gives its runs up; those of a dead process are free, too.
    made.close();
    return {
      async enter(body) {
        const store = openRunStore(file, { survives });
        const held: OwnedRun = store.take('r', {});
        const { journal, suspended } = new StoredRunMemory(held, new Mask()).memoryOfRun(() => usage);
        const ended = await orEnd(
          body,
          journal,
          suspended.then(() => SUSPENDED),
        );
        store.close();
        return ended;
      },
      async send(name, data) {
        const store = openRunStore(file, { survives });
        store.send('r', name, data, Date.now());
        store.close();
      },
      close: async () => undefined,
    };
  });
}

/** Resolves with the first thing that ends the process: the end of the body, its death, or its suspension. */
function orEnd(body: (journal: Journal) => Promise<Json>, journal: Journal, suspended: Promise<typeof SUSPENDED>) {
  const ended = body(journal).catch((thrown: unknown) => {
    if (thrown === DEATH) return DEAD;
    throw thrown;
  });
  return Promise.race([ended, suspended]);
}
