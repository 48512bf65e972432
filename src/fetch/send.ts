import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { isAllowedHost, publicLookup, refuseNonPublicAddress } from './guard.ts';
import { isIdempotent, type OutgoingRequest } from './outgoing.ts';

export interface SendOptions {
  signal: AbortSignal | undefined;
  /** Whether the TLS certificate is checked: it is, unless this says `false`. */
  verify: boolean | undefined;
  allowHosts: readonly string[];
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Readable;
}

/** Deadlines are the caller's. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 } as const;

const agentOf = (connect: object) =>
  new Agent({ ...NO_TIMEOUTS, allowH2: false, connections: 64, keepAliveTimeout: 30_000, connect: { timeout: 0, ...connect } });

/**
 * Pools of connections. The `guarded` ones check an address when they connect: with one pool, a request that may go nowhere
 * private could take over a connection of one that may; and one that checks certificates, one of one that does not.
 */
const AGENTS = {
  guarded: {
    checked: agentOf({ lookup: publicLookup }),
    unchecked: agentOf({ lookup: publicLookup, rejectUnauthorized: false }),
  },
  allowed: { checked: agentOf({}), unchecked: agentOf({ rejectUnauthorized: false }) },
};

/**
 * Sends one request and resolves when the headers of the answer are there. Follows nothing. Rejects with `blocked_target` where
 * the host, or what its name leads to, is not public and not allowed; else with what the connection failed with.
 */
export async function send(outgoing: OutgoingRequest, options: SendOptions): Promise<HttpAnswer> {
  const isAllowed = isAllowedHost(outgoing.url, options.allowHosts);
  if (!isAllowed) refuseNonPublicAddress(outgoing.url);
  const agents = isAllowed ? AGENTS.allowed : AGENTS.guarded;
  const agent = options.verify === false ? agents.unchecked : agents.checked;
  const mostRepeats = isIdempotent(outgoing.method) ? idleConnections(agent, outgoing.url.origin) : 0;
  return sendOver(agent, outgoing, options.signal, mostRepeats);
}

async function sendOver(
  agent: Agent,
  outgoing: OutgoingRequest,
  signal: AbortSignal | undefined,
  mostRepeats: number,
): Promise<HttpAnswer> {
  const { method, url, headers, body } = outgoing;
  try {
    const answer = await request(url, {
      method: method as Dispatcher.HttpMethod,
      headers: Object.fromEntries(headers),
      body: body ?? null,
      dispatcher: agent,
      ...(signal ? { signal } : {}),
    });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  } catch (thrown) {
    // The server closed an idle connection just when it was picked. Each try uses one of those up.
    if (mostRepeats > 0 && isReset(thrown) && !signal?.aborted) return sendOver(agent, outgoing, signal, mostRepeats - 1);
    throw thrown;
  }
}

function idleConnections(agent: Agent, origin: string): number {
  const stats = agent.stats[origin];
  return stats && 'free' in stats ? stats.free : 0;
}

const isReset = (thrown: unknown): boolean =>
  ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes((thrown as NodeJS.ErrnoException).code ?? '');
