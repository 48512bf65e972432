import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { isAllowedHost, publicLookup, refuseNonPublicAddress } from './guard.ts';

/** A request as it goes over the wire; a redirect makes another one of it. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  body: Uint8Array | undefined;
}

export interface SendOptions {
  signal: AbortSignal | undefined;
  /** Check the TLS certificate. */
  verify: boolean;
  allowHosts: readonly string[];
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Readable;
}

/** Deadlines are the caller's. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 } as const;

const agentOf = (connect: object) =>
  new Agent({ ...NO_TIMEOUTS, allowH2: false, connections: 64, keepAliveTimeout: 30_000, connect: { timeout: 0, ...connect } });

/**
 * Pools of connections. What is connected in `guarded` was looked at when it connected: with one pool, a request that may go
 * nowhere private could take over a connection of one that may; and one that checks certificates, one of one that does not.
 */
const AGENTS = {
  guarded: {
    checked: agentOf({ lookup: publicLookup }),
    unchecked: agentOf({ lookup: publicLookup, rejectUnauthorized: false }),
  },
  allowed: { checked: agentOf({}), unchecked: agentOf({ rejectUnauthorized: false }) },
};

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether doing a request twice does nothing twice. */
export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method);

/**
 * Sends one request and resolves when the headers of the answer are there. Follows nothing. Rejects with `blocked_target` where
 * the host, or what its name leads to, is not public and not allowed; else with what the connection failed with.
 */
export async function send(outgoing: OutgoingRequest, options: SendOptions): Promise<Answer> {
  const isAllowed = isAllowedHost(outgoing.url, options.allowHosts);
  if (!isAllowed) refuseNonPublicAddress(outgoing.url);
  const agents = isAllowed ? AGENTS.allowed : AGENTS.guarded;
  return sendOver(options.verify ? agents.checked : agents.unchecked, outgoing, options.signal);
}

async function sendOver(agent: Agent, outgoing: OutgoingRequest, signal: AbortSignal | undefined): Promise<Answer> {
  const { method, url, headers, body } = outgoing;
  const couldBeStale = isIdempotent(method) && hasConnection(agent, url.origin);
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
    // The server closed an idle connection just when it was picked. Each try uses one of those up, so this ends.
    if (couldBeStale && isReset(thrown) && !signal?.aborted) return sendOver(agent, outgoing, signal);
    throw thrown;
  }
}

const hasConnection = (agent: Agent, origin: string): boolean => {
  const stats = agent.stats as Record<string, { connected?: number | boolean }>;
  return Number(stats[origin]?.connected ?? 0) > 0;
};

const isReset = (thrown: unknown): boolean =>
  ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes((thrown as NodeJS.ErrnoException).code ?? '');
