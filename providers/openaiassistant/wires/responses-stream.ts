import type OpenAI from 'openai';
import { isObject, type Json, type JsonObject } from 'threadline/provider';
import { type ApiResponse, asResponse } from './responses-reply.ts';
import { readStream, type StreamRequest } from './stream.ts';
import type { SendOptions } from './wire.ts';

/** The last event of a stream → the status that it means. */
const TERMINAL = new Map([
  ['response.completed', 'completed'],
  ['response.incomplete', 'incomplete'],
  ['response.failed', 'failed'],
  ['response.cancelled', 'cancelled'],
]);

/** How far a stream has been read, so that one that breaks off can be resumed there. */
export interface StreamProgress {
  responseId: string | undefined;
  lastSequence: number;
}

/** Sends the request once, passes text on as it comes, and resolves with the whole response. */
export const streamResponse = (
  client: OpenAI,
  body: JsonObject,
  options: SendOptions & { idleMs: number; progress?: StreamProgress },
): Promise<ApiResponse> =>
  receiveResponse((signal) => client.responses.create({ ...body, stream: true } as never, { signal }).asResponse(), options);

/** Resumes the stream of a response that runs in the background. */
export const resumeResponse = (
  client: OpenAI,
  options: SendOptions & { idleMs: number; progress: StreamProgress },
): Promise<ApiResponse> => {
  const { responseId = '', lastSequence } = options.progress;
  const query = { stream: true, ...(lastSequence < 0 ? {} : { starting_after: lastSequence }) } as const;
  return receiveResponse((signal) => client.responses.retrieve(responseId, query, { signal }).asResponse(), options);
};

async function receiveResponse(
  open: StreamRequest['open'],
  { signal, idleMs, onStarted, onText, progress }: SendOptions & { idleMs: number; progress?: StreamProgress },
): Promise<ApiResponse> {
  let response: ApiResponse | undefined;
  const items: Items = new Map();
  const started = (id: unknown, requestId: string | undefined) => {
    if (typeof id !== 'string') return;
    onStarted(id, requestId);
    if (progress) progress.responseId = id;
  };
  await readStream({
    open,
    signal,
    idleMs,
    onEvent({ data, requestId }) {
      const { type = null, response: said, sequence_number: sequence, delta, item } = isObject(data) ? data : {};
      if (isObject(said)) started(said.id, requestId);
      if (progress && typeof sequence === 'number') progress.lastSequence = sequence;
      if (type === 'response.output_text.delta' && typeof delta === 'string') onText(delta);
      if (isObject(data) && isObject(item)) noteItem(items, data, item);
      const status = TERMINAL.get(String(type));
      if (status !== undefined) response = lastResponse(said, status, [...items.values()], requestId);
      return status !== undefined;
    },
    isWhole: () => response !== undefined,
    onWhole(data, requestId) {
      response = asResponse(data, requestId);
      started(response.id, requestId);
    },
  });
  return response as ApiResponse;
}

/** The items so far, by their position or id. */
type Items = Map<Json | symbol, JsonObject>;

/** An item that has begun is incomplete until it is done. */
function noteItem(items: Items, { type, output_index: index }: JsonObject, item: JsonObject): void {
  const key = index ?? item.id ?? undefined;
  if (type === 'response.output_item.added' && key !== undefined) items.set(key, { ...item, status: 'incomplete' });
  if (type === 'response.output_item.done') items.set(key ?? Symbol(), item);
}

/** Some servers leave earlier items out of the last event, or give it the status of a response under way. */
function lastResponse(data: unknown, status: string, items: JsonObject[], requestId: string | undefined): ApiResponse {
  const whole = isObject(data) && data.output === undefined ? { ...data, output: [] } : data;
  const response = asResponse(whole, requestId);
  return { ...response, status, output: response.output.length > 0 ? response.output : items };
}
