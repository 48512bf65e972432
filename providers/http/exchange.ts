import {
  type AgentOptions,
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isAllowedHost, publicLookup, refuseNonPublicAddress } from 'threadline/runtime';
import { failureOfConnection } from './failures.ts';
import { isIdempotent } from './headers.ts';
import type { OutgoingRequest } from './outgoing.ts';

export interface ExchangeOptions {
  signal: AbortSignal;
  /** Check the TLS certificate. */
  verify: boolean;
  allowHosts: readonly string[];
}

/** Idle sockets are unref'd by Node: they do not keep the process. The timeout ends those that no server closes. */
const POOL: AgentOptions = { keepAlive: true, maxSockets: 64, maxFreeSockets: 16, timeout: 30_000, scheduling: 'lifo' };

const poolsOf = (options: AgentOptions) => ({ 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) });

/**
 * Two sets of pools: what is connected in `guarded` was looked at when it connected. With one set, a request that may go nowhere
 * private could take over a connection of one that may.
 */
const POOLS = { guarded: poolsOf({ ...POOL, lookup: publicLookup }), allowed: poolsOf(POOL) };

/** Sends one request and resolves when the headers of the answer are there. Follows nothing. */
export async function exchange(outgoing: OutgoingRequest, options: ExchangeOptions): Promise<IncomingMessage> {
  const isAllowed = isAllowedHost(outgoing.url, options.allowHosts);
  if (!isAllowed) refuseNonPublicAddress(outgoing.url);
  try {
    return await send(outgoing, options, isAllowed ? POOLS.allowed : POOLS.guarded);
  } catch (thrown) {
    throw failureOfConnection(thrown, outgoing);
  }
}

function send(outgoing: OutgoingRequest, options: ExchangeOptions, pools: typeof POOLS.allowed): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = open(outgoing, options, pools);
    request.once('response', resolve);
    request.on('error', (error) => {
      // The server closed an idle connection just when it was picked. Each try uses one of those up, so this ends.
      if (isStale(request, error) && isIdempotent(outgoing.method)) resolve(send(outgoing, options, pools));
      else reject(error);
    });
    request.once('close', () => reject(new Error('the server closed the connection without an answer')));
    request.end(outgoing.body);
  });
}

function open(
  { method, url, headers }: OutgoingRequest,
  { signal, verify }: ExchangeOptions,
  pools: typeof POOLS.allowed,
): ClientRequest {
  const common = { method, headers: Object.fromEntries(headers), signal };
  if (url.protocol === 'http:') return requestHttp(url, { ...common, agent: pools['http:'] });
  return requestHttps(url, { ...common, agent: pools['https:'], rejectUnauthorized: verify });
}

const isStale = (request: ClientRequest, error: NodeJS.ErrnoException) =>
  request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
