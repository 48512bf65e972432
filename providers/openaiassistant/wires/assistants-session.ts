import { isObject, type JsonObject, ThreadlineError, toJson } from 'threadline/provider';
import { type Item, isMessage, isToolOutput, type MessageItem } from '../question/items.ts';
import { remoteKeyOf } from '../question/server.ts';
import { fromApiError } from '../transport/api-error.ts';
import { findAssistant } from './assistants-assistant.ts';
import { findBegun } from './assistants-recovery.ts';
import { answersOf, asRun, idOf, messageOf, type Run, runReplyOf } from './assistants-reply.ts';
import { messageBodyOf, runBodyOf, toolResourcesOf } from './assistants-request.ts';
import { cancelRun, playRun, type RunRequest } from './assistants-run.ts';
import { uploadedParts } from './assistants-uploads.ts';
import { withJsonWord } from './ensure-json-mentioned.ts';
import type { OpenOptions, Reply, SendOptions, Session } from './wire.ts';

const PAGE = 100;

export async function openAssistants(options: OpenOptions): Promise<Session> {
  const session = new AssistantsSession(options);
  await session.begin();
  return session;
}

class AssistantsSession implements Session {
  readonly canResume = true;
  private readonly options: OpenOptions;
  private readonly place: string;
  private threadId = '';
  private assistantId = '';
  private run: Run | undefined;
  /** Stands in the thread already: a run that was refused may be asked for again. */
  private readonly put = new Set<Item>();
  /** The last message that was there before the step, and how many of our items that makes. */
  private since: { position: number; id?: string } = { position: 0 };
  /** The server had the thread before the step. */
  private isOld = false;

  constructor(options: OpenOptions) {
    this.options = options;
    this.place = remoteKeyOf(options.server, 'assistants');
  }

  begin(): Promise<void> {
    return this.named(async () => {
      this.assistantId = await findAssistant(this.options, this.place);
      const remote = this.options.thread.remote(this.place);
      if (remote) await this.orRemade(() => this.goOn(remote.id));
      else await this.make();
    });
  }

  async send(items: Item[], options: SendOptions): Promise<Reply> {
    return this.named(() => (items.some(isToolOutput) ? this.submit(items, options) : this.ask(items, options)));
  }

  resume(items: Item[], id: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    return this.named(async () => {
      if (items.some(isToolOutput)) return this.resumeRound(items, id ?? this.run?.id, options);
      const { client, ask } = this.options;
      const since = { threadId: this.threadId, afterId: this.since.id };
      const begun = await findBegun(client, since, this.worded(items), { ask, signal: options.signal });
      for (const [index, item] of items.entries()) if (begun.stands[index]) this.put.add(item);
      const reply = await this.replyOfRun(id ?? begun.runId, options);
      return reply && HAS_COME_TO_NOTHING.has(reply.status) ? undefined : reply;
    });
  }

  commitReply(items: Item[], reply: Reply): void {
    const { thread } = this.options;
    thread.appendSynced([...items, ...reply.items], this.place, this.threadId);
    this.run = reply.status === 'failed' ? undefined : asRun(reply.raw, undefined);
  }

  /** A run that waits for outputs locks the thread: it is cancelled. */
  async closeOpenCalls(): Promise<void> {
    if (this.run?.status === 'requires_action') await cancelRun(this.options.client, this.threadId, this.run.id);
    this.run = undefined;
  }

  /** Others may have written, too. */
  async syncRemote(signal: AbortSignal): Promise<void> {
    const { client, thread } = this.options;
    thread.begin(this.threadId);
    if (!this.isOld) return;
    const after = this.since.id === undefined ? {} : { after: this.since.id };
    const found: MessageItem[] = [];
    await this.named(async () => {
      const page = { order: 'asc', limit: PAGE, ...after } as const;
      for await (const message of client.beta.threads.messages.list(this.threadId, page, { signal }))
        found.push(messageOf(toJson(message) as JsonObject));
    });
    // A server that shows what was asked to be left out heeds neither `after` nor, likely, the order: our copy is the better one.
    const isHeedless = found.some(({ id }) => id !== undefined && id === this.since.id);
    if (found.length > 0 && !isHeedless) thread.replaceFrom(this.since.position, found);
    this.noteSynced(thread.length);
  }

  private async make(): Promise<void> {
    const { client, thread, ask, signal } = this.options;
    const resources = toolResourcesOf(ask);
    const body = { metadata: ask.metadata, ...(resources ? { tool_resources: resources as never } : {}) };
    this.threadId = idOf(await client.beta.threads.create(body, { signal }));
    this.noteSynced(0);
    thread.begin(this.threadId);
    await this.push();
  }

  private async goOn(threadId: string): Promise<void> {
    const { client, thread, ask, signal } = this.options;
    this.threadId = threadId;
    this.isOld = true;
    const at = thread.items.findLastIndex((item) => isMessage(item) && item.id !== undefined);
    const last = thread.items[at];
    if (last && isMessage(last) && last.id !== undefined) this.since = { position: at + 1, id: last.id };
    const resources = toolResourcesOf(ask);
    if (resources) await client.beta.threads.update(threadId, { tool_resources: resources as never }, { signal });
    await this.push();
  }

