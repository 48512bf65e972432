import { LONGEST_TIMER_MS, ThreadlineError } from 'threadline/provider';

/** How long the connection may stay open after the last event. */
const LINGER_MS = 1000;

/** A streamed request as the SDK opens it. */
export interface OpenedStream {
  data: unknown;
  response: { headers: { get(name: string): string | null }; json(): Promise<unknown> };
  request_id: string | null | undefined;
}

export interface StreamRequest<Event> {
  /** Sends the request once. */
  open(signal: AbortSignal): Promise<OpenedStream>;
  /** Called for each event; returns true when the answer is whole. */
  onEvent(event: Event, requestId: string | undefined): boolean;
  /** Called with the JSON of a server that answers in one piece instead. */
  onWhole(data: unknown, requestId: string | undefined): void;
  signal: AbortSignal;
  idleMs: number;
}

/**
 * Reads a stream of events to its end. Rejects with the signal's reason; with `connection_failed` when the stream is silent for
 * too long, or ends before `onEvent` has returned true.
 */
export async function readStream<Event>(request: StreamRequest<Event>): Promise<void> {
  const { signal, idleMs } = request;
  // The SDK leaves its listeners on the signal that it is given, so it gets one of its own.
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const giveItMs = (limitMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(silence(idleMs)), Math.min(limitMs, LONGEST_TIMER_MS));
  };
  try {
    giveItMs(idleMs);
    await receive(request, controller.signal, giveItMs);
  } catch (thrown) {
    controller.signal.throwIfAborted();
    throw thrown;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    controller.abort();
  }
}

async function receive<Event>(
  { open, onEvent, onWhole, idleMs }: StreamRequest<Event>,
  signal: AbortSignal,
  giveItMs: (limitMs: number) => void,
): Promise<void> {
  const { data, response, request_id: requestId } = await open(signal);
  const type = response.headers.get('content-type') ?? '';
  if (/json/.test(type)) return onWhole(await response.json(), requestId ?? undefined);
  if (/html/.test(type)) throw noStream(type, requestId);
  let isWhole = false;
  for await (const event of data as AsyncIterable<Event>) {
    isWhole = onEvent(event, requestId ?? undefined) || isWhole;
    giveItMs(isWhole ? Math.min(LINGER_MS, idleMs) : idleMs);
  }
  if (!isWhole) cutOff(signal, requestId);
}

const silence = (idleMs: number) =>
  new ThreadlineError('connection_failed', `The stream said nothing for ${idleMs / 1000} seconds.`, {
    hint: '`idle_timeout` says how long it may be silent.',
    retryable: false,
    details: { silent_ms: idleMs },
  });

/** Refuses other content types: the SDK would read any answer as a stream, and find it empty. */
const noStream = (type: string, requestId: string | null | undefined) =>
  new ThreadlineError('server_error', `The server answered with ${type} instead of a stream of events.`, {
    hint: 'Check `base_url`, or set `stream: false`.',
    retryable: false,
    details: { request_id: requestId ?? null },
  });

/** The SDK ends a stream without an error also when it was aborted or the connection broke: only a last event makes it whole. */
function cutOff(signal: AbortSignal, requestId: string | null | undefined): never {
  signal.throwIfAborted();
  throw new ThreadlineError('connection_failed', 'The stream ended before the answer did.', {
    hint: 'The answer may have been paid for: it is not asked for again by itself. Servers that never end a stream well answer with `stream: false`.',
    retryable: false,
    details: { request_id: requestId ?? null },
  });
}
