import type { IncomingMessage } from 'node:http';
import { ThreadlineError } from 'threadline/provider';
import { type ExchangeOptions, exchange } from './exchange.ts';
import type { HeaderMap } from './headers.ts';
import type { OutgoingRequest } from './outgoing.ts';
import type { Method } from './schema.ts';
import { describeUrl, isHttp } from './target.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Names of headers that belong to the first origin alone: its name, and whatever sounds like a credential. */
const BOUND_TO_ORIGIN = /^host$|auth|cookie|token|(^|[-_])key$|api-?key|secret|session|signature|password/;

export interface Answered {
  /** What was asked last. */
  outgoing: OutgoingRequest;
  response: IncomingMessage;
}

/** Sends a request, and goes where the answers lead when `follow` is set. `secretHeaders` never leave the first origin. */
export async function exchangeAndFollow(
  first: OutgoingRequest,
  options: ExchangeOptions & { follow: boolean; secretHeaders: ReadonlySet<string> },
): Promise<Answered> {
  let outgoing = first;
  for (let redirects = 0; ; redirects++) {
    const response = await exchange(outgoing, options);
    const location = options.follow && REDIRECTS.has(response.statusCode ?? 0) ? response.headers.location : undefined;
    if (location === undefined) return { outgoing, response };
    response.destroy();
    if (redirects === MAX_REDIRECTS) {
      throw new ThreadlineError('step_failed', `${describeUrl(first.url)} redirects more than ${MAX_REDIRECTS} times.`);
    }
    outgoing = redirect(outgoing, response.statusCode ?? 0, location, options.secretHeaders);
  }
}

function redirect(from: OutgoingRequest, status: number, location: string, secretHeaders: ReadonlySet<string>): OutgoingRequest {
  const url = nextUrl(from.url, location);
  const method = nextMethod(from.method, status);
  const isSameOrigin = url.origin === from.url.origin;
  const headers: HeaderMap = new Map();
  for (const [name, value] of from.headers) {
    if (!isSameOrigin && (secretHeaders.has(name) || isBoundToOrigin(name))) continue;
    if (method !== from.method && (name.startsWith('content-') || name === 'idempotency-key')) continue;
    headers.set(name, value);
  }
  return { method, url, headers, body: method === from.method ? from.body : undefined };
}

const isBoundToOrigin = (name: string) => name !== 'idempotency-key' && BOUND_TO_ORIGIN.test(name);

function nextUrl(from: URL, location: string): URL {
  const url = URL.parse(location, from.href);
  if (!url || !isHttp(url)) {
    throw new ThreadlineError('blocked_target', `${describeUrl(from)} redirects to something that is no http or https address.`);
  }
  // The workflow's author did not write them, so they prove nothing.
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/** As browsers and fetch have it, whatever RFC 9110 wished for. */
function nextMethod(method: Method, status: number): Method {
  if (status === 303 && method !== 'HEAD') return 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}
