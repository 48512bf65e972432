import type { Logger } from 'threadline/provider';
import { Circuit } from './circuit.ts';
import { type Clock, systemClock } from './clock.ts';
import { Exchange, type RetryNote } from './exchange.ts';
import { Limiter, type WaitNote } from './limiter.ts';
import { outgoingOf } from './outgoing.ts';

export interface TransportOptions {
  /** `host:port`. What is learned of a server is shared by all who talk to it; of its rate limits, by those with the same key. */
  server: string;
  apiKey: string;
  /** How often a request is repeated; 0 for never. */
  maxRetries: number;
  /** A request failed, and is repeated after `delayMs`. */
  onRetry(note: RetryNote): void;
  /** A request is held back, for about `delayMs`, before it is sent. */
  onWait(note: WaitNote): void;
  /** Each answer of the server's, whatever it says. */
  onAnswer?(headers: Headers): void;
  /** Hears of every attempt at a request, and of how it ended. */
  log?: Pick<Logger, 'debug'>;
  /** Asked once for each request that is no GET, with its path: all its attempts carry the same key. */
  idempotencyKey?(path: string): string;
}

/** What is known of a server. */
interface Known {
  circuit: Circuit;
  /** By key and model. */
  limiters: Map<string, Limiter>;
}

/**
 * A `fetch` that is polite, and that repeats only what cannot be paid or done twice:
 * - repeats answers that say that nothing was done, connections that were never made, and broken ones of GET and DELETE;
 * - waits as the server asks, up to five minutes, and as its rate limits want, in the order of asking;
 * - rejects as `fetch` does, and with `server_error` while a server that only failed is left alone;
 * - leaves neither timers nor listeners behind.
 */
export const openTransport = transportsOn(systemClock);

/** Transports that share what they learn, by a clock of one's own. */
export function transportsOn(clock: Clock): (options: TransportOptions) => typeof fetch {
  const servers = new Map<string, Known>();
  return (options) => {
    const known = entry(servers, options.server, () => ({ circuit: new Circuit(options.server, clock), limiters: new Map() }));
    return (input, init) => {
      const request = outgoingOf(input, init, options.idempotencyKey);
      const limiter = entry(known.limiters, JSON.stringify([options.apiKey, request.model]), () => new Limiter(clock));
      return new Exchange({ request, options, limiter, circuit: known.circuit, clock }).run();
    };
  };
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
