import type { Leases } from '../locks/lease-table.ts';
import type { openLeases } from '../locks/sqlite.ts';
import type { ThreadAccess } from '../provider/contract.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { ThreadLock, ThreadStore } from '../threads/store.ts';

export interface ThreadFiles {
  /** File of the thread store; may be `:memory:`. */
  threads: string;
  /** Leases that keep two runs from using a thread at once; may be `:memory:`. */
  locks: Leases;
}

/** Access of a run's steps to the thread store and the locks, which open on first use. */
export class RunThreads {
  private readonly files: ThreadFiles;
  private store: Promise<ThreadStore> | undefined;
  private leases: ReturnType<typeof openLeases> | undefined;
  private readonly held = new Set<ThreadLock>();

  constructor(files: ThreadFiles) {
    this.files = files;
  }

  /** Thread access for the run's providers. */
  accessOf(runId: string): ThreadAccess {
    return {
      store: () => this.opened(),
      messages: async (id) => {
        const [store, { messagesOfThread }] = await Promise.all([this.opened(), import('../threads/stored-messages.ts')]);
        return messagesOfThread(store, this.files.threads, id);
      },
      lock: async (key, { isPatient, signal, onWait }) => {
        const [{ openLeases: open }, { holdLock }] = await Promise.all([
          import('../locks/sqlite.ts'),
          import('../locks/lock.ts'),
        ]);
        this.leases ??= open(this.files.locks);
        const onBusy = isPatient ? 'queue' : 'skip';
        try {
          return this.noted(await holdLock(this.leases.table, { key: `thread/${key}`, runId, onBusy, signal, onWait }));
        } catch (thrown) {
          throw thrown instanceof ThreadlineError && thrown.code === 'run_busy' ? busy(key) : thrown;
        }
      },
    };
  }

  private noted(lock: ThreadLock): ThreadLock {
    this.held.add(lock);
    const release = () => {
      this.held.delete(lock);
      lock.release();
    };
    return { signal: lock.signal, release };
  }

  private opened(): Promise<ThreadStore> {
    this.store ??= this.open();
    return this.store;
  }

  /** Forgets a failed opening, so that the next step tries again. */
  private async open(): Promise<ThreadStore> {
    try {
      const { openThreadStore } = await import('../threads/sqlite.ts');
      return openThreadStore(this.files.threads);
    } catch (thrown) {
      this.store = undefined;
      throw thrown;
    }
  }

  /** Releases the remaining locks, because a run that is suspended does not wait for its steps to end. */
  async close(): Promise<void> {
    for (const lock of this.held) lock.release();
    (await this.store)?.close();
    this.leases?.close();
  }
}

const busy = (key: string) =>
  new ThreadlineError('thread_busy', `Another run is writing to the thread \`${key}\`, and this step does not wait.`, {
    hint: '`thread: { on_busy: queue }` waits for it.',
  });
