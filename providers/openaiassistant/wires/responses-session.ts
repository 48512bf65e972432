import { ThreadlineError } from 'threadline/provider';
import type { Item, ToolOutputItem } from '../question/items.ts';
import { remoteKeyOf } from '../question/server.ts';
import { newThreadId } from '../thread/new-thread-id.ts';
import { selects, sendShortened, shownItems } from '../thread/shown-items.ts';
import { fromApiError } from '../transport/api-error.ts';
import { resumedResponse, runInBackground } from './responses-background.ts';
import { type Mark, ServerThread } from './responses-conversation.ts';
import { recoverAnswer } from './responses-recovery.ts';
import { type ApiResponse, asResponse, replyOf } from './responses-reply.ts';
import { bodyOf } from './responses-request.ts';
import { streamResponse } from './responses-stream.ts';
import type { OpenOptions, Reply, SendOptions, Session } from './wire.ts';

const CLEANUP_MS = 5000;
const DAY_MS = 86_400_000;
/** What is known of a server that takes conversations and does nothing with them: kind and key in the store. */
const FORGETS = ['trait', 'forgets-conversations'] as const;
/** How many calls without an output, of runs that nobody knows of, are made good before a request fails of them. */
const REPAIRS = 20;

export async function openResponses(options: OpenOptions): Promise<Session> {
  const session = new ResponsesSession(options);
  await session.begin();
  return session;
}

class ResponsesSession implements Session {
  private readonly options: OpenOptions;
  private readonly place: string;
  /** Where the server keeps the thread. Otherwise all that was said is sent each time. */
  private remote: ServerThread | undefined;
  /** Up to where our copy and the server's are known to be the same. */
  private since: Mark = { position: 0 };
  private isRemade = false;
  /** The server has been seen to keep the thread. */
  private isProven = false;

  constructor(options: OpenOptions) {
    this.options = options;
    this.place = remoteKeyOf(options.server, 'responses');
  }

  /** What answers in one piece is there when its id is. */
  get canResume(): boolean {
    const { store, stream, background } = this.options.ask;
    return store && (stream || background);
  }

  async begin(): Promise<void> {
    const { ask, client, server, thread, signal } = this.options;
    if (!ask.store) return;
    const keeps = server.can.conversations && this.options.store.object(this.place, ...FORGETS, Date.now()) === undefined;
    this.remote = keeps ? ServerThread.known(client, thread, this.place) : undefined;
    if (this.remote) return this.goOn(this.remote);
    if (keeps) await this.make();
    if (!this.remote) thread.begin(newThreadId());
    signal.throwIfAborted();
  }

  async send(items: Item[], options: SendOptions): Promise<Reply> {
    const response = await this.respond(items, options);
    const reply = replyOf(response);
    if (!hasFailed(reply)) await this.noticeForgetting(response, options.signal);
    return reply;
  }

  async resume(items: Item[], id: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    const { client, ask, warn } = this.options;
    const isStreamed = ask.background && ask.stream;
    const response =
      id === undefined
        ? undefined
        : await this.named(() => resumedResponse(client, id, isStreamed, { ...options, idleMs: ask.idleMs }));
    if (response) return replyOf(response);
    const remote = selects(ask) ? undefined : this.remote;
    const found = remote && (await recoverAnswer(remote, items, options.signal, [0]));
    if (!found) return undefined;
    warn('The answer to what was asked before was found in the conversation; what it cost is not known.');
    return replyOf(found);
  }

  commitReply(items: Item[], reply: Reply): void {
    if (hasFailed(reply)) return;
    const { thread, ask } = this.options;
    const said = [...items, ...reply.items];
    // A request that selects what is shown does not name the conversation: what it gave is added by `syncRemote`.
    if (this.remote && !selects(ask)) thread.appendSynced(said, this.place, this.remote.id);
    else thread.append(said);
  }

  async closeOpenCalls(outputs: ToolOutputItem[]): Promise<void> {
    const { remote } = this;
    if (!remote || selects(this.options.ask)) return;
    await this.named(() => remote.answerDangling(outputs, AbortSignal.timeout(CLEANUP_MS)));
    remote.noteSynced(this.options.thread.length);
  }

  async syncRemote(signal: AbortSignal): Promise<void> {
    const { remote } = this;
    if (!remote) return;
    const { thread, ask } = this.options;
    if (selects(ask)) await this.named(() => remote.push(signal));
    else if (thread.isKnown && !this.isRemade) await this.named(() => remote.pull(signal, this.since));
    thread.begin(remote.id);
  }

