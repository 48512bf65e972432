import type OpenAI from 'openai';
import { isObject, type JsonObject, toJson } from 'threadline/provider';
import { type Completion, completionOf, finishReasonOf, firstChoiceOf, isCut, textOfContent } from './chat-reply.ts';
import { StreamedCalls } from './chat-stream-calls.ts';
import { readStream, type StreamEnd } from './stream.ts';
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
  await readStream({
    open: (signal) => client.chat.completions.create(body as never, { signal }).asResponse(),
    signal: options.signal,
    idleMs: options.idleMs,
    onEvent({ data, requestId }) {
      const text = pieces.add(isObject(data) ? data : {});
      if (pieces.isFirst) options.onStarted(pieces.id, requestId);
      if (text !== '') options.onText(text);
      return false;
    },
    isWhole: (end) => pieces.isWhole(end),
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
  private hasBegun = false;
  /** Whether more of the answer came behind a reason to finish. */
  private isReasonEarly = false;

  get isFirst(): boolean {
    return this.chunks === 1;
  }

  /**
   * No reason ends the answer: servers send one with each chunk, or before the rest. `[DONE]` does; where there is none, the end of
   * the body does behind a reason that nothing has followed.
   */
  isWhole(end: StreamEnd): boolean {
    return this.hasBegun && (end === 'done' || (this.finishReason !== undefined && !this.isReasonEarly));
  }

  /** The text that came with this chunk. */
  add(chunk: JsonObject): string {
    this.chunks++;
    if (typeof chunk.id === 'string' && this.id === '') this.id = chunk.id;
    if (typeof chunk.model === 'string' && this.model === '') this.model = chunk.model;
    if (isObject(chunk.usage)) this.usage = chunk.usage;
    const choice = firstChoiceOf(chunk);
    if (!choice) return '';
    this.hasBegun = true;
    // Some servers send the whole message in one chunk.
    const delta = choice.delta ?? choice.message;
    const text = isObject(delta) ? this.addDelta(delta) : '';
    // The reason of an answer that is not whole stays, whatever is said behind it.
    if (!isCut(this.finishReason)) this.finishReason = finishReasonOf(choice) ?? this.finishReason;
    return text;
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
    const hasCalls = Array.isArray(calls) && calls.length > 0;
    this.isReasonEarly ||= this.finishReason !== undefined && (text !== '' || hasCalls);
    return text;
  }
}
