import { ThreadlineError } from 'threadline/provider';
import type { EmulatorOptions, Rule } from '../../../src/emulator/index.ts';
import { InMemoryStorage } from '../../../src/journal/journal-storage.ts';
import { StoredJournal } from '../../../src/journal/stored-journal.ts';
import type { Json } from '../../../src/shared/json/json.ts';
import type { Params } from '../contract/schema.ts';
import { type AssistantHost, type Setup, withAssistant } from './test-assistant.ts';

/** A step that goes through several processes: they share what is kept of it. */
export class MortalProcesses {
  private readonly storage = new InMemoryStorage();
  private readonly parking = new AbortController();
  private readonly begun: Promise<unknown>[] = [];
  private generation = 0;

  /** The journal of the next process. */
  journal(): StoredJournal {
    const own = ++this.generation;
    const { storage } = this;
    return new StoredJournal({
      recall: (path) => storage.recall(path),
      perform: (work) => storage.perform(work),
      resultOf: (record) => record,
      // A process that has died stores nothing, and never goes on.
      keep: (path: string, value: Json) => (own === this.generation ? storage.keep(path, value) : new Promise(() => undefined)),
      signal: () => undefined,
    });
  }

  /** Begins to ask in a process that will die. */
  begin({ ask }: Pick<Setup, 'ask'>, params: Params, host: AssistantHost = {}): void {
    this.begun.push(ask(params, { journal: this.journal(), signal: this.parking.signal, ...host }));
  }

  /** Ends the process that there is: from now on it keeps nothing. */
  die(): void {
    this.generation++;
  }

  /** Has what was begun let go of all that it holds, as in a run that is parked; resolves with how it ended. */
  async park(): Promise<unknown[]> {
    this.die();
    this.parking.abort(new ThreadlineError('waiting', 'The run waits.'));
    const ended = await Promise.allSettled(this.begun);
    return ended.map((one) => (one.status === 'rejected' ? one.reason : one.value));
  }
}

/** As `withAssistant`, for a step that goes through several processes. */
export const withProcesses = (
  given: Rule[] | EmulatorOptions,
  test: (setup: Setup, processes: MortalProcesses) => Promise<void>,
): Promise<void> =>
  withAssistant(given, async (setup) => {
    const processes = new MortalProcesses();
    try {
      await test(setup, processes);
    } finally {
      await processes.park();
    }
  });
