import { setTimeout as delay } from 'node:timers/promises';
import { ThreadlineError } from '../errors.ts';
import type { Json } from '../json.ts';

/** How often what could not be delivered is sent again, each time after a longer pause: a server restarts within seconds. */
const TRIES = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export interface IngressRequest {
  /** Absent: a GET without a body. */
  body?: Json | undefined;
  /** How often it is sent while the server cannot be reached. */
  tries?: number;
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

  constructor(url: string, what = INGRESS) {
    this.url = url.replace(/\/+$/, '');
    this.what = what;
  }

  /** Calls a handler of an object or a workflow; one that may be called again when the connection broke. Rejects with what it failed with. */
  async call(service: string, key: string, handler: string, body: Json, signal?: AbortSignal): Promise<Json> {
    const path = `/${service}/${encodeURIComponent(key)}/${handler}`;
    const { status, data } = await this.ask(path, { body, signal });
    if (status < 300) return data;
    throw new ThreadlineError('server_error', `The Restate server refused ${path}: ${sentenceOf(data, status)}`, {
      details: { status },
    });
  }

  /** Tries again while the server cannot be reached. Rejects with `connection_failed`, or with the reason of the signal. */
  async ask(path: string, request: IngressRequest = {}): Promise<IngressAnswer> {
    const { tries = TRIES } = request;
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.askOnce(path, request);
        if (attempt >= tries || ![429, 502, 503].includes(answer.status)) return answer;
      } catch (cause) {
        request.signal?.throwIfAborted();
        if (attempt >= tries) throw unreachable(this.url, this.what, cause);
      }
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
      await delay(pauseMs, undefined, request.signal ? { signal: request.signal } : {}).catch(() => undefined);
    }
  }

  private async askOnce(path: string, { body, signal }: IngressRequest): Promise<IngressAnswer> {
    const response = await fetch(this.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json', accept: 'application/json' } }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    const text = await response.text();
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

const unreachable = (url: string, what: string, cause: unknown) =>
  new ThreadlineError('connection_failed', `The Restate server at ${url} cannot be reached.`, {
    hint: `Is it running, and is this ${what}?`,
    cause,
  });
