import type OpenAI from 'openai';
import { isObject, type JsonObject, toJson } from 'threadline/provider';
import { type Completion, completionOf, textOfContent } from './chat-reply.ts';
import { StreamedCalls } from './chat-stream-calls.ts';
import { readStream } from './stream.ts';
import { nestedToolCall } from './tool-call.ts';
import type { SendOptions } from './wire.ts';

/** Sends the request once, passes text on as it comes, and resolves with the whole completion. */
export async function streamCompletion(
  client: OpenAI,
  body: JsonObject,
  options: SendOptions & { idleMs: number },
): Promise<Completion> {
  const pieces = new Pieces();
  let whole: Completion | undefined;
  await readStream<JsonObject>({
    open: (signal) => client.chat.completions.create(body as never, { signal }).withResponse(),
    signal: options.signal,
    idleMs: options.idleMs,
    onEvent(chunk, requestId) {
      const text = pieces.add(chunk);
      if (pieces.isFirst) options.onStarted(pieces.id, requestId);
      if (text !== '') options.onText(text);
      return pieces.isWhole;
    },
    onWhole(data, requestId) {
      whole = completionOf(toJson(data), requestId);
      options.onStarted(whole.id, requestId);
    },
  });
  return whole ?? pieces.completion();
}

/** Puts a completion together from the chunks of a stream. */
class Pieces {
  id = '';
  private model = '';
  private content = '';
  private refusal = '';
  private finishReason: string | undefined;
  private usage: JsonObject | undefined;
  private readonly calls = new StreamedCalls();
  private readonly annotations: JsonObject[] = [];
  private chunks = 0;

  get isFirst(): boolean {
    return this.chunks === 1;
  }

  /** A finish reason ends the answer: usage may follow, and `[DONE]`, which not all servers send. */
  get isWhole(): boolean {
    return this.finishReason !== undefined;
  }

  /** The text that came with this chunk. */
  add(chunk: JsonObject): string {
    this.chunks++;
    if (typeof chunk.id === 'string' && this.id === '') this.id = chunk.id;
    if (typeof chunk.model === 'string' && this.model === '') this.model = chunk.model;
    if (isObject(chunk.usage)) this.usage = chunk.usage;
    const choice = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
    if (!isObject(choice)) return '';
    if (typeof choice.finish_reason === 'string') this.finishReason = choice.finish_reason.toLowerCase();
    // Some servers send the whole message in one chunk.
    const delta = choice.delta ?? choice.message;
    return isObject(delta) ? this.addDelta(delta) : '';
  }

  completion(): Completion {
    const calls = this.calls.whole.map(nestedToolCall);
    const { id, model, content, refusal, annotations, finishReason, usage } = this;
    const message = { role: 'assistant', content: content || null, refusal: refusal || null };
    const toolCalls = calls.map(({ callId, name, arguments: args }) => ({
      id: callId,
      type: 'function',
      function: { name, arguments: args },
    }));
    const choice = {
      index: 0,
      finish_reason: finishReason ?? null,
      message: toolCalls.length > 0 ? { ...message, tool_calls: toolCalls } : message,
    };
    const raw = { id, object: 'chat.completion', model, choices: [choice], usage: usage ?? null };
    return { id, model, content, refusal, calls, annotations, finishReason, usage, raw };
  }

  private addDelta({ content, refusal, tool_calls: calls, annotations }: JsonObject): string {
    if (typeof refusal === 'string') this.refusal += refusal;
    for (const call of Array.isArray(calls) ? calls : []) if (isObject(call)) this.calls.add(call);
    for (const annotation of Array.isArray(annotations) ? annotations : [])
      if (isObject(annotation)) this.annotations.push(annotation);
    const text = textOfContent(content, '');
    this.content += text;
    return text;
  }
}