  /** A server may take a conversation's name and do nothing with it: then all that was said is sent from now on. */
  private async noticeForgetting({ conversation, output }: ApiResponse, signal: AbortSignal): Promise<void> {
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
    thread.forgetRemote(this.place);
    const createdAtMs = Date.now();
    this.options.store.setObject(this.place, ...FORGETS, { id: '', data: null, createdAtMs, expiresAtMs: createdAtMs + DAY_MS });
    this.remote = undefined;
  }

  /** A thread that was there before: what was said over other wires goes to the server first. */
  private async goOn(remote: ServerThread): Promise<void> {
    const { thread, ask, signal } = this.options;
    this.since = remote.mark();
    const isUnread = thread.length === 0;
    await this.orRemade(() => (isUnread && selects(ask) ? remote.pull(signal, this.since) : remote.push(signal)));
  }

  private async make(): Promise<void> {
    const { client, thread, ask, signal } = this.options;
    await this.named(async () => {
      this.remote = await ServerThread.make(client, thread, this.place, { metadata: ask.metadata, signal });
      await this.remote?.push(signal);
    });
  }

  /** A thread that the server has lost is made again there from our copy. */
  private async orRemade<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { thread, warn } = this.options;
    try {
      return await this.named(work);
    } catch (thrown) {
      const isLost = thrown instanceof ThreadlineError && thrown.code === 'thread_not_found';
      if (!isLost || thread.length === 0) throw thrown;
      warn(`The server has lost the thread ${this.remote?.id}: it is made again from our copy.`);
      thread.forgetRemote(this.place);
      this.remote = undefined;
      this.isRemade = true;
      await this.make();
      return work();
    }
  }

  private respond(items: Item[], options: SendOptions): Promise<ApiResponse> {
    const keeps = this.remote !== undefined && !selects(this.options.ask);
    return keeps ? this.orRemade(() => this.repaired(items, options)) : this.replayed(items, options);
  }

  private async replayed(items: Item[], options: SendOptions): Promise<ApiResponse> {
    const { ask, thread, warn } = this.options;
    const shown = await shownItems(ask, thread, items);
    const send = (some: Item[]) => this.named(() => this.request(some, undefined, options));
    return sendShortened(ask, shown, items, send, warn);
  }

  /** Calls that another run left without outputs would keep the thread from ever being used again. */
  private async repaired(items: Item[], options: SendOptions): Promise<ApiResponse> {
    for (let repairs = 0; ; repairs++) {
      try {
        return await this.request(items, this.remote?.id, options);
      } catch (thrown) {
        options.signal.throwIfAborted();
        const callId = danglingCallOf(thrown);
        if (callId !== undefined && repairs < REPAIRS) await this.closeCall(callId, options.signal);
        else return await this.recovered(thrown, items, options);
      }
    }
  }

  private async closeCall(callId: string, signal: AbortSignal): Promise<void> {
    this.options.warn(`The thread had a function call without an output (${callId}): it was given one.`);
    await this.remote?.add([{ type: 'tool_output', callId, output: JSON.stringify({ error: 'interrupted' }) }], signal);
  }

  /** A connection that broke may have broken behind the answer: then it stands in the conversation, and is paid for. One that only fell silent has not. */
  private async recovered(thrown: unknown, items: Item[], options: SendOptions): Promise<ApiResponse> {
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
    // Where the server does not shorten threads, ours are shortened here.
    const said = server.can.truncation ? ask : { ...ask, truncation: { type: 'none' } as const };
    const body = bodyOf(said, conversation, items, options);
    const given = { ...options, idleMs: ask.idleMs };
    if (ask.background) return runInBackground(client, body, ask.stream, given);
    if (ask.stream) return streamResponse(client, body, given);
    const request = client.responses.create({ ...body, stream: false } as never, { signal: options.signal });
    const { data, request_id: requestId } = await request.withResponse();
    const response = asResponse(data, requestId);
    options.onStarted(response.id, requestId ?? undefined);
    return response;
  }

  /** Failures get their names, once. */
  private async named<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (thrown) {
      this.options.signal.throwIfAborted();
      throw this.failure(thrown);
    }
  }

  private failure(thrown: unknown): ThreadlineError {
    const { client, server, thread } = this.options;
    const threadId = thread.id ?? this.remote?.id ?? null;
    return fromApiError(thrown, { server: server.host, thread_id: threadId }, client.apiKey);
  }
}

/** The id of a call that the conversation has no output for. */
const danglingCallOf = (thrown: unknown): string | undefined => {
  const { status, message = '' } = thrown as { status?: number; message?: string };
  return status === 400 ? /No tool output found for function call (\w+)/.exec(message)?.[1] : undefined;
};

const hasFailed = ({ status }: Reply): boolean => status === 'failed' || status === 'cancelled';
