import { toJson } from 'threadline/provider';
import type { Item } from '../question/items.ts';
import { newThreadId } from '../thread/new-thread-id.ts';
import { sendShortened } from '../thread/shown-items.ts';
import { fromApiError, withApiErrors } from '../transport/api-error.ts';
import { type Completion, chatReplyOf, completionOf } from './chat-reply.ts';
import { chatBodyOf } from './chat-request.ts';
import { streamCompletion } from './chat-stream.ts';
import type { OpenOptions, Reply, SendOptions, Session } from './wire.ts';

export function openChat(options: OpenOptions): Session {
  if (options.ask.store) options.thread.begin(newThreadId());
  return new ChatSession(options);
}

class ChatSession implements Session {
  readonly canResume = false;
  private readonly options: OpenOptions;

  constructor(options: OpenOptions) {
    this.options = options;
  }

  async send(items: Item[], options: SendOptions): Promise<Reply> {
    const completion = await sendShortened({ ...this.options, fresh: items }, (some) => this.request(some, options));
    return chatReplyOf(completion);
  }

  /** The server keeps no replies. */
  async resume(): Promise<undefined> {}

  commitReply(items: Item[], reply: Reply): void {
    if (reply.status !== 'failed') this.options.thread.append([...items, ...reply.items]);
  }

  /** The server does not have the thread. */
  async closeOpenCalls(): Promise<void> {}

  async syncRemote(): Promise<void> {}

  private request(items: Item[], options: SendOptions): Promise<Completion> {
    const { client, server, thread } = this.options;
    const facts = { server: server.host, thread_id: thread.id };
    const toError = (thrown: unknown) => fromApiError(thrown, facts, client.apiKey);
    return withApiErrors(options.signal, toError, () => this.complete(items, options));
  }

  private async complete(items: Item[], options: SendOptions): Promise<Completion> {
    const { client, ask, server } = this.options;
    const body = chatBodyOf(ask, server, items, options);
    if (ask.stream) return streamCompletion(client, body, { ...options, idleMs: ask.idleMs });
    const request = client.chat.completions.create(body as never, { signal: options.signal });
    const { data, request_id: requestId } = await request.withResponse();
    const completion = completionOf(toJson(data), requestId);
    options.onStarted(completion.id, requestId ?? undefined);
    return completion;
  }
}
