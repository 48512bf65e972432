import { type GuardedFetch, type JsonObject, LONGEST_TIMER_MS } from 'threadline/provider';
import { orAborted } from '../base/or-aborted.ts';
import { parseAddress } from './address.ts';
import { fromServer, lastWordsOf, type NamedServer } from './failures.ts';
import {
  type CallToolResult,
  CallToolResultSchema,
  Client,
  type ListToolsResult,
  ListToolsResultSchema,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
  StreamableHTTPError,
  type Transport,
} from './sdk.ts';
import { ServerProcess } from './server-process.ts';
import type { McpOptions } from './session.ts';

/** The protocol wants a version; nothing depends on it. */
const CLIENT = { name: 'threadline', version: '1' };
/** Our own deadlines hold. */
const NO_TIMEOUT = { timeout: LONGEST_TIMER_MS };
/** The time that a server gets to hear that the session is over. */
const FAREWELL_MS = 2000;
const LONGEST_LOG = 500;
/** Statuses that servers of the older transport answer with, by the protocol's specification. */
const OLD_SERVER = new Set([400, 404, 405]);

/** Accepts all results: the SDK would compile schemas of servers, which are not trusted, to code. */
const NO_VALIDATOR = {
  getValidator: () => (data: unknown) => ({ valid: true, data: data as never, errorMessage: undefined }) as const,
};

/** The connection to one server. Rejects with ThreadlineErrors, and with a signal's reason as soon as it aborts. */
export class Connection {
  private readonly subject: NamedServer;
  private readonly log: McpOptions['log'];
  private client = newClient();
  private transport: Transport | undefined;
  private closing: Promise<void> | undefined;
  /** Rejects the requests under way when the connection breaks. */
  private readonly waiting = new Set<(error: Error) => void>();

  constructor(subject: NamedServer, log: McpOptions['log']) {
    this.subject = subject;
    this.log = log;
  }

  /** Starts the server, or connects to it. To be closed even when this rejects. */
  async open(fetch: GuardedFetch, signal: AbortSignal): Promise<void> {
    const { command, env = {}, url = '' } = this.subject.server;
    if (command) {
      const child = new ServerProcess(command, env);
      this.subject.child = child;
      return this.during(signal, () => this.greet(child));
    }
    const address = parseAddress(url);
    return this.during(signal, () => this.connect(address, fetch, signal));
  }

  /** The end of its stderr, as a sentence to add to another one. */
  get lastWords(): string {
    return lastWordsOf(this.subject);
  }

  /** Lists a page of its tools. */
  list(cursor: string | undefined, signal: AbortSignal): Promise<ListToolsResult> {
    const params = cursor === undefined ? {} : { cursor };
    if (!this.client.getServerCapabilities()?.tools) return Promise.resolve({ tools: [] });
    return this.during(signal, () =>
      this.client.request({ method: 'tools/list', params }, ListToolsResultSchema, { ...NO_TIMEOUT, signal }),
    );
  }

  /** `signal` is to be this call's own: the SDK leaves its listener on it. */
  call(name: string, args: JsonObject, signal: AbortSignal): Promise<CallToolResult> {
    const params = { name, arguments: args };
    return this.during(signal, () =>
      this.client.request({ method: 'tools/call', params }, CallToolResultSchema, { ...NO_TIMEOUT, signal }),
    );
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const { transport } = this;
    if (transport instanceof StreamableHTTPClientTransport) {
      // A server that does not hear it forgets the session by itself.
      await orAborted(transport.terminateSession(), AbortSignal.timeout(FAREWELL_MS)).catch(() => {});
    }
    await transport?.close();
  }

  private async during<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const broken = Promise.withResolvers<never>();
    this.waiting.add(broken.reject);
    try {
      signal.throwIfAborted();
      return await orAborted(Promise.race([work(), broken.promise]), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw fromServer(thrown, this.subject);
    } finally {
      this.waiting.delete(broken.reject);
    }
  }

  private async connect(url: URL, guarded: GuardedFetch, signal: AbortSignal): Promise<void> {
    const requestInit = { headers: this.subject.server.headers ?? {} };
    const fetch = fetchOver(guarded);
    try {
      await this.greet(new StreamableHTTPClientTransport(url, { requestInit, fetch: withoutIdleStream(fetch) }) as Transport);
    } catch (error) {
      if (!(error instanceof StreamableHTTPError && OLD_SERVER.has(error.code ?? 0))) throw error;
      signal.throwIfAborted();
      await this.greet(new SSEClientTransport(url, { requestInit, fetch })).catch(() => {
        throw error;
      });
    }
  }

  /** Not under the signal: a client may not cancel the greeting, only leave. */
  private async greet(transport: Transport): Promise<void> {
    this.transport = transport;
    this.client = newClient();
    let isGreeted = false;
    this.client.onerror = (error) => {
      this.log('debug', `MCP server ${this.subject.label}: ${error.message.slice(0, LONGEST_LOG)}`);
      if (isBreak(error, isGreeted)) for (const reject of this.waiting) reject(error);
    };
    await this.client.connect(transport, NO_TIMEOUT);
    isGreeted = true;
  }
}

const newClient = () => new Client(CLIENT, { jsonSchemaValidator: NO_VALIDATOR });

/** The answer that a request waits for will not come any more, and the SDK itself would wait on. */
const isBreak = (error: Error, isGreeted: boolean) =>
  error instanceof SseError ? isGreeted : /^(SSE stream disconnected|Maximum reconnection)/.test(error.message);

/**
 * Answers for the server that it has no stream for requests of its own, since we take none. Proxies cut idle streams, and that
 * would look as if a call's answer was lost.
 */
const withoutIdleStream =
  (fetch: FetchLike): FetchLike =>
  async (url, init) => {
    const isIdle = init?.method === 'GET' && !new Headers(init.headers).has('last-event-id');
    return isIdle ? new Response(null, { status: 405 }) : fetch(url, init);
  };

type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The host's `fetch` as the SDK calls it: with bodies of text only, and a signal of its own for each connection. */
const fetchOver =
  (guarded: GuardedFetch): FetchLike =>
  (url, { method = 'GET', headers = {}, body, signal = null, redirect } = {}) =>
    guarded(url, {
      ...{ method, headers, signal },
      body: typeof body === 'string' ? body : null,
      // The SDK follows within the server's origin by itself.
      redirect: redirect === 'manual' ? 'manual' : 'follow',
      // A stream may stay open for as long as the session.
      maxBytes: Number.POSITIVE_INFINITY,
    });
