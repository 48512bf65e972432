import { ThreadlineError } from 'threadline/provider';
import type { Item, ToolOutputItem } from '../question/items.ts';
import { remoteKeyOf } from '../question/server.ts';
import { newThreadId } from '../thread/new-thread-id.ts';
import { selects, sendShortened, shownItems } from '../thread/shown-items.ts';
import { fromApiError, withApiErrors } from '../transport/api-error.ts';
import { originOf } from './foreign-fields.ts';
import { createResponse, resumedResponse, runInBackground } from './responses-background.ts';
import { openCallIn, ServerConversation, type SyncPoint } from './responses-conversation.ts';
import { recoverAnswer } from './responses-recovery.ts';
import { type ApiResponse, replyOf } from './responses-reply.ts';
import { bodyOf } from './responses-request.ts';
import { streamResponse } from './responses-stream.ts';
import type { OpenOptions, Reply, SendOptions, Session } from './wire.ts';

const CLEANUP_MS = 5000;
const DAY_MS = 86_400_000;
/** Kind and key under which the store notes a server that takes conversations and forgets what is said in them. */
const FORGETS = ['trait', 'forgets-conversations'] as const;
/** The most open calls of unknown runs that are closed before the request fails. */
const MOST_CLOSED_CALLS = 20;

export async function openResponses(options: OpenOptions): Promise<Session> {
  const session = new ResponsesSession(options);
  await session.begin();
  return session;
}

class ResponsesSession implements Session {
  private readonly options: OpenOptions;
  private readonly remoteKey: string;
  /** The server's copy of the thread. Where there is none, the thread is sent with each request. */
  private remote: ServerConversation | undefined;
  /** Up to here our copy and the server's are known to be the same. */
  private syncPoint: SyncPoint = { position: 0 };
  private isRecreated = false;
  /** Whether the server has been seen to keep the thread. */
  private isProven = false;

  constructor(options: OpenOptions) {
    this.options = options;
    this.remoteKey = remoteKeyOf(options.server, 'responses');
  }

  /** An answer that is neither streamed nor in the background comes with its id: there is nothing to resume. */
  get canResume(): boolean {
    const { store, stream, background } = this.options.ask;
    return store && (stream || background);
  }

  async begin(): Promise<void> {
    const { ask, client, server, thread, signal } = this.options;
    if (!ask.store) return;
    const keeps = server.can.conversations && this.options.store.object(this.remoteKey, ...FORGETS, Date.now()) === undefined;
    this.remote = keeps ? ServerConversation.known(client, thread, this.remoteKey) : undefined;
    if (this.remote) return this.goOn(this.remote);
    if (keeps) await this.make();
    if (!this.remote) thread.begin(newThreadId());
    signal.throwIfAborted();
  }

  async send(items: Item[], options: SendOptions): Promise<Reply> {
    const response = await this.respond(items, options);
    const reply = replyOf(response, originOf(this.options.client));
    if (!hasFailed(reply)) await this.detectForgetting(response, options.signal);
    return reply;
  }

  async resume(items: Item[], id: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    const { client, ask, warn } = this.options;
    const isStreamed = ask.background && ask.stream;
    const response =
      id === undefined
        ? undefined
        : await this.withApiErrors(() => resumedResponse(client, id, isStreamed, { ...options, idleMs: ask.idleMs }));
    if (response) return replyOf(response, originOf(client));
    const remote = selects(ask) ? undefined : this.remote;
    const found = remote && (await recoverAnswer(remote, items, options.signal, [0]));
    if (!found) return undefined;
    warn('The answer to what was asked before was found in the conversation; what it cost is not known.');
    return replyOf(found, originOf(client));
  }

  commitReply(items: Item[], reply: Reply): void {
    if (hasFailed(reply)) return;
    const { thread, ask } = this.options;
    const said = [...items, ...reply.items];
    // A request that shows a selection does not name the conversation: `syncRemote` adds its items there.
    if (this.remote && !selects(ask)) thread.appendSynced(said, this.remoteKey, this.remote.id);
    else thread.append(said);
  }

  async closeOpenCalls(outputs: ToolOutputItem[]): Promise<void> {
    const { remote } = this;
    if (!remote || selects(this.options.ask)) return;
    await this.withApiErrors(() => remote.closeOpenCalls(outputs, AbortSignal.timeout(CLEANUP_MS)));
    remote.noteSynced(this.options.thread.length);
  }

  async syncRemote(signal: AbortSignal): Promise<void> {
    const { remote } = this;
    if (!remote) return;
    const { thread, ask } = this.options;
    if (selects(ask)) await this.withApiErrors(() => remote.push(signal));
    else if (thread.isKnown && !this.isRecreated) await this.withApiErrors(() => remote.pull(signal, this.syncPoint));
    thread.begin(remote.id);
  }

