/** An offline server for OpenAI's API. It keeps state in memory and answers from rules instead of a model. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Exchange, ReceivedRequest } from './http/exchange.ts';
import { ROUTES } from './routes/index.ts';
import { RuleBook } from './rules/rule-book.ts';
import type { Rule } from './rules/rules.ts';
import { createEmulatorServer } from './server/server.ts';
import { Store } from './store/store.ts';

export type { Exchange, ReceivedRequest } from './http/exchange.ts';
export { type Rule, RuleFileSchema } from './rules/rules.ts';

export interface EmulatorOptions {
  /** 0, the default, chooses a free port. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /** Tried in order. A mistake throws a ThreadlineError that names the rule. */
  rules?: readonly Rule[];
  /** Latency of answers whose rule sets none. */
  latencyMs?: number;
  /** Seed for rules with a `probability`, which makes their results reproducible. 1 by default. */
  seed?: number;
  /** Called when an answer, or the part that the rules allow, was sent. */
  onExchange?(exchange: Exchange): void;
}

export interface Emulator {
  /** Base URL for OpenAI clients: http://127.0.0.1:PORT/v1 */
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Stops listening, closes open connections and ends background work. */
  close(): Promise<void>;
}

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, host = '127.0.0.1', rules, seed, latencyMs = 0, onExchange } = options;
  const requests: ReceivedRequest[] = [];
  const store = new Store();
  const server = createEmulatorServer({
    routes: ROUTES,
    rules: new RuleBook(rules, seed),
    store,
    latencyMs,
    onRequest: (request) => requests.push(request),
    onExchange: (exchange) => onExchange?.(exchange),
  });
  server.listen(port, host);
  await once(server, 'listening');
  const close = async () => {
    store.close();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: urlOf(host, server.address() as AddressInfo), requests, close };
}

const urlOf = (host: string, { port }: AddressInfo): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}/v1`;
