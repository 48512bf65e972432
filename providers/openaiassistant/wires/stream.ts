import { type Json, LONGEST_TIMER_MS, parseJson, ThreadlineError, toJson } from 'threadline/provider';
import { serverEvents } from './server-events.ts';
import { errorIn, reportedError } from './wrong-api-error.ts';

/** How long the connection may stay open after the event that ends the answer. */
const LINGER_MS = 1000;

/** An event with its data, and the id of the request. */
interface StreamEvent {
  /** Empty where the server names none. */
  name: string;
  data: Json;
  requestId: string | undefined;
}

/** What ended a stream: `[DONE]`, or only the end of its body. */
export type StreamEnd = 'done' | 'body';

export interface StreamRequest {
  /** Sends the request once. */
  open(signal: AbortSignal): Promise<Response>;
  /** Called for each event; returns true for one that ends the answer, whatever follows. */
  onEvent(event: StreamEvent): boolean;
  /** Called with the JSON of a server that answers in one piece instead. */
  onWhole(data: unknown, requestId: string | undefined): void;
  /** Whether the answer is whole, in a stream that ends in good order. */
  isWhole(end: StreamEnd): boolean;
  signal: AbortSignal;
  /** How long nothing may come, comments included. */
  idleMs: number;
}

/** Aborts a stream of which nothing comes for too long. */
class Watch {
  private readonly controller: AbortController;
  private readonly idleMs: number;
  private timer: NodeJS.Timeout | undefined;
  isAnswered = false;

  constructor(controller: AbortController, idleMs: number) {
    this.controller = controller;
    this.idleMs = idleMs;
    this.onBytes();
  }

  onBytes(): void {
    if (!this.isAnswered) this.giveItMs(this.idleMs);
  }

  onAnswered(): void {
    if (!this.isAnswered) this.giveItMs(Math.min(LINGER_MS, this.idleMs));
    this.isAnswered = true;
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private giveItMs(limitMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(silence(this.idleMs)), Math.min(limitMs, LONGEST_TIMER_MS));
  }
}

/**
 * Reads a stream of events to its end: the SDK's reader tells neither `[DONE]` from a body that just ends, nor comments from
 * silence. Rejects with the signal's reason, with the error that an event reports, and with `connection_failed` when nothing
 * comes for too long, or when the stream ends before the answer is whole.
 */
export async function readStream(request: StreamRequest): Promise<void> {
  const { signal, idleMs } = request;
  // The SDK leaves its listeners on the signal that it is given, so it gets one of its own.
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const watch = new Watch(controller, idleMs);
  try {
    await receive(request, controller.signal, watch);
  } catch (thrown) {
    signal.throwIfAborted();
    // How the connection ends does not matter any more.
    if (watch.isAnswered) return;
    controller.signal.throwIfAborted();
    throw thrown;
  } finally {
    watch.end();
    signal.removeEventListener('abort', stop);
    controller.abort();
  }
}

async function receive(request: StreamRequest, signal: AbortSignal, watch: Watch): Promise<void> {
  const { open, onEvent, onWhole, isWhole } = request;
  const response = await open(signal);
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const type = response.headers.get('content-type') ?? '';
  if (/json/.test(type)) return onWhole(await response.json(), requestId);
  if (/html/.test(type)) throw noStream(type, requestId);
  let end: StreamEnd = 'body';
  for await (const { name, data: text } of serverEvents(response.body ?? [], () => watch.onBytes())) {
    if (text.trim() === '[DONE]') {
      end = 'done';
      break;
    }
    const data = toJson(parseJson(text));
    const error = name === 'error' ? (errorIn(data) ?? data) : errorIn(data);
    if (error !== undefined) throw reportedError(error, requestId);
    if (onEvent({ name, data, requestId })) watch.onAnswered();
  }
  if (!isWhole(end)) throw cutOff(requestId);
}

const silence = (idleMs: number) =>
  new ThreadlineError('connection_failed', `The stream said nothing for ${idleMs / 1000} seconds.`, {
    hint: '`idle_timeout` says how long it may be silent.',
    retryable: false,
    details: { silent_ms: idleMs },
  });

/** Refuses other content types: they would be read as a stream, and found empty. */
const noStream = (type: string, requestId: string | undefined) =>
  new ThreadlineError('server_error', `The server answered with ${type} instead of a stream of events.`, {
    hint: 'Check `base_url`, or set `stream: false`.',
    retryable: false,
    details: { request_id: requestId ?? null },
  });

const cutOff = (requestId: string | undefined) =>
  new ThreadlineError('connection_failed', 'The stream ended before the answer did.', {
    hint: 'The answer may have been paid for: `retry` repeats it only with `on: [connection_failed]`. Servers that never end a stream well answer with `stream: false`.',
    retryable: false,
    details: { request_id: requestId ?? null },
  });
