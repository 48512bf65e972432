import type OpenAI from 'openai';
import { isObject, type JsonObject, ThreadlineError, toJson } from 'threadline/provider';
import { type Item, isMessage, type MessageItem, outputsLacking, type ToolOutputItem, textOfParts } from '../question/items.ts';
import type { Transcript } from '../thread/transcript.ts';
import { listItems } from './responses-items.ts';
import { threadItemsOf } from './responses-reply.ts';
import { inputOf } from './responses-request.ts';

const PAGE = 100;
/** The most items that may be added to a conversation at once. */
const BATCH = 20;

/** A position in our copy of the thread, and the server's id of the message before it. */
export interface SyncPoint {
  position: number;
  id?: string;
}

/** The server's copy of a thread. Rejects with the SDK's own errors. */
export class ServerConversation {
  private readonly client: OpenAI;
  private readonly thread: Transcript;
  private readonly remoteKey: string;
  id: string;

  private constructor(client: OpenAI, thread: Transcript, remoteKey: string, id: string) {
    this.client = client;
    this.thread = thread;
    this.remoteKey = remoteKey;
    this.id = id;
  }

  /** The copy that the thread has at the server; undefined where it has none. */
  static known(client: OpenAI, thread: Transcript, remoteKey: string): ServerConversation | undefined {
    const remote = thread.remote(remoteKey);
    return remote && new ServerConversation(client, thread, remoteKey, remote.id);
  }

  /** Makes a copy with all that was said so far. Undefined where the server does not have conversations. */
  static async make(
    client: OpenAI,
    thread: Transcript,
    remoteKey: string,
    { metadata, signal }: { metadata: Record<string, string>; signal: AbortSignal },
  ): Promise<ServerConversation | undefined> {
    try {
      const first = inputOf(thread.items.slice(0, BATCH));
      const body = { metadata, ...(first.length > 0 ? { items: first as never } : {}) };
      const made = (await client.conversations.create(body, { signal })) as unknown;
      if (!isObject(made) || typeof made.id !== 'string') return undefined;
      thread.setRemote(remoteKey, { id: made.id, synced: Math.min(thread.length, BATCH) });
      thread.begin(made.id);
      return new ServerConversation(client, thread, remoteKey, made.id);
    } catch (thrown) {
      signal.throwIfAborted();
      const { status } = thrown as { status?: number };
      if (status === 404 || status === 405 || status === 501) return undefined;
      throw thrown;
    }
  }

  /** Adds what was said elsewhere, such as the answer of a fallback. */
  async push(signal: AbortSignal): Promise<void> {
    const synced = this.thread.remote(this.remoteKey)?.synced ?? 0;
    const items = this.thread.items;
    for (let at = synced; at < items.length; at += BATCH) {
      const batch = inputOf(items.slice(at, at + BATCH));
      if (batch.length > 0) await this.client.conversations.items.create(this.id, { items: batch as never }, { signal });
      this.noteSynced(Math.min(at + BATCH, items.length));
    }
  }

  noteSynced(synced: number): void {
    this.thread.setRemote(this.remoteKey, { id: this.id, synced });
  }

  /** Adds those of the outputs whose calls have none at the server. */
  async closeOpenCalls(outputs: ToolOutputItem[], signal: AbortSignal): Promise<void> {
    const newest = threadItemsOf((await this.newest(signal)).toReversed());
    await this.add(outputsLacking(newest, outputs), signal);
  }

  async add(items: Item[], signal: AbortSignal): Promise<void> {
    const input = inputOf(items);
    for (let at = 0; at < input.length; at += BATCH) {
      const batch = input.slice(at, at + BATCH) as never;
      await this.client.conversations.items.create(this.id, { items: batch }, { signal });
    }
  }

  /** Reads what the server has from there on, where others may have written, too; all of a thread that was made again. */
  async pull(signal: AbortSignal, since: SyncPoint): Promise<void> {
    const found = await listItems(this.client, this.id, { signal }, since.id).catch((thrown: unknown) => {
      if (since.id === undefined || (thrown as { status?: number }).status !== 404) throw thrown;
      return undefined;
    });
    if (!found) return this.pull(signal, { position: 0 });
    // A server that lists that message again ignores `after`: our copy is the better one.
    const ignoresAfter = found.some(({ id }) => id !== undefined && id === since.id);
    if (!ignoresAfter)
      this.thread.replaceFrom(since.position, reconciled(this.thread.items.slice(since.position), threadItemsOf(found)));
    this.noteSynced(this.thread.length);
  }

  /** The position up to which we know the server's ids of all messages. */
  syncPoint(): SyncPoint {
    const point: SyncPoint = { position: 0 };
    for (const [index, item] of this.thread.items.entries()) {
      if (item.type !== 'message') continue;
      if (item.id === undefined) break;
      point.position = index + 1;
      point.id = item.id;
    }
    return point;
  }

  /** The server's id of the last message that has one. */
  lastKnownId(): string | undefined {
    const last = this.thread.items.findLast((item) => item.type === 'message' && item.id !== undefined);
    return last?.type === 'message' ? last.id : undefined;
  }

  /** Whether the output of a response stands in the conversation. */
  async holds(output: JsonObject[], signal: AbortSignal): Promise<boolean> {
    const ids = new Set((await this.newest(signal)).map(({ id, call_id: callId }) => callId ?? id));
    return output.some(({ id, call_id: callId }) => ids.has(callId ?? id));
  }

  /** The newest items, newest first. */
  async newest(signal: AbortSignal): Promise<JsonObject[]> {
    const { data } = await this.client.conversations.items.list(this.id, { order: 'desc', limit: PAGE }, { signal });
    return data.map((item) => toJson(item)).filter(isObject);
  }
}

/**
 * The server's items, to replace ours. Messages keep the parts that we have: servers do not return the contents of files.
 * Throws where the server lacks messages: then our copy is the better one.
 */
function reconciled(ours: Item[], theirs: Item[]): Item[] {
  const known = ours.filter(isMessage);
  const missing = known.length - theirs.filter(isMessage).length;
  if (missing > 0) throw new ThreadlineError('server_error', `The server has lost ${missing} messages of the thread.`);
  let at = 0;
  return theirs.map((item) => {
    const mine = isMessage(item) ? known[at++] : undefined;
    return mine && isMessage(item) && isSameMessage(mine, item) ? { ...item, parts: mine.parts } : item;
  });
}

const isSameMessage = (one: MessageItem, other: MessageItem): boolean =>
  one.role === other.role && textOfParts(one.parts) === textOfParts(other.parts);

/** The id of the call without an output for which a server refused the conversation. */
export function openCallIn(thrown: unknown): string | undefined {
  const { status, message = '' } = thrown as { status?: number; message?: string };
  return status === 400 ? /No tool output found for function call (\w+)/.exec(message)?.[1] : undefined;
}
