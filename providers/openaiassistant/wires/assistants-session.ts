import { isObject, type JsonObject, ThreadlineError, toJson } from 'threadline/provider';
import { remoteKeyOf } from '../dialects/server.ts';
import { type Item, isMessage, isToolOutput, type MessageItem } from '../question/items.ts';
import { fromApiError, withApiErrors } from '../transport/api-error.ts';
import { findAssistant } from './assistants-assistant.ts';
import { findBegunQuestion } from './assistants-recovery.ts';
import { answersOf, asRun, idOf, messageFrom, type Run, runReplyOf } from './assistants-reply.ts';
import { messageBodyOf, runBodyOf, toolResourcesOf } from './assistants-request.ts';
import { cancelRun, playRun, type RunRequest } from './assistants-run.ts';
import { uploadedParts } from './assistants-uploads.ts';
import { ensureJsonMentioned } from './ensure-json-mentioned.ts';
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
  private readonly remoteKey: string;
  private threadId = '';
  private assistantId = '';
  private run: Run | undefined;
  /** Messages that stand in the thread already: a run that was refused may be asked for again. */
  private readonly added = new Set<Item>();
  /** The server's id of the last message before the step, and its position in our copy. */
  private since: { position: number; id?: string } = { position: 0 };
  /** Whether the server had the thread before the step. */
  private wasThere = false;

  constructor(options: OpenOptions) {
    this.options = options;
    this.remoteKey = remoteKeyOf(options.server, 'assistants');
  }

  begin(): Promise<void> {
    return this.withApiErrors(async () => {
      this.assistantId = await findAssistant(this.options, this.remoteKey);
      const remote = this.options.thread.remote(this.remoteKey);
      if (remote) await this.recreatingLost(() => this.goOn(remote.id));
      else await this.make();
    });
  }

  async send(items: Item[], options: SendOptions): Promise<Reply> {
    return this.withApiErrors(() => (items.some(isToolOutput) ? this.submit(items, options) : this.ask(items, options)));
  }

  resume(items: Item[], id: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    return this.withApiErrors(async () => {
      if (items.some(isToolOutput)) return this.resumeRound(items, id ?? this.run?.id, options);
      const { client, ask } = this.options;
      const since = { threadId: this.threadId, afterId: this.since.id };
      const begun = await findBegunQuestion(client, since, this.withJsonMentioned(items), { ask, signal: options.signal });
      for (const [index, item] of items.entries()) if (begun.stands[index]) this.added.add(item);
      const reply = await this.replyOfRun(id ?? begun.runId, options);
      return reply && FRUITLESS.has(reply.status) ? undefined : reply;
    });
  }

  commitReply(items: Item[], reply: Reply): void {
    const { thread } = this.options;
    thread.appendSynced([...items, ...reply.items], this.remoteKey, this.threadId);
    this.run = reply.status === 'failed' ? undefined : asRun(reply.raw, undefined);
  }

  /** Cancels a run that waits for outputs: it would lock the thread. */
  async closeOpenCalls(): Promise<void> {
    if (this.run?.status === 'requires_action') await cancelRun(this.options.client, this.threadId, this.run.id);
    this.run = undefined;
  }

  /** Reads what stands in the thread since the step began: others may have written, too. */
  async syncRemote(signal: AbortSignal): Promise<void> {
    const { client, thread } = this.options;
    thread.begin(this.threadId);
    if (!this.wasThere) return;
    const after = this.since.id === undefined ? {} : { after: this.since.id };
    const found: MessageItem[] = [];
    await this.withApiErrors(async () => {
      const page = { order: 'asc', limit: PAGE, ...after } as const;
      for await (const message of client.beta.threads.messages.list(this.threadId, page, { signal }))
        found.push(messageFrom(toJson(message) as JsonObject));
    });
    // A server that lists that message again ignores `after`, and probably the order: our copy is the better one.
    const ignoresAfter = found.some(({ id }) => id !== undefined && id === this.since.id);
    if (found.length > 0 && !ignoresAfter) thread.replaceFrom(this.since.position, found);
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
    this.wasThere = true;
    const at = thread.items.findLastIndex((item) => isMessage(item) && item.id !== undefined);
    const last = thread.items[at];
    if (last && isMessage(last) && last.id !== undefined) this.since = { position: at + 1, id: last.id };
    const resources = toolResourcesOf(ask);
    if (resources) await client.beta.threads.update(threadId, { tool_resources: resources as never }, { signal });
    await this.push();
  }

  /** Where the server has lost the thread, makes it again from our copy. */
  private async recreatingLost(work: () => Promise<void>): Promise<void> {
    const { thread, warn } = this.options;
    try {
      await this.withApiErrors(work);
    } catch (thrown) {
      const isLost = thrown instanceof ThreadlineError && thrown.code === 'thread_not_found';
      if (!isLost || thread.length === 0) throw thrown;
      warn(`The server has lost the thread ${this.threadId}: it is made again from our copy.`);
      this.wasThere = false;
      await this.make();
    }
  }

  /** Adds what was said over other wires. This API's threads do not hold calls and their outputs. */
  private async push(): Promise<void> {
    const { thread } = this.options;
    const synced = thread.remote(this.remoteKey)?.synced ?? 0;
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
    const addMessages = async () => {
      for (const [index, item] of this.withJsonMentioned(items).entries()) {
        const original = items[index] as Item;
        if (isMessage(item) && !this.added.has(original)) await this.addMessage(item, options.signal);
        this.added.add(original);
      }
    };
    await this.recreatingLost(addMessages);
    // Adds what is missing in a thread that was made again.
    await addMessages();
    const body = runBodyOf(ask, this.assistantId, options);
    return this.play(options, (extra, signal) =>
      client.beta.threads.runs.create(this.threadId, { ...body, ...extra } as never, { signal }),
    );
  }

  private withJsonMentioned(items: Item[]): Item[] {
    return this.options.ask.format.type === 'json_object' ? ensureJsonMentioned(items) : items;
  }

  /** The run's reply after a round of calls; undefined where the run still waits for the outputs. */
  private async resumeRound(items: Item[], runId: string | undefined, options: SendOptions): Promise<Reply | undefined> {
    const reply = await this.replyOfRun(runId, options);
    const given = new Set(items.filter(isToolOutput).map(({ callId }) => callId));
    const isWaiting = reply?.status === 'requires_action' && reply.toolCalls.every(({ callId }) => given.has(callId));
    return isWaiting ? undefined : reply;
  }

  /** The reply of a run that was begun before; undefined where the server does not have the run. */
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

  /** Hands in all outputs of a round at once, as the API wants them. */
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
    this.options.thread.setRemote(this.remoteKey, { id: this.threadId, synced });
  }

  private withApiErrors<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const { client, server, signal } = this.options;
    const facts = () => ({ server: server.host, thread_id: this.threadId || null });
    return withApiErrors(signal, (thrown) => fromApiError(thrown, facts(), client.apiKey), work);
  }
}

/** Statuses of runs that can be begun anew. */
const FRUITLESS = new Set<Reply['status']>(['failed', 'cancelled', 'expired', 'unfinished']);
