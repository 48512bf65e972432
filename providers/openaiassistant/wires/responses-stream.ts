import type OpenAI from 'openai';
import { type JsonObject, ThreadlineError } from 'threadline/provider';
import { type ApiResponse, asResponse } from './responses-reply.ts';
import type { SendOptions } from './wire.ts';

/** A stream that says nothing for this long is taken for dead. */
const IDLE_MS = 300_000;
/** How long the connection may take to end when everything has been said. */
const LINGER_MS = 1000;

const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']);

interface StreamEvent {
  type: string;
  delta?: string;
  response?: unknown;
}

/** Sends the request once, hands text on as it comes, and resolves with the whole response. */
export async function streamResponse(client: OpenAI, body: JsonObject, options: SendOptions): Promise<ApiResponse> {
  const { signal } = options;
  // The SDK leaves its listeners on the signal that it is given: it gets one of its own.
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const giveItMs = (limitMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(silence()), limitMs);
  };
  try {
    giveItMs(IDLE_MS);
    return await receive(client, body, controller.signal, options, giveItMs);
  } catch (thrown) {
    controller.signal.throwIfAborted();
    throw thrown;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    controller.abort();
  }
}

async function receive(
  client: OpenAI,
  body: JsonObject,
  signal: AbortSignal,
  { onStarted, onText }: SendOptions,
  giveItMs: (limitMs: number) => void,
): Promise<ApiResponse> {
  const {
    data,
    response: http,
    request_id: requestId,
  } = await client.responses.create({ ...body, stream: true } as never, { signal }).withResponse();
  assertStream(http, requestId);
  let response: ApiResponse | undefined;
  for await (const event of data as unknown as AsyncIterable<StreamEvent>) {
    const { id } = (event.response ?? {}) as { id?: unknown };
    if (typeof id === 'string') onStarted(id, requestId ?? undefined);
    if (event.type === 'response.output_text.delta' && event.delta) onText(event.delta);
    if (TERMINAL.has(event.type)) response = asResponse(event.response, requestId);
    giveItMs(response ? LINGER_MS : IDLE_MS);
  }
  return response ?? cutOff(signal, requestId);
}

const silence = () =>
  new ThreadlineError('connection_failed', `The stream said nothing for ${IDLE_MS / 1000} seconds.`, { retryable: false });

/** The SDK would read any answer as a stream, and find it empty. */
function assertStream(
  { headers }: { headers: { get(name: string): string | null } },
  requestId: string | null | undefined,
): void {
  const type = headers.get('content-type') ?? '';
  if (!/html|json/.test(type)) return;
  throw new ThreadlineError('server_error', `The server answered with ${type} instead of a stream of events.`, {
    hint: 'Check `base_url`, or set `stream: false`.',
    retryable: false,
    details: { request_id: requestId ?? null },
  });
}

/** The SDK ends a stream in silence, whether it was aborted or the connection broke: only a last event makes it whole. */
function cutOff(signal: AbortSignal, requestId: string | null | undefined): never {
  signal.throwIfAborted();
  throw new ThreadlineError('connection_failed', 'The stream ended before the answer did.', {
    hint: 'The answer may have been paid for: it is not asked for again by itself.',
    retryable: false,
    details: { request_id: requestId ?? null },
  });
}
