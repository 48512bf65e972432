import { ThreadlineError } from '../shared/errors/errors.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { bodyStream } from './body-stream.ts';
import type { Hop } from './connection-failure.ts';
import { sendAndFollow } from './follow.ts';
import type { OutgoingRequest } from './outgoing.ts';
import { bodyOf } from './response-body.ts';
import type { HttpAnswer } from './send.ts';

export interface FetchInit {
  /** Default GET. */
  method?: string;
  headers?: RequestInit['headers'];
  body?: string | Uint8Array | null;
  /** Default: the step's own. */
  signal?: AbortSignal | null;
  /** `follow` goes up to five redirects far; credentials do not go along to another origin. */
  redirect?: 'follow' | 'manual';
  /** `false` does not check the TLS certificate. */
  verify?: boolean;
  /** Names of headers that never leave the first origin, besides those that sound like credentials. */
  secretHeaders?: readonly string[];
  /** The largest body, after decompression; default 50 MB. Reading on fails with `response_too_large`. */
  maxBytes?: number;
}

/**
 * As the web's `fetch`, with what a host must hold to: each address is checked before it is connected to, on every redirect and
 * after its name is resolved. Rejects with `blocked_target` for a private or local address, with `connection_failed`, whose
 * `retryable` tells the truth, and with the reason of the signal; so does the body when it is read. Its `json()` keeps the digits
 * of whole numbers: those beyond 2^53 are bigints.
 */
export type GuardedFetch = (address: string | URL, init?: FetchInit) => Promise<Response>;

const MOST_BYTES = 50_000_000;

/** A `fetch` for the hosts that a step may reach: public ones, and those that `allowHosts` names. */
export const guardedFetch =
  (allowHosts: readonly string[], stepSignal: AbortSignal): GuardedFetch =>
  async (address, init = {}) => {
    const { signal = stepSignal, redirect = 'follow', verify, secretHeaders = [], maxBytes = MOST_BYTES } = init;
    const { answer, hop } = await sendAndFollow(outgoingOf(address, init), {
      signal: signal ?? undefined,
      verify,
      allowHosts,
      follow: redirect === 'follow',
      secretHeaders: new Set(secretHeaders.map((name) => name.toLowerCase())),
    });
    return responseOf(answer, hop, bodyOf(answer, hop, { maxBytes, signal }));
  };

function outgoingOf(address: string | URL, { method = 'GET', headers, body }: FetchInit): OutgoingRequest {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? undefined);
  const named = new Map(new Headers(headers).entries());
  if (typeof body === 'string' && !named.has('content-type')) named.set('content-type', 'text/plain;charset=UTF-8');
  return { method: method.toUpperCase(), url: urlOf(address), headers: named, body: bytes };
}

function urlOf(address: string | URL): URL {
  const url = URL.parse(String(address));
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ThreadlineError('invalid_params', 'A request needs an http or https address.');
  // Both would be left out in silence.
  if (url.username || url.password)
    throw new ThreadlineError('invalid_params', `The address of ${url.host} holds a user name or a password.`, {
      hint: 'Send them in an `Authorization` header.',
    });
  return url;
}

const NO_BODY = new Set([101, 103, 204, 205, 304]);

function responseOf(answer: HttpAnswer, { first, outgoing }: Hop, chunks: AsyncGenerator<Uint8Array>): Response {
  const { status } = answer;
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) for (const one of [value ?? []].flat()) headers.append(name, one);
  const hasBody = outgoing.method !== 'HEAD' && !NO_BODY.has(status);
  // Only after its end, even of nothing, the connection can be used again.
  if (!hasBody) answer.body.on('error', () => undefined).resume();
  const isStandard = status >= 200 && status <= 599;
  const response = new Response(hasBody ? bodyStream(chunks, answer.body) : null, { status: isStandard ? status : 200, headers });
  Object.defineProperties(response, {
    url: { value: outgoing.url.href },
    redirected: { value: outgoing !== first },
    // The web's own would round whole numbers beyond 2^53.
    json: { value: async () => parseJson(await response.text()) },
    // The constructor refuses numbers that servers send all the same.
    ...(isStandard ? {} : { status: { value: status }, ok: { value: false } }),
  });
  return response;
}
