import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { pause } from '../shared/time/pause.ts';

/** How long an undelivered request is repeated, with growing pauses: a server restarts within seconds. */
const PATIENCE_MS = 12_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
/** A server that is away for a shorter time is not reported. */
const LOST_MS = 1000;
/** The status codes of proxies and load balancers whose server cannot answer now. */
const UNAVAILABLE = [429, 502, 503];

interface IngressRequest {
  /** Without a body the request is a GET. */
  body?: Json | undefined;
  /** How long the request is repeated while the server cannot be reached. */
  patienceMs?: number;
  signal?: AbortSignal | undefined;
}

export interface IngressAnswer {
  status: number;
  data: Json;
}

const INGRESS = 'its ingress (port 8080 by default)';
export const ADMIN = 'its admin API (port 9070 by default)';

/** The ingress of a Restate server, which takes requests; or its admin API, which answers the same way. */
export class Ingress {
  private readonly url: string;
  private readonly apiName: string;
  private readonly onLost: (url: string) => void;
  private isLost = false;

  /** `onLost` is called once each time that the server cannot be reached and requests are repeated. */
  constructor(
    url: string,
    { apiName = INGRESS, onLost = () => undefined }: { apiName?: string; onLost?: ((url: string) => void) | undefined } = {},
  ) {
    this.url = url.replace(/\/+$/, '');
    this.apiName = apiName;
    this.onLost = onLost;
  }

  /** Calls a handler of an object or workflow; again if the connection broke, which the handler must allow. Rejects with its error. */
  async call(service: string, key: string, handler: string, body: Json, signal?: AbortSignal): Promise<Json> {
    const path = `/${service}/${encodeURIComponent(key)}/${handler}`;
    const answer = await this.ask(path, { body, signal });
    if (answer.status < 300) return answer.data;
    throw serverError(`The Restate server refused ${path}`, answer);
  }

  /** Repeats the request while the server cannot be reached. Rejects with `connection_failed`, or the reason of the signal. */
  async ask(path: string, request: IngressRequest = {}): Promise<IngressAnswer> {
    const { patienceMs = PATIENCE_MS, signal } = request;
    let lostAtMs: number | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const answer = await this.askOnce(path, request).catch((cause: unknown) => {
        signal?.throwIfAborted();
        return unreachable(this.url, this.apiName, cause);
      });
      const isLost = answer instanceof ThreadlineError;
      if (!isLost && !UNAVAILABLE.includes(answer.status)) return answer;
      lostAtMs ??= performance.now();
      const lostMs = performance.now() - lostAtMs;
      if (lostMs >= patienceMs) {
        if (isLost) throw answer;
        return answer;
      }
      this.reportLost(lostMs);
      // The next try throws the reason of an abort.
      await pause(pauseMs, signal);
    }
  }

  private reportLost(lostMs: number): void {
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
    this.isLost &&= UNAVAILABLE.includes(response.status);
    return { status: response.status, data: jsonOrText(text) };
  }
}

function jsonOrText(text: string): Json {
  if (text === '') return null;
  try {
    return parseJson(text);
  } catch {
    // The page of a proxy, say: its text is all there is to report.
    return text;
  }
}

/** The reason in the body of a refusal. */
export function reasonOf(data: Json, status: number): string {
  const { message } = (data ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : typeof data === 'string' ? data.slice(0, 200) : `status ${status}`;
}

/** `message` is a sentence without its end: the server's own reason follows. */
export const serverError = (message: string, { status, data }: IngressAnswer, options: { hint?: string } = {}) =>
  new ThreadlineError('server_error', `${message}: ${reasonOf(data, status)}`, { ...options, details: { status } });

const unreachable = (url: string, apiName: string, cause: unknown) =>
  new ThreadlineError('connection_failed', `The Restate server at ${url} cannot be reached.`, {
    hint: `Is it running, and is this ${apiName}?`,
    cause,
  });
