import type { JournalStorage } from '../journal/journal-storage.ts';
import type { RunEvent } from '../plan/event.ts';
import type { Json } from '../shared/json/json.ts';
import type { Ingress } from './ingress.ts';
import { MEMORY, RUNS } from './services.ts';
import { collectEvents, type WorkWithEvents } from './work-events.ts';

/** A look at the server costs a worker a call. */
const SIGNAL_POLL_MS = 500;

interface RemoteStorageOptions {
  /** Puts names in the place of secrets, in what the server stores. */
  seal(data: Json): Json;
  unseal(data: Json): Json;
  /** Aborts when the run leaves this worker: the worker that resumes it does what is left. */
  left: AbortSignal;
  /** Receives the events of work that an earlier process did. */
  onReplayed(events: readonly RunEvent[]): void;
}

/** Records of a run at the server, for the journal of what is done within calls. */
export class RemoteStorage implements JournalStorage {
  readonly signalPollMs = SIGNAL_POLL_MS;
  private readonly ingress: Ingress;
  private readonly runId: string;
  private readonly options: RemoteStorageOptions;
  /** The paths that have taken the signals of a name, in the order of the signals. */
  private readonly takers = new Map<string, string[]>();

  constructor(ingress: Ingress, runId: string, options: RemoteStorageOptions) {
    this.ingress = ingress;
    this.runId = runId;
    this.options = options;
  }

  async recall(path: string): Promise<Json | undefined> {
    this.options.left.throwIfAborted();
    const { kept } = (await this.ingress.call(MEMORY, this.runId, 'get', path)) as { kept?: Json };
    return kept === undefined ? undefined : this.options.unseal(kept);
  }

  async keep(path: string, value: Json): Promise<void> {
    const { left, seal } = this.options;
    left.throwIfAborted();
    await this.ingress.call(MEMORY, this.runId, 'put', { path, value: seal(value) }, left);
  }

  async perform(work: () => Promise<Json>): Promise<Json> {
    return (await collectEvents(work)) as unknown as Json;
  }

  resultOf(record: Json, isReplayed: boolean): Json {
    const { data, events } = record as unknown as WorkWithEvents;
    if (isReplayed) this.options.onReplayed(events);
    return data;
  }

  async signal(name: string, path: string): Promise<Json | undefined> {
    const takers = await this.takersOf(name);
    const taken = takers.indexOf(path);
    const slot = taken === -1 ? takers.length : taken;
    const { sent } = (await this.ingress.call(RUNS, this.runId, 'peek', { name, slot })) as { sent?: { data: Json } };
    // Another wait may have taken the signal meanwhile: the next look is for the one behind it.
    if (!sent || (taken === -1 && slot !== takers.length)) return undefined;
    if (taken === -1) {
      takers.push(path);
      await this.keep(takersPath(name), takers);
    }
    return sent.data;
  }

  private async takersOf(name: string): Promise<string[]> {
    const stored = this.takers.get(name) ?? (await this.recall(takersPath(name))) ?? [];
    // Two waits that ask at once share the list of the first answer.
    const takers = this.takers.get(name) ?? (stored as string[]);
    this.takers.set(name, takers);
    return takers;
  }
}

/** No path of a step begins with a dot. */
const takersPath = (name: string) => `.signal-takers/${name}`;
