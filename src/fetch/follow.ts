import { ThreadlineError } from '../shared/errors/errors.ts';
import { connectionFailure, type Hop } from './connection-failure.ts';
import { describeUrl, type OutgoingRequest } from './outgoing.ts';
import { type HttpAnswer, type SendOptions, send } from './send.ts';

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Names of headers that belong to the first origin alone: its name, and whatever sounds like a credential. */
const BOUND_TO_ORIGIN = /^host$|auth|cookie|token|(^|[-_])key$|api-?key|secret|session|signature|password/;

export interface FollowOptions extends SendOptions {
  follow: boolean;
  /** Lower-case names of headers that never leave the first origin, besides those that sound like credentials. */
  secretHeaders: ReadonlySet<string>;
}

/** Sends a request, and goes where the answers lead. */
export async function sendAndFollow(first: OutgoingRequest, options: FollowOptions): Promise<{ answer: HttpAnswer; hop: Hop }> {
  const { follow, secretHeaders, verify } = options;
  let hop: Hop = { first, outgoing: first, verify };
  for (let redirects = 0; ; redirects++) {
    const answer = await sent(hop, options);
    const location = follow && REDIRECTS.has(answer.status) ? [answer.headers.location].flat()[0] : undefined;
    if (location === undefined) return { answer, hop };
    answer.body.on('error', () => undefined).destroy();
    if (redirects === MOST_REDIRECTS)
      throw new ThreadlineError('step_failed', `${describeUrl(first.url)} redirects more than ${MOST_REDIRECTS} times.`);
    hop = { ...hop, outgoing: redirected(hop.outgoing, answer.status, location, secretHeaders) };
  }
}

async function sent(hop: Hop, options: FollowOptions): Promise<HttpAnswer> {
  try {
    return await send(hop.outgoing, options);
  } catch (thrown) {
    // Whatever broke because of the abort, the abort is why.
    options.signal?.throwIfAborted();
    throw connectionFailure(thrown, hop);
  }
}
function redirected(
  from: OutgoingRequest,
  status: number,
  location: string,
  secretHeaders: ReadonlySet<string>,
): OutgoingRequest {
  const url = nextUrl(from.url, location);
  const method = nextMethod(from.method, status);
  const isSameOrigin = url.origin === from.url.origin;
  const headers = new Map<string, string>();
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
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ThreadlineError(
      'blocked_target',
      `${describeUrl(from)} redirects to something that is not an http or https address.`,
    );
  // The workflow's author did not write them, so they prove nothing.
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/** As browsers have it, whatever RFC 9110 wished for. */
function nextMethod(method: string, status: number): string {
  if (status === 303 && method !== 'HEAD') return 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}