  /** A thread that the server has lost is made again there from our copy. */
  private async orRemade(work: () => Promise<void>): Promise<void> {
    const { thread, warn } = this.options;
    try {
      await this.named(work);
    } catch (thrown) {
      const isLost = thrown instanceof ThreadlineError && thrown.code === 'thread_not_found';
      if (!isLost || thread.length === 0) throw thrown;
      warn(`The server has lost the thread ${this.threadId}: it is made again from our copy.`);
      this.isOld = false;
      await this.make();
    }
  }

  /** What was said over other wires. Calls and their outputs are no part of a thread here. */
  private async push(): Promise<void> {
    const { thread } = this.options;
    const synced = thread.remote(this.place)?.synced ?? 0;
    for (const [index, item] of thread.items.entries()) {
      if (index < synced) continue;
      if (isMessage(item)) await this.addMessage(item, this.options.signal);
      this.noteSynced(index + 1);
    }
  }

  private async addMessage(item: MessageItem, signal: AbortSignal): Promise<void> {
    const { client, upload } = this.options;
    const parts = await uploadedParts(upload, item.parts);
    await client.beta.threads.messages.create(this.threadId, messageBodyOf({ ...item, parts }) as never, { signal });
  }

  private async ask(items: Item[], options: SendOptions): Promise<Reply> {
    const { client, ask } = this.options;
    const put = async () => {
      for (const [index, item] of this.worded(items).entries()) {
        const given = items[index] as Item;
        if (isMessage(item) && !this.put.has(given)) await this.addMessage(item, options.signal);
        this.put.add(given);
      }
    };
    await this.orRemade(put);
    // In a thread that was made again.
    await put();
    const body = runBodyOf(ask, this.assistantId, options);
    return this.play(options, (extra, signal) =>
      client.beta.threads.runs.create(this.threadId, { ...body, ...extra } as never, { signal }),
    );
  }

  private worded(items: Item[]): Item[] {
    return this.options.ask.format.type === 'json_object' ? withJsonWord(items) : items;
  }

  /** Outputs that the run still waits for were not handed in. */
  private async resumeRound(items: Item[], runId: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    const reply = await this.replyOfRun(runId, options);
    const given = new Set(items.filter(isToolOutput).map(({ callId }) => callId));
    const isWaiting = reply?.status === 'requires_action' && reply.toolCalls.every(({ callId }) => given.has(callId));
    return isWaiting ? undefined : reply;
  }

  /** Of a run that was begun before; undefined where the server has none of the id. */
  private async replyOfRun(runId: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    if (runId === undefined) return undefined;
    const { client } = this.options;
    const retrieve = (_: JsonObject, signal: AbortSignal) =>
      client.beta.threads.runs.retrieve(runId, { thread_id: this.threadId }, { signal });
    return this.play(options, retrieve, false).catch((thrown: unknown) => {
      options.signal.throwIfAborted();
      if ((thrown as { status?: unknown }).status !== 404) throw thrown;
      return undefined;
    });
  }

  /** All outputs of a round at once, as the API wants them. */
  private submit(items: Item[], options: SendOptions): Promise<Reply> {
    const { client } = this.options;
    const outputs = items.filter(isToolOutput).map(({ callId, output }) => ({ tool_call_id: callId, output }));
    const { id = '' } = this.run ?? {};
    return this.play(options, (extra, signal) =>
      client.beta.threads.runs.submitToolOutputs(id, { thread_id: this.threadId, tool_outputs: outputs, ...extra } as never, {
        signal,
      }),
    );
  }

  private async play(
    options: SendOptions,
    send: (extra: JsonObject, signal: AbortSignal) => unknown,
    isStreamed = this.options.ask.stream,
  ): Promise<Reply> {
    const { client, ask } = this.options;
    const request: RunRequest = { threadId: this.threadId, send: send as RunRequest['send'] };
    this.run = await playRun(client, request, { ...options, idleMs: ask.idleMs, isStreamed });
    const hasMessages = this.run.status === 'completed' || this.run.status === 'incomplete';
    const reply = runReplyOf(this.run, hasMessages ? await this.messagesOfRun(this.run.id, options.signal) : []);
    if (reply.status !== 'requires_action' || reply.toolCalls.length > 0) return reply;
    await this.closeOpenCalls();
    return { ...reply, status: 'failed', reason: 'it requires an action and does not say which' };
  }

  private async messagesOfRun(runId: string, signal: AbortSignal): Promise<JsonObject[]> {
    const page = await this.options.client.beta.threads.messages.list(this.threadId, { order: 'desc', limit: PAGE }, { signal });
    return answersOf(page.data.map((message) => toJson(message)).filter(isObject), runId);
  }

  private noteSynced(synced: number): void {
    this.options.thread.setRemote(this.place, { id: this.threadId, synced });
  }

  private async named<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { client, server, signal } = this.options;
    try {
      return await work();
    } catch (thrown) {
      signal.throwIfAborted();
      throw fromApiError(thrown, { server: server.host, thread_id: this.threadId || null }, client.apiKey);
    }
  }
}

/** Runs that can be begun anew. */
const HAS_COME_TO_NOTHING = new Set<Reply['status']>(['failed', 'cancelled', 'expired', 'unfinished']);
