import type OpenAI from 'openai';
import { isObject, type Json, type JsonObject, toJson } from 'threadline/provider';
import {
  type Completion,
  completionOf,
  finishReasonOf,
  firstChoiceOf,
  hasOtherParts,
  isCut,
  textOfContent,
} from './chat-reply.ts';
import { StreamedCalls } from './chat-stream-calls.ts';
import { mergeFields, mergeLists } from './merge-fields.ts';
import { readStream, type StreamEnd } from './stream.ts';
import type { SendOptions } from './wire.ts';

/** Sends the request once, passes text on as it comes, and resolves with the whole completion. */
export async function streamCompletion(
  client: OpenAI,
  body: JsonObject,
  options: SendOptions & { idleMs: number },
): Promise<Completion> {
  const pieces = new Pieces();
  let whole: Completion | undefined;
  let id: string | undefined;
  await readStream({
    open: (signal) => client.chat.completions.create(body as never, { signal }).asResponse(),
    signal: options.signal,
    idleMs: options.idleMs,
    onEvent({ data, requestId }) {
      id = requestId;
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
  return whole ?? pieces.completion(id);
}

/** Puts a completion together from the chunks of a stream. */
class Pieces {
  id = '';
  private model = '';
  private content = '';
  /** The content as a list, with what is no text. */
  private parts: Json[] = [];
  private refusal = '';
  private finishReason: string | undefined;
  private usage: JsonObject | undefined;
  private readonly calls = new StreamedCalls();
  private readonly oldCalls = new StreamedCalls();
  private more: JsonObject = {};
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
    if (isObject(chunk.usage) && Object.keys(chunk.usage).length > 0) this.usage = chunk.usage;
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

  /** As a server would have sent it in one piece. */
  completion(requestId: string | undefined): Completion {
    const { id, model, refusal, annotations, finishReason: finish_reason, usage = null } = this;
    const content = hasOtherParts(this.parts) ? this.parts : this.content;
    const calls = [this.calls, this.oldCalls].map(({ whole }) => whole).find(({ length }) => length > 0);
    const more = { ...this.more, ...(annotations.length > 0 ? { annotations } : {}), ...(calls ? { tool_calls: calls } : {}) };
    const message = { role: 'assistant', content: content || null, refusal: refusal || null, ...more };
    const choice = { index: 0, message, ...(finish_reason === undefined ? {} : { finish_reason }) };
    return completionOf({ id, object: 'chat.completion', model, choices: [choice], usage }, requestId);
  }

  private addDelta(delta: JsonObject): string {
    const { role: _, content, refusal, tool_calls: calls, function_call: oldCall, annotations, ...more } = delta;
    this.more = mergeFields(this.more, more);
    if (isObject(oldCall)) this.oldCalls.add({ index: 0, function: oldCall });
    if (typeof refusal === 'string') this.refusal += refusal;
    for (const call of Array.isArray(calls) ? calls : []) if (isObject(call)) this.calls.add(call);
    for (const annotation of Array.isArray(annotations) ? annotations : [])
      if (isObject(annotation)) this.annotations.push(annotation);
    const text = textOfContent(content, '');
    this.content += text;
    this.parts = mergeLists(this.parts, Array.isArray(content) ? content : text === '' ? [] : [{ type: 'text', text }]);
    const hasCalls = isObject(oldCall) || (Array.isArray(calls) && calls.length > 0);
    this.isReasonEarly ||= this.finishReason !== undefined && (text !== '' || hasCalls);
    return text;
  }
}
