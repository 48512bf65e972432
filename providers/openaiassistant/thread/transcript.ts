import { isDeepStrictEqual } from 'node:util';
import type { Usage } from 'threadline/provider';
import type { RemoteThread, StoredItem, ThreadItem, ThreadKey, ThreadStore } from 'threadline/runtime';
import { asStored, danglingCalls, fromStored, type Item, isSameItem, unanswered } from '../question/items.ts';
import { newThreadId } from './new-thread-id.ts';
import { spokenItems } from './spoken-items.ts';

interface Entry {
  item: Item;
  atMs: number;
}

export interface TranscriptOptions {
  /** Undefined where the thread is forgotten with the step. */
  store: ThreadStore | undefined;
  tenant: string;
  key?: ThreadKey | undefined;
  metadata: Record<string, string>;
  ttlMs?: number | undefined;
}

/** Our copy of one thread: all that was said in it, whichever wires it was said over. Written through to the store. */
export class Transcript {
  private readonly options: TranscriptOptions;
  private entries: Entry[] = [];
  /** In a step that is resumed: what was said since it began, by a process of it that died, or by others. */
  private unreplayed: Entry[] = [];
  private threadId: string | null = null;
  /** How far the servers' copies are, while the thread is not in the store; by their keys. */
  private readonly ownRemotes = new Map<string, RemoteThread>();
  /** Whether the thread was there before this step. */
  readonly isKnown: boolean;

  /** `threadId`: given where the thread is in the store. `position`: how long it was when a step began that is resumed. */
  constructor(options: TranscriptOptions, threadId?: string, position?: number) {
    this.options = options;
    this.isKnown = threadId !== undefined;
    if (threadId === undefined || !options.store) return;
    this.threadId = threadId;
    this.entries = options.store.items(threadId).map(({ item, atMs }) => ({ item: fromStored(item), atMs }));
    options.store.touch(threadId, Date.now(), options.ttlMs === undefined ? undefined : Date.now() + options.ttlMs);
    if (position !== undefined) this.unreplayed = this.entries.splice(position);
    // A process that died in the middle of a round has left calls; no API takes a message behind them.
    else this.append(unanswered(danglingCalls(this.items), 'interrupted'));
  }

  /** Null until `begin` has named the thread. */
  get id(): string | null {
    return this.threadId;
  }

  get items(): Item[] {
    return this.entries.map(({ item }) => item);
  }

  get stored(): StoredItem[] {
    return storedOf(this.entries);
  }

  get length(): number {
    return this.entries.length;
  }

  get isKept(): boolean {
    return this.options.store !== undefined;
  }

  /** Names a new thread, as the server wants unless the name is taken here. A thread that has a name keeps it, though servers lose it. */
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
      for (const [remoteKey, remote] of this.ownRemotes) store.setRemote(id, remoteKey, remote);
    });
  }

  append(items: readonly Item[]): void {
    if (items.length === 0) return;
    const atMs = Date.now();
    if (this.unreplayed.length > 0) this.reconcile(items, atMs);
    else {
      this.entries.push(...items.map((item) => ({ item, atMs })));
      if (this.threadId !== null) this.options.store?.append(this.threadId, asStored(items), atMs);
    }
  }

  /** Steps over entries that are there already; new ones come before what others have said since. */
  private reconcile(items: readonly Item[], atMs: number): void {
    const { length } = this.entries;
    let isChanged = false;
    for (const item of items) {
      const at = this.unreplayed.findIndex((known, index) => isSameItem(known.item, item, index > 0));
      const passed = this.unreplayed.splice(0, at + 1);
      const known = passed.pop();
      // Somebody may have answered a call for us.
      const isOther = known?.item.type === 'tool_output' && !isDeepStrictEqual(known.item, item);
      this.entries.push(...passed, known === undefined || isOther ? { item, atMs } : known);
      isChanged ||= known === undefined || isOther;
    }
    if (!isChanged || this.threadId === null) return;
    this.options.store?.replaceFrom(this.threadId, length, storedOf([...this.entries.slice(length), ...this.unreplayed]));
  }

  /** Called when the step has said all that it says: what others have said since it began belongs to the thread, too. */
  appendUnreplayed(): void {
    this.entries.push(...this.unreplayed.splice(0));
  }

  /** Appends items that the server has, too: its copy is then as long as ours. */
  appendSynced(items: readonly Item[], remoteKey: string, remoteId: string): void {
    const write = () => {
      const [before, synced] = [this.entries.length + this.unreplayed.length, this.remote(remoteKey)?.synced ?? 0];
      this.append(items);
      const added = this.entries.length + this.unreplayed.length - before;
      this.setRemote(remoteKey, { id: remoteId, synced: this.unreplayed.length > 0 ? synced + added : this.length });
    };
    if (this.options.store) this.options.store.together(write);
    else write();
  }

  /** Takes what the server has from that position on for ours: others may have written there. */
  replaceFrom(position: number, given: readonly Item[]): void {
    const items = spokenItems(given);
    const atMs = Date.now();
    const known = this.entries.slice(position);
    const timeOf = (index: number) => known[index]?.atMs ?? atMs;
    this.entries = [...this.entries.slice(0, position), ...items.map((item, index) => ({ item, atMs: timeOf(index) }))];
    this.unreplayed = [];
    if (this.threadId !== null) this.options.store?.replaceFrom(this.threadId, position, storedOf(this.entries.slice(position)));
  }

  addUsage(usage: Usage): void {
    if (this.threadId !== null) this.options.store?.addUsage(this.threadId, usage);
  }

  /** The usage of all steps on the thread; null where it is not kept. */
  get usage(): Usage | null {
    return (this.threadId === null ? undefined : this.options.store?.get(this.threadId)?.usage) ?? null;
  }

  remote(remoteKey: string): RemoteThread | undefined {
    const stored = this.threadId === null ? undefined : this.options.store?.remote(this.threadId, remoteKey);
    return stored ?? this.ownRemotes.get(remoteKey);
  }

  setRemote(remoteKey: string, remote: RemoteThread): void {
    this.ownRemotes.set(remoteKey, remote);
    if (this.threadId !== null) this.options.store?.setRemote(this.threadId, remoteKey, remote);
  }

  forgetRemote(remoteKey: string): void {
    this.ownRemotes.delete(remoteKey);
    if (this.threadId !== null) this.options.store?.forgetRemote(this.threadId, remoteKey);
  }
}

const storedOf = (entries: readonly Entry[]): StoredItem[] =>
  entries.map(({ item, atMs }) => ({ item: asStored([item])[0] as ThreadItem, atMs }));
