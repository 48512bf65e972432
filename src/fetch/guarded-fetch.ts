import { ThreadlineError } from '../shared/errors/errors.ts';
import { connectionFailure } from './connection-failure.ts';
import { sendAndFollow } from './follow.ts';
import type { Answer, OutgoingRequest } from './send.ts';

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
}

/**
 * As the web's `fetch`, with what a host must hold to: each address is looked at before it is connected to, on every redirect and
 * after its name is resolved. The body comes as the server sends it, never decompressed. Rejects with `blocked_target` for a private
 * or local address, with `connection_failed`, whose `retryable` tells the truth, and with the reason of the signal.
 */
export type GuardedFetch = (address: string | URL, init?: FetchInit) => Promise<Response>;

/** A `fetch` for the hosts that a step may reach: public ones, and those that `allowHosts` names. */
export const guardedFetch =
  (allowHosts: readonly string[], stepSignal: AbortSignal): GuardedFetch =>
  async (address, init = {}) => {
    const { signal = stepSignal, redirect = 'follow', verify = true, secretHeaders = [] } = init;
    const first = outgoingOf(address, init);
    const { outgoing, answer } = await sendAndFollow(first, {
      signal: signal ?? undefined,
      verify,
      allowHosts,
      follow: redirect === 'follow',
      secretHeaders: new Set(secretHeaders.map((name) => name.toLowerCase())),
    });
    return responseOf(answer, outgoing, { redirected: outgoing !== first, signal });
  };

function outgoingOf(
  address: string | URL,
  { method = 'GET', headers, body }: NonNullable<Parameters<GuardedFetch>[1]>,
): OutgoingRequest {
  const url = URL.parse(String(address));
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ThreadlineError('invalid_params', 'What is fetched is not an http or https address.');
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? undefined);
  const named = new Map(headers instanceof Map ? headers : new Headers(headers).entries());
  if (typeof body === 'string' && !named.has('content-type')) named.set('content-type', 'text/plain;charset=UTF-8');
  return { method: method.toUpperCase(), url, headers: named, body: bytes };
}

const NO_BODY = new Set([101, 103, 204, 205, 304]);

function responseOf(
  answer: Answer,
  outgoing: OutgoingRequest,
  { redirected, signal }: { redirected: boolean; signal: AbortSignal | null },
): Response {
  const { status } = answer;
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) for (const one of [value ?? []].flat()) headers.append(name, one);
  const hasBody = outgoing.method !== 'HEAD' && !NO_BODY.has(status);
  // Only after its end, even of nothing, the connection can be used again.
  if (!hasBody) answer.body.on('error', () => undefined).resume();
  const isStandard = status >= 200 && status <= 599;
  const response = new Response(hasBody ? ReadableStream.from(chunksOf(answer, outgoing, signal)) : null, {
    status: isStandard ? status : 200,
    headers,
  });
  Object.defineProperties(response, {
    url: { value: outgoing.url.href },
    redirected: { value: redirected },
    // The constructor refuses numbers that servers send all the same.
    ...(isStandard ? {} : { status: { value: status }, ok: { value: false } }),
  });
  return response;
}

/** A body whose connection breaks fails as any other connection does. */
async function* chunksOf({ body }: Answer, outgoing: OutgoingRequest, signal: AbortSignal | null): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk;
    // The pool has the connection back a turn later: who asks again at once is to get it.
    await new Promise((resolve) => setImmediate(resolve));
  } catch (thrown) {
    signal?.throwIfAborted();
    throw connectionFailure(thrown, outgoing);
  }
}
