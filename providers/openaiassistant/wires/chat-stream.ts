import type OpenAI from 'openai';
import { isObject, type Json, type JsonObject } from 'threadline/provider';
import { type Completion, callOf } from './chat-reply.ts';
import { readStream } from './stream.ts';
import type { SendOptions } from './wire.ts';

/** Sends the request once, hands text on as it comes, and resolves with the whole completion. */
export async function streamCompletion(
  client: OpenAI,
  body: JsonObject,
  options: SendOptions & { idleMs: number },
): Promise<Completion> {
  const pieces = new Pieces();
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
  });
  return pieces.completion();
}

/** A completion that is being put together. */
class Pieces {
  id = '';
  private model = '';
  private content = '';
  private refusal = '';
  private finishReason: string | undefined;
  private usage: JsonObject | undefined;
  private readonly calls = new Map<number, { id: Json | undefined; name: string; arguments: string }>();
  private readonly annotations: JsonObject[] = [];
  private chunks = 0;

  get isFirst(): boolean {
    return this.chunks === 1;
  }

  /** A reason to finish ends the answer: usage may follow, and `[DONE]`, which not all servers send. */
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
    if (typeof choice.finish_reason === 'string') this.finishReason = choice.finish_reason;
    return isObject(choice.delta) ? this.addDelta(choice.delta) : '';
  }

  completion(): Completion {
    const calls = [...this.calls.values()].map(({ id, ...called }) =>
      callOf({ ...(id === undefined ? {} : { id }), function: called }),
    );
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
    for (const call of Array.isArray(calls) ? calls : []) if (isObject(call)) this.addCall(call);
    for (const annotation of Array.isArray(annotations) ? annotations : [])
      if (isObject(annotation)) this.annotations.push(annotation);
    if (typeof content !== 'string') return '';
    this.content += content;
    return content;
  }

  /** Servers that send calls whole leave the index out: each is a call of its own then. */
  private addCall({ index, id, function: called }: JsonObject): void {
    const at = typeof index === 'number' ? index : this.calls.size;
    const known = this.calls.get(at) ?? { id: undefined, name: '', arguments: '' };
    const { name, arguments: args } = isObject(called) ? called : {};
    const text = typeof args === 'string' ? args : args === undefined || args === null ? '' : JSON.stringify(args);
    this.calls.set(at, {
      id: known.id ?? id,
      name: known.name + (typeof name === 'string' ? name : ''),
      arguments: known.arguments + text,
    });
  }
}