  /** A server may take a conversation's id and forget what is said in it: from then on the thread is sent with each request. */
  private async detectForgetting({ conversation, output }: ApiResponse, signal: AbortSignal): Promise<void> {
    const { remote } = this;
    const { ask, thread, server, warn } = this.options;
    if (!remote || selects(ask) || this.isProven || conversation?.id === remote.id || output.length === 0) {
      this.isProven = true;
      return;
    }
    this.isProven = await remote.holds(output, signal).catch(() => false);
    if (this.isProven) return;
    const answered = thread.length > 0 ? ' This answer was given without what was said before.' : '';
    warn(`${server.host} does not keep what is said in conversations: it is sent along from now on.${answered}`);
    thread.forgetRemote(this.remoteKey);
    const createdAtMs = Date.now();
    this.options.store.setObject(this.remoteKey, ...FORGETS, {
      id: '',
      data: null,
      createdAtMs,
      expiresAtMs: createdAtMs + DAY_MS,
    });
    this.remote = undefined;
  }

  /** Goes on with the server's copy; what was said over other wires is sent there first. */
  private async goOn(remote: ServerConversation): Promise<void> {
    const { thread, ask, signal } = this.options;
    this.syncPoint = remote.syncPoint();
    const isUnread = thread.length === 0;
    await this.recreatingLost(() => (isUnread && selects(ask) ? remote.pull(signal, this.syncPoint) : remote.push(signal)));
  }

  private async make(): Promise<void> {
    const { client, thread, ask, signal } = this.options;
    await this.withApiErrors(async () => {
      this.remote = await ServerConversation.make(client, thread, this.remoteKey, { metadata: ask.metadata, signal });
      await this.remote?.push(signal);
    });
  }

  /** Where the server has lost the thread, makes it again from our copy and repeats the work. */
  private async recreatingLost<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { thread, warn } = this.options;
    try {
      return await this.withApiErrors(work);
    } catch (thrown) {
      const isLost = thrown instanceof ThreadlineError && thrown.code === 'thread_not_found';
      if (!isLost || thread.length === 0) throw thrown;
      warn(`The server has lost the thread ${this.remote?.id}: it is made again from our copy.`);
      thread.forgetRemote(this.remoteKey);
      this.remote = undefined;
      this.isRecreated = true;
      await this.make();
      return work();
    }
  }

  private respond(items: Item[], options: SendOptions): Promise<ApiResponse> {
    const keeps = this.remote !== undefined && !selects(this.options.ask);
    return keeps ? this.recreatingLost(() => this.requestClosingCalls(items, options)) : this.requestWithThread(items, options);
  }

  private async requestWithThread(items: Item[], options: SendOptions): Promise<ApiResponse> {
    const { ask, thread, warn } = this.options;
    const shown = await shownItems(ask, thread, items);
    const send = (some: Item[]) => this.withApiErrors(() => this.request(some, undefined, options));
    return sendShortened(ask, shown, items, send, warn);
  }

  /** Closes calls that another run left without outputs: the server would refuse the thread for ever. */
  private async requestClosingCalls(items: Item[], options: SendOptions): Promise<ApiResponse> {
    for (let closed = 0; ; closed++) {
      try {
        return await this.request(items, this.remote?.id, options);
      } catch (thrown) {
        options.signal.throwIfAborted();
        const callId = openCallIn(thrown);
        if (callId !== undefined && closed < MOST_CLOSED_CALLS) await this.closeCall(callId, options.signal);
        else return await this.recoverOrThrow(thrown, items, options);
      }
    }
  }

  private async closeCall(callId: string, signal: AbortSignal): Promise<void> {
    this.options.warn(`The thread had a function call without an output (${callId}): it was given one.`);
    await this.remote?.add([{ type: 'tool_output', callId, output: JSON.stringify({ error: 'interrupted' }) }], signal);
  }

  /** After a broken connection the answer may stand in the conversation, and is paid for. Not after one that fell silent. */
  private async recoverOrThrow(thrown: unknown, items: Item[], options: SendOptions): Promise<ApiResponse> {
    const error = this.failure(thrown);
    if (error.code !== 'connection_failed' || error.retryable || error.details?.silent_ms !== undefined || !this.remote)
      throw thrown;
    const found = await recoverAnswer(this.remote, items, options.signal);
    if (!found) throw thrown;
    this.options.warn('The connection broke, and the answer was found in the conversation; what it cost is not known.');
    return found;
  }

  private async request(items: Item[], conversation: string | undefined, options: SendOptions): Promise<ApiResponse> {
    const { client, ask, server } = this.options;
    // Where the server does not shorten threads, they are shortened here.
    const said = server.can.truncation ? ask : { ...ask, truncation: { type: 'none' } as const };
    const body = bodyOf(said, { origin: originOf(client), conversation }, items, options);
    const given = { ...options, idleMs: ask.idleMs };
    if (ask.background) return runInBackground(client, body, ask.stream, given);
    if (ask.stream) return streamResponse(client, body, given);
    return createResponse(client, body, given);
  }

  /** Turns failures of the SDK into ThreadlineErrors. */
  private withApiErrors<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return withApiErrors(this.options.signal, (thrown) => this.failure(thrown), work);
  }

  private failure(thrown: unknown): ThreadlineError {
    const { client, server, thread } = this.options;
    const threadId = thread.id ?? this.remote?.id ?? null;
    return fromApiError(thrown, { server: server.host, thread_id: threadId }, client.apiKey);
  }
}

const hasFailed = ({ status }: Reply): boolean => status === 'failed' || status === 'cancelled';
