import type OpenAI from 'openai';
import { isObject, type JsonObject, ThreadlineError, toJson } from 'threadline/provider';
import { fromApiError } from '../api-error.ts';
import { type ApiResponse, historyOf, replyOf } from './responses-reply.ts';
import { formatOf, inputItem, toolOf } from './responses-request.ts';
import type { Ask, HistoryMessage, Reply, SendOptions, Session, ToolCall, ToolChoice, ToolOutput, Wire } from './wire.ts';

/** A stream that says nothing for this long is taken for dead. */
const IDLE_MS = 300_000;
const CLEANUP_MS = 5000;

/** OpenAI's Responses API, with Conversations for threads. */
export const responsesWire: Wire<OpenAI> = {
  name: 'responses',
  async open(client, ask, signal, warn) {
    if (ask.threadId !== undefined) return new ResponsesSession(client, ask, ask.threadId);
    if (!ask.store) return new ResponsesSession(client, ask, null);
    try {
      const { id } = await client.conversations.create({ metadata: ask.metadata }, { signal });
      return new ResponsesSession(client, ask, id);
    } catch (thrown) {
      const { status } = thrown as { status?: number };
      if (status !== 404 && status !== 405 && status !== 501) throw fromApiError(thrown, {});
      warn('This server keeps no conversations: the thread ends with the step, and thread_id is null.');
      return new ResponsesSession(client, ask, null);
    }
  },
};

class ResponsesSession implements Session {
  readonly threadId: string | null;
  private readonly client: OpenAI;
  private readonly ask: Ask;
  /** All items so far, sent along each time, where the server keeps no conversation. */
  private readonly replayed: JsonObject[] = [];

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

  async abandon(calls: ToolCall[], reason: string): Promise<void> {
    if (this.threadId === null || calls.length === 0) return;
    const items = calls.map(({ callId }) => outputItem({ callId, output: JSON.stringify({ error: reason }) }));
    try {
      await this.client.conversations.items.create(
        this.threadId,
        { items: items as never },
        { signal: AbortSignal.timeout(CLEANUP_MS) },
      );
    } catch (thrown) {
      throw fromApiError(thrown, { thread_id: this.threadId });
    }
  }

  async history(signal: AbortSignal): Promise<HistoryMessage[]> {
    if (this.threadId === null) return historyOf(this.replayed);
    const items: unknown[] = [];
    try {
      for await (const item of this.client.conversations.items.list(this.threadId, { order: 'asc', limit: 100 }, { signal }))
        items.push(item);
    } catch (thrown) {
      throw fromApiError(thrown, { thread_id: this.threadId });
    }
    return historyOf(items.map(toJson).filter(isObject));
  }

  private async send(items: JsonObject[], options: SendOptions): Promise<Reply> {
    if (this.threadId === null) this.replayed.push(...items);
    const body = this.body(this.threadId === null ? this.replayed : items, options);
    try {
      const { response, requestId } = this.ask.stream
        ? await this.stream(body, options)
        : await this.request(body, options.signal);
      if (this.threadId === null) this.replayed.push(...response.output);
      return replyOf(response, requestId);
    } catch (thrown) {
      options.signal.throwIfAborted();
      throw fromApiError(thrown, { thread_id: this.threadId });
    }
  }

  private body(input: JsonObject[], { maxOutputTokens, toolChoice }: SendOptions): JsonObject {
    const { ask } = this;
    const format = formatOf(ask.format);
    const body: Record<string, unknown> = {
      model: ask.model,
      input: ask.format.type === 'json_object' ? withJsonWord(input) : input,
      instructions: ask.instructions,
      conversation: this.threadId ?? undefined,
      tools: ask.tools.length > 0 ? ask.tools.map(toolOf) : undefined,
      tool_choice: ask.tools.length > 0 ? choiceOf(toolChoice) : undefined,
      parallel_tool_calls: ask.tools.length > 0 ? ask.parallelToolCalls : undefined,
      text: format === undefined ? undefined : { format },
      temperature: ask.temperature,
      top_p: ask.topP,
      max_output_tokens: maxOutputTokens,
      reasoning: ask.reasoningEffort === undefined ? undefined : { effort: ask.reasoningEffort },
      metadata: ask.metadata,
      store: ask.store ? undefined : false,
      // A reasoning model's thoughts go back to it in the next round, sealed, when the server keeps nothing.
      include: ask.store ? undefined : ['reasoning.encrypted_content'],
      ...ask.extra,
    };
    return JSON.parse(JSON.stringify(body)) as JsonObject;
  }

  private async request(
    body: JsonObject,
    signal: AbortSignal,
  ): Promise<{ response: ApiResponse; requestId: string | undefined }> {
    const { data, request_id } = await this.client.responses
      .create({ ...body, stream: false } as never, { signal })
      .withResponse();
    return { response: toJson(data) as unknown as ApiResponse, requestId: request_id ?? undefined };
  }

  private async stream(
    body: JsonObject,
    { signal, onText }: SendOptions,
  ): Promise<{ response: ApiResponse; requestId: string | undefined }> {
    // The SDK leaves its listeners on the signal that it is given: it gets one of its own.
    const controller = new AbortController();
    const stop = () => controller.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const silence = new ThreadlineError('connection_failed', `The stream said nothing for ${IDLE_MS / 1000} seconds.`, {
      retryable: false,
    });
    let timer = setTimeout(() => controller.abort(silence), IDLE_MS);
    try {
      const { data, request_id } = await this.client.responses
        .create({ ...body, stream: true } as never, { signal: controller.signal })
        .withResponse();
      let response: ApiResponse | undefined;
      for await (const event of data as unknown as AsyncIterable<StreamEvent>) {
        clearTimeout(timer);
        timer = setTimeout(() => controller.abort(silence), IDLE_MS);
        if (event.type === 'response.output_text.delta' && event.delta) onText(event.delta);
        if (TERMINAL.has(event.type)) response = toJson(event.response) as unknown as ApiResponse;
      }
      return { response: response ?? cutOff(controller.signal, request_id), requestId: request_id ?? undefined };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      controller.abort();
    }
  }
}

interface StreamEvent {
  type: string;
  delta?: string;
  response?: unknown;
}

const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']);

/** The SDK ends a stream in silence, whether it was aborted or the connection broke: only a last event makes it whole. */
function cutOff(signal: AbortSignal, requestId: string | null | undefined): never {
  if (signal.aborted) throw signal.reason;
  throw new ThreadlineError('connection_failed', 'The stream ended before the answer did.', {
    hint: 'The answer may have been paid for: it is not asked for again by itself.',
    retryable: false,
    details: { request_id: requestId ?? null },
  });
}

const outputItem = ({ callId, output }: ToolOutput): JsonObject => ({ type: 'function_call_output', call_id: callId, output });

const choiceOf = (choice: ToolChoice | undefined) =>
  typeof choice === 'object' ? { type: 'function', name: choice.function } : choice;

/** The API takes json_object only when the input itself (instructions do not count) speaks of JSON. */
function withJsonWord(input: JsonObject[]): JsonObject[] {
  const users = input.filter((item) => item.role === 'user');
  const last = users.at(-1);
  if (!last || users.some((item) => /json/i.test(JSON.stringify(item.content)))) return input;
  const note = { type: 'input_text', text: 'Respond with a valid JSON object.' };
  return input.map((item) => (item === last ? { ...item, content: [...(item.content as JsonObject[]), note] } : item));
}
