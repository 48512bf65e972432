import type { Json } from '../shared/json/json.ts';
import type { CallMemory } from './journal.ts';

/** The records of one run, by path: in this process, in a file, or at a server. */
export interface JournalStorage {
  /** The records are gone with the process. */
  readonly isVolatile?: boolean;
  /** How often to look for a signal that is waited for; 250 ms by default. */
  readonly signalPollMs?: number;
  /** The value at the path; undefined when there is none. */
  recall(path: string): Json | undefined | Promise<Json | undefined>;
  /** Does work and returns its record. The work begins once everything noted before survives the process. */
  perform(work: () => Promise<Json>): Promise<Json>;
  /** The result in the record of work; `isReplayed` says that an earlier process did the work. */
  resultOf(record: Json, isReplayed: boolean): Json;
  /** Resolves once the value is stored. Replaces the one before. */
  keep(path: string, value: Json): Promise<void>;
  /** The first signal sent to the run under the name that no other path has taken; undefined when there is none. */
  signal(name: string, path: string): Json | undefined | Promise<Json | undefined>;
}

/** The notes of the call at the path, among the records of its run. */
export function callMemoryIn(
  { recall, keep, isVolatile = false }: Pick<JournalStorage, 'recall' | 'keep' | 'isVolatile'>,
  path: string,
): CallMemory {
  const pathOf = (name: string) => `${path}.memory-${name}`;
  return {
    isVolatile,
    recall: async (name) => recall(pathOf(name)),
    record: (name, value) => keep(pathOf(name), value),
  };
}

/** Records that are gone with the process. */
export class InMemoryStorage implements JournalStorage {
  readonly isVolatile = true;
  private readonly records = new Map<string, Json>();
  private readonly signals: { name: string; data: Json; takenBy?: string }[] = [];

  recall(path: string): Json | undefined {
    return this.records.get(path);
  }

  perform(work: () => Promise<Json>): Promise<Json> {
    return work();
  }

  resultOf(record: Json): Json {
    return record;
  }

  async keep(path: string, value: Json): Promise<void> {
    this.records.set(path, value);
  }

  signal(name: string, path: string): Json | undefined {
    const found = this.signals.find((one) => one.name === name && (one.takenBy ?? path) === path);
    if (found) found.takenBy = path;
    return found?.data;
  }

  send(name: string, data: Json): void {
    this.signals.push({ name, data });
  }
}
