import { ThreadlineError } from 'threadline/provider';
import { remoteKeyOf } from '../dialects/server.ts';
import type { Item, ToolOutputItem } from '../question/items.ts';
import { newThreadId } from '../thread/new-thread-id.ts';
import { isTooLong, selects, sendShortened, shortensOutputs } from '../thread/shown-items.ts';
import { fromApiError, withApiErrors } from '../transport/api-error.ts';
import { resumedResponse } from './responses-background.ts';
import { openCallIn, ServerConversation, type SyncPoint } from './responses-conversation.ts';
import { isForgetful, noteForgetful } from './responses-forgetting.ts';
import { recoverAnswer } from './responses-recovery.ts';
import { type ApiResponse, replyOf } from './responses-reply.ts';
import { bodyOf } from './responses-request.ts';
import { sendResponse } from './responses-send.ts';
import type { OpenOptions, Reply, SendOptions, Session } from './wire.ts';

const CLEANUP_MS = 5000;
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
  /** Whether the server has messages that we have not read yet: another machine has begun the conversation. */
  private isUnread = false;
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
    const keeps = server.can.conversations && !isForgetful(this.options.store, this.remoteKey);
    this.remote = keeps ? ServerConversation.known(client, thread, this.remoteKey) : undefined;
    if (this.remote) return this.goOn(this.remote);
    if (keeps) await this.make();
    if (!this.remote) thread.begin(newThreadId());
    signal.throwIfAborted();
  }

  async send(items: Item[], options: SendOptions): Promise<Reply> {
    const response = await this.respond(items, options);
    const reply = replyOf(response);
    if (!hasFailed(reply)) await this.detectForgetting(response, options.signal);
    return this.options.ask.shortOutputs ? { ...reply, isApart: true } : reply;
  }

  async resume(items: Item[], id: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    const { client, ask, warn } = this.options;
    const isStreamed = ask.background && ask.stream;
    const response =
      id === undefined
        ? undefined
        : await this.withApiErrors(() => resumedResponse(client, id, isStreamed, { ...options, idleMs: ask.idleMs }));
    if (response) return { ...replyOf(response), ...(response.conversation === null ? { isApart: true } : {}) };
    const remote = selects(ask) ? undefined : this.remote;
    const found = remote && (await recoverAnswer(remote, items, options.signal, [0]));
    if (!found) return undefined;
    warn('The answer to what was asked before was found in the conversation; what it cost is not known.');
    return replyOf(found);
  }

  commitReply(items: Item[], reply: Reply): void {
    if (hasFailed(reply)) return;
    const { thread, ask } = this.options;
    // In a step that is resumed, an earlier process has found the thread too long.
    if (this.remote && reply.isApart && !selects(ask)) ask.shortOutputs = true;
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
    noteForgetful(this.options.store, this.remoteKey);
    this.remote = undefined;
  }

  /** Goes on with the server's copy; what was said over other wires is sent there first. */
  private async goOn(remote: ServerConversation): Promise<void> {
    const { thread, ask, signal } = this.options;
    this.syncPoint = remote.syncPoint();
    this.isUnread = thread.length === 0 && !selects(ask);
    await this.recreatingLost(() =>
      thread.length === 0 && selects(ask) ? remote.pull(signal, this.syncPoint) : remote.push(signal),
    );
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
    const { remote } = this;
    if (!remote || selects(this.options.ask)) return this.requestWithThread(items, options);
    return this.recreatingLost(() => this.requestClosingCalls(items, options)).catch((thrown: unknown) =>
      this.requestShortened(thrown, remote, items, options),
    );
  }

  /** The server's copy cannot be shown in part: where it is too long, ours is sent, with shortened outputs. */
  private async requestShortened(
    thrown: unknown,
    remote: ServerConversation,
    items: Item[],
    options: SendOptions,
  ): Promise<ApiResponse> {
    if (!isTooLong(thrown)) throw thrown;
    if (this.isUnread) await this.withApiErrors(() => remote.pull(options.signal, this.syncPoint));
    this.isUnread = false;
    if (!(await shortensOutputs({ ...this.options, fresh: items }))) throw thrown;
    return this.requestWithThread(items, options);
  }

  private async requestWithThread(items: Item[], options: SendOptions): Promise<ApiResponse> {
    const prompt = { ...this.options, fresh: items };
    return sendShortened(prompt, (some) => this.withApiErrors(() => this.request(some, undefined, options)));
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
    const body = bodyOf(ask, server, conversation, items, options);
    const given = { ...options, idleMs: ask.idleMs };
    return sendResponse(client, body, ask, given);
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
