import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { pause } from '../shared/time/pause.ts';

/** How long what could not be delivered is sent again, each time after a longer pause: a server restarts within seconds. */
const PATIENCE_MS = 12_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
/** A shorter time without the server is nothing to speak of. */
const LOST_MS = 1000;
/** Answers of what stands before a server that is not there. */
const NOT_NOW = [429, 502, 503];

export interface IngressRequest {
  /** Absent: a GET without a body. */
  body?: Json | undefined;
  /** How long it is sent again while the server cannot be reached, in milliseconds. */
  patienceMs?: number;
  signal?: AbortSignal | undefined;
}

export interface IngressAnswer {
  status: number;
  data: Json;
}

const INGRESS = 'its ingress (port 8080 by default)';
export const ADMIN = 'its admin API (port 9070 by default)';

/** Where a Restate server takes requests; or its admin API, which answers the same way. */
export class Ingress {
  private readonly url: string;
  private readonly what: string;
  private readonly onLost: (url: string) => void;
  private isLost = false;

  /** `onLost` hears, once each time, that the server cannot be reached and is asked again. */
  constructor(
    url: string,
    { what = INGRESS, onLost = () => undefined }: { what?: string; onLost?: ((url: string) => void) | undefined } = {},
  ) {
    this.url = url.replace(/\/+$/, '');
    this.what = what;
    this.onLost = onLost;
  }

  /** Calls a handler of an object or a workflow; one that may be called again when the connection broke. Rejects with what it failed with. */
  async call(service: string, key: string, handler: string, body: Json, signal?: AbortSignal): Promise<Json> {
    const path = `/${service}/${encodeURIComponent(key)}/${handler}`;
    const answer = await this.ask(path, { body, signal });
    if (answer.status < 300) return answer.data;
    throw serverError(`The Restate server refused ${path}`, answer);
  }

  /** Tries again while the server cannot be reached. Rejects with `connection_failed`, or with the reason of the signal. */
  async ask(path: string, request: IngressRequest = {}): Promise<IngressAnswer> {
    const { patienceMs = PATIENCE_MS, signal } = request;
    let lostAtMs: number | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await this.askOnce(path, request).catch((cause: unknown) => {
        signal?.throwIfAborted();
        return unreachable(this.url, this.what, cause);
      });
      const isLost = answer instanceof ThreadlineError;
      if (!isLost && !NOT_NOW.includes(answer.status)) return answer;
      lostAtMs ??= performance.now();
      const lostMs = performance.now() - lostAtMs;
      if (lostMs >= patienceMs) {
        if (isLost) throw answer;
        return answer;
      }
      this.tellLost(lostMs);
      // Whoever aborts it is told so by the next try.
      await pause(pauseMs, signal);
    }
  }

  private tellLost(lostMs: number): void {
    if (this.isLost || lostMs < LOST_MS) return;
    this.isLost = true;
    this.onLost(this.url);
  }

  private async askOnce(path: string, { body, signal }: IngressRequest): Promise<IngressAnswer> {
    const response = await fetch(this.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json', accept: 'application/json' } }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
    this.isLost &&= NOT_NOW.includes(response.status);
    return { status: response.status, data: dataOf(text) };
  }
}

function dataOf(text: string): Json {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // A proxy's page, say: its text is all that there is to tell.
    return text;
  }
}

/** What a refusal says of itself. */
export function sentenceOf(data: Json, status: number): string {
  const { message } = (data ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : typeof data === 'string' ? data.slice(0, 200) : `status ${status}`;
}

/** `message` is a sentence without its end: the server's own reason follows. */
export const serverError = (message: string, { status, data }: IngressAnswer, options: { hint?: string } = {}) =>
  new ThreadlineError('server_error', `${message}: ${sentenceOf(data, status)}`, { ...options, details: { status } });

const unreachable = (url: string, what: string, cause: unknown) =>
  new ThreadlineError('connection_failed', `The Restate server at ${url} cannot be reached.`, {
    hint: `Is it running, and is this ${what}?`,
    cause,
  });
