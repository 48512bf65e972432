import type { Logger } from 'threadline/provider';
import { Circuit } from './circuit.ts';
import { type Clock, systemClock } from './clock.ts';
import { Exchange, type RetryNote } from './exchange.ts';
import { Limiter, type WaitNote } from './limiter.ts';
import { outgoingOf } from './outgoing.ts';

export interface TransportOptions {
  /** `host:port`. A server's circuit is shared by all that talk to it, its rate limits by those with the same key. */
  server: string;
  apiKey: string;
  /** How often a request is repeated; 0 for never. */
  maxRetries: number;
  /** Called when a request failed, and is repeated after `delayMs`. */
  onRetry(note: RetryNote): void;
  /** Called when a request is held back, for about `delayMs`, before it is sent. */
  onWait(note: WaitNote): void;
  /** Called with the headers of each answer, whatever its status. */
  onAnswer?(headers: Headers): void;
  /** Called with every attempt at a request, and with how it ended. */
  log?: Pick<Logger, 'debug'>;
  /** Called once for each request that is not a GET, with its path: all its attempts carry the same key. */
  idempotencyKey?(path: string): string;
}

/** State that the requests to one server share. */
interface SharedState {
  circuit: Circuit;
  /** By key and model. */
  limiters: Map<string, Limiter>;
}

/**
 * A `fetch` that keeps to rate limits, and that repeats only what cannot be paid or done twice:
 * - repeats requests whose answer says that nothing was done, whose connection was never made, and GET and DELETE whose
 *   connection broke;
 * - waits as long as the server asks, up to five minutes, and as its rate limits want, first come first served;
 * - rejects as `fetch` does, and with `server_error` while the circuit of a failing server is open;
 * - leaves neither timers nor listeners behind.
 */
export const openTransport = transportsOn(systemClock);

/** Opens transports that share what they learn of servers, on a given clock. */
export function transportsOn(clock: Clock): (options: TransportOptions) => typeof fetch {
  const servers = new Map<string, SharedState>();
  return (options) => {
    const shared = entryOf(servers, options.server, () => ({ circuit: new Circuit(options.server, clock), limiters: new Map() }));
    return (input, init) => {
      const request = outgoingOf(input, init, options.idempotencyKey);
      const limiter = entryOf(shared.limiters, JSON.stringify([options.apiKey, request.model]), () => new Limiter(clock));
      return new Exchange({ request, options, limiter, circuit: shared.circuit, clock }).run();
    };
  };
}

function entryOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
