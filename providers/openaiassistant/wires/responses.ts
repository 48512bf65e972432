import type OpenAI from 'openai';
import { isObject, type JsonObject, type ThreadlineError, toJson } from 'threadline/provider';
import { fromApiError } from '../api-error.ts';
import { type ApiResponse, asResponse, historyOf, replyOf } from './responses-reply.ts';
import { bodyOf, inputItem, outputItem } from './responses-request.ts';
import { streamResponse } from './responses-stream.ts';
import type { Ask, HistoryMessage, Reply, SendOptions, Session, ToolOutput, Wire } from './wire.ts';

const CLEANUP_MS = 5000;
const PAGE = 100;
/** The most items that may be added to a conversation at once. */
const BATCH = 20;

/** OpenAI's Responses API, with Conversations for threads. */
export const responsesWire: Wire<OpenAI> = {
  name: 'responses',
  async open(client, ask, signal, warn) {
    if (ask.threadId !== undefined) return new ResponsesSession(client, ask, ask.threadId);
    const threadId = ask.store ? await createThread(client, ask, signal) : null;
    if (ask.store && threadId === null)
      warn('This server keeps no conversations: the thread ends with the step, and thread_id is null.');
    return new ResponsesSession(client, ask, threadId);
  },
};

/** Null where the server knows no conversations, whichever way it says so. */
async function createThread(client: OpenAI, { metadata }: Ask, signal: AbortSignal): Promise<string | null> {
  try {
    const made = (await client.conversations.create({ metadata }, { signal })) as unknown;
    return isObject(made) && typeof made.id === 'string' ? made.id : null;
  } catch (thrown) {
    signal.throwIfAborted();
    const { status } = thrown as { status?: number };
    if (status === 404 || status === 405 || status === 501) return null;
    throw fromApiError(thrown, { server: serverOf(client) }, client.apiKey);
  }
}

class ResponsesSession implements Session {
  readonly threadId: string | null;
  private readonly client: OpenAI;
  private readonly ask: Ask;
  /** All that was said since the session began; sent along each time where the server keeps no conversation. */
  private readonly items: JsonObject[] = [];

  constructor(client: OpenAI, ask: Ask, threadId: string | null) {
    this.client = client;
    this.ask = ask;
    this.threadId = threadId;
  }

  start(options: SendOptions): Promise<Reply> {
    return this.send(this.ask.messages.map(inputItem), options);
  }

  answer(outputs: ToolOutput[], options: SendOptions): Promise<Reply> {
    return this.send(outputs.map(outputItem), options);
  }

  followUp(text: string, options: SendOptions): Promise<Reply> {
    return this.send([inputItem({ role: 'user', parts: [{ type: 'text', text }] })], options);
  }

  async leave(outputs: ToolOutput[]): Promise<void> {
    if (this.threadId === null) return;
    const options = { signal: AbortSignal.timeout(CLEANUP_MS) };
    const { items: thread } = this.client.conversations;
    try {
      const { data } = await thread.list(this.threadId, { order: 'desc', limit: PAGE }, options);
      const callsOf = (type: string) => new Set(data.flatMap((item) => (item.type === type ? [callIdOf(item)] : [])));
      const made = callsOf('function_call');
      const answered = callsOf('function_call_output');
      const items = outputs.filter(({ callId }) => made.has(callId) && !answered.has(callId)).map(outputItem);
      for (let at = 0; at < items.length; at += BATCH)
        await thread.create(this.threadId, { items: items.slice(at, at + BATCH) as never }, options);
    } catch (thrown) {
      throw this.failure(thrown);
    }
  }

  /** What this session itself began need not be asked for. */
  async history(signal: AbortSignal): Promise<HistoryMessage[]> {
    if (this.threadId === null || this.ask.threadId === undefined) return historyOf(this.items);
    const items: unknown[] = [];
    try {
      const page = { order: 'asc', limit: PAGE } as const;
      for await (const item of this.client.conversations.items.list(this.threadId, page, { signal })) items.push(item);
    } catch (thrown) {
      throw this.failure(thrown);
    }
    return historyOf(items.map(toJson).filter(isObject));
  }

  private async send(items: JsonObject[], options: SendOptions): Promise<Reply> {
    this.items.push(...items);
    const body = bodyOf(this.ask, this.threadId, this.threadId === null ? this.items : items, options);
    try {
      const response = this.ask.stream ? await streamResponse(this.client, body, options) : await this.request(body, options);
      this.items.push(...response.output);
      return replyOf(response);
    } catch (thrown) {
      options.signal.throwIfAborted();
      throw this.failure(thrown);
    }
  }

  private async request(body: JsonObject, { signal, onStarted }: SendOptions): Promise<ApiResponse> {
    const request = this.client.responses.create({ ...body, stream: false } as never, { signal });
    const { data, request_id: requestId } = await request.withResponse();
    const response = asResponse(data, requestId);
    onStarted(response.id, requestId ?? undefined);
    return response;
  }

  private failure(thrown: unknown): ThreadlineError {
    return fromApiError(thrown, { server: serverOf(this.client), thread_id: this.threadId }, this.client.apiKey);
  }
}

const callIdOf = (item: object): string => String((item as { call_id?: unknown }).call_id);

/** The host and port that are asked, for messages. */
const serverOf = ({ baseURL }: OpenAI): string => new URL(baseURL).host;
