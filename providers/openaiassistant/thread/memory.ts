import { isDeepStrictEqual } from 'node:util';
import type { RemoteThread, ThreadStore, Usage } from 'threadline/provider';
import { asStored, danglingCalls, fromStored, type Item, isSameItem, unanswered } from '../question/items.ts';
import { newThreadId } from './new-thread-id.ts';

interface Entry {
  item: Item;
  atMs: number;
}

export interface MemoryOptions {
  /** Undefined: what was said is forgotten with the step. */
  store: ThreadStore | undefined;
  tenant: string;
  key?: string | undefined;
  metadata: Record<string, string>;
  ttlMs?: number | undefined;
}

/** All that was said in one thread, whichever wires it was said over: what each of them goes on from. */
export class ThreadMemory {
  private readonly options: MemoryOptions;
  private entries: Entry[] = [];
  /** Of a step that goes on: what was said since it began, by itself in a process that died, or by others. */
  private ahead: Entry[] = [];
  private threadId: string | null = null;
  /** Where the server's own copy stands, while the thread is not in the store. */
  private readonly ownRemotes = new Map<string, RemoteThread>();
  /** It was there before this step. */
  readonly isKnown: boolean;

  /** `threadId` of one that is in the store; `position`: where it stood when a step began that goes on. */
  constructor(options: MemoryOptions, threadId?: string, position?: number) {
    this.options = options;
    this.isKnown = threadId !== undefined;
    if (threadId === undefined || !options.store) return;
    this.threadId = threadId;
    this.entries = options.store.items(threadId).map(({ item, atMs }) => ({ item: fromStored(item), atMs }));
    options.store.touch(threadId, Date.now(), options.ttlMs === undefined ? undefined : Date.now() + options.ttlMs);
    if (position !== undefined) this.ahead = this.entries.splice(position);
    // A process that died in the middle of a round has left calls that no API goes on from.
    else this.append(unanswered(danglingCalls(this.items), 'interrupted'));
  }

  /** Null while nothing has given it a name: a server, or `begin`. */
  get id(): string | null {
    return this.threadId;
  }

  get items(): Item[] {
    return this.entries.map(({ item }) => item);
  }

  get timed(): readonly Entry[] {
    return this.entries;
  }

  get length(): number {
    return this.entries.length;
  }

  get isKept(): boolean {
    return this.options.store !== undefined;
  }

  /** Names a new thread, as the server does where it says no name twice; one that has a name keeps it, however often servers lose it. */
  begin(wanted: string): void {
    if (this.threadId !== null) return;
    const { store, tenant, key, metadata, ttlMs } = this.options;
    const id = store?.get(wanted) ? newThreadId() : wanted;
    this.threadId = id;
    const nowMs = Date.now();
    const expiresAtMs = ttlMs === undefined ? undefined : nowMs + ttlMs;
    store?.together(() => {
      store.create({ id, tenant, key, metadata, expiresAtMs }, nowMs);
      if (this.entries.length > 0) store.append(id, asStored(this.items), nowMs);
      for (const [place, remote] of this.ownRemotes) store.setRemote(id, place, remote);
    });
  }

  append(items: readonly Item[]): void {
    if (items.length === 0) return;
    const atMs = Date.now();
    if (this.ahead.length > 0) this.goOver(items, atMs);
    else {
      this.entries.push(...items.map((item) => ({ item, atMs })));
      if (this.threadId !== null) this.options.store?.append(this.threadId, asStored(items), atMs);
    }
  }

  /** What was said already is not said again; what was not comes before what others have said since. */
  private goOver(items: readonly Item[], atMs: number): void {
    const { length } = this.entries;
    let isChanged = false;
    for (const item of items) {
      const at = this.ahead.findIndex((known, index) => isSameItem(known.item, item, index > 0));
      const passed = this.ahead.splice(0, at + 1);
      const known = passed.pop();
      // Somebody may have answered a call for us.
      const isOther = known?.item.type === 'tool_output' && !isDeepStrictEqual(known.item, item);
      this.entries.push(...passed, known === undefined || isOther ? { item, atMs } : known);
      isChanged ||= known === undefined || isOther;
    }
    if (!isChanged || this.threadId === null) return;
    const rest = [...this.entries.slice(length), ...this.ahead].map(({ item }) => item);
    this.options.store?.replaceFrom(this.threadId, length, asStored(rest), atMs);
  }

  /** The step has said all that it says: what others have said since it began belongs to the thread, too. */
  catchUp(): void {
    this.entries.push(...this.ahead.splice(0));
  }

  /** Items that the server has, too: its copy is then as long as ours. */
  appendSynced(items: readonly Item[], place: string, remoteId: string): void {
    const write = () => {
      const [before, synced] = [this.entries.length + this.ahead.length, this.remote(place)?.synced ?? 0];
      this.append(items);
      const added = this.entries.length + this.ahead.length - before;
      this.setRemote(place, { id: remoteId, synced: this.ahead.length > 0 ? synced + added : this.length });
    };
    if (this.options.store) this.options.store.together(write);
    else write();
  }

  /** What the server has from that position on, where others have written, too. */
  replaceFrom(position: number, items: readonly Item[]): void {
    const atMs = Date.now();
    const known = this.entries.slice(position);
    const timeOf = (index: number) => known[index]?.atMs ?? atMs;
    this.entries = [...this.entries.slice(0, position), ...items.map((item, index) => ({ item, atMs: timeOf(index) }))];
    this.ahead = [];
    if (this.threadId !== null) this.options.store?.replaceFrom(this.threadId, position, asStored(items), atMs);
  }

  addUsage(usage: Usage): void {
    if (this.threadId !== null) this.options.store?.addUsage(this.threadId, usage);
  }

  /** What all steps on it have used; null where it is not kept. */
  get usage(): Usage | null {
    return (this.threadId === null ? undefined : this.options.store?.get(this.threadId)?.usage) ?? null;
  }

  remote(place: string): RemoteThread | undefined {
    const stored = this.threadId === null ? undefined : this.options.store?.remote(this.threadId, place);
    return stored ?? this.ownRemotes.get(place);
  }

  setRemote(place: string, remote: RemoteThread): void {
    this.ownRemotes.set(place, remote);
    if (this.threadId !== null) this.options.store?.setRemote(this.threadId, place, remote);
  }

  forgetRemote(place: string): void {
    this.ownRemotes.delete(place);
    if (this.threadId !== null) this.options.store?.forgetRemote(this.threadId, place);
  }
}
