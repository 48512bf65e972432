import type OpenAI from 'openai';
import type { JsonObject } from 'threadline/provider';
import { type ApiResponse, asResponse } from './responses-reply.ts';
import { type OpenedStream, readStream } from './stream.ts';
import type { SendOptions } from './wire.ts';

const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']);

interface StreamEvent {
  type: string;
  delta?: string;
  sequence_number?: number;
  response?: unknown;
}

/** Where a stream has come to: of one that breaks off, from where it can be gone on with. */
export interface StreamProgress {
  responseId: string | undefined;
  lastSequence: number;
}

/** Sends the request once, hands text on as it comes, and resolves with the whole response. */
export const streamResponse = (
  client: OpenAI,
  body: JsonObject,
  options: SendOptions & { idleMs: number; progress?: StreamProgress },
): Promise<ApiResponse> =>
  receiveResponse((signal) => client.responses.create({ ...body, stream: true } as never, { signal }).withResponse(), options);

/** Goes on with the stream of a response that runs in the background. */
export const resumeResponse = (
  client: OpenAI,
  options: SendOptions & { idleMs: number; progress: StreamProgress },
): Promise<ApiResponse> => {
  const { responseId = '', lastSequence } = options.progress;
  const query = { stream: true, starting_after: lastSequence } as const;
  return receiveResponse((signal) => client.responses.retrieve(responseId, query, { signal }).withResponse(), options);
};

async function receiveResponse(
  open: (signal: AbortSignal) => Promise<OpenedStream>,
  { signal, idleMs, onStarted, onText, progress }: SendOptions & { idleMs: number; progress?: StreamProgress },
): Promise<ApiResponse> {
  let response: ApiResponse | undefined;
  await readStream<StreamEvent>({
    open,
    signal,
    idleMs,
    onEvent(event, requestId) {
      const { id } = (event.response ?? {}) as { id?: unknown };
      if (typeof id === 'string') onStarted(id, requestId);
      if (progress) {
        if (typeof id === 'string') progress.responseId = id;
        progress.lastSequence = event.sequence_number ?? progress.lastSequence;
      }
      if (event.type === 'response.output_text.delta' && event.delta) onText(event.delta);
      if (!TERMINAL.has(event.type)) return false;
      response = asResponse(event.response, requestId);
      return true;
    },
  });
  return response as ApiResponse;
}
