import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { ApiError, badRequest, notFound } from '../base/api-error.ts';
import { ClientConnection } from '../base/client-connection.ts';
import { pause } from '../base/pause.ts';
import { type Body, isForm, parseBody } from '../http/body.ts';
import { Delivery } from '../http/delivery.ts';
import type { Exchange, ReceivedRequest } from '../http/exchange.ts';
import { headersOf, readBody } from '../http/http.ts';
import { type ApiRequest, type Emulation, type Match, matchPath, type Reply, type Route } from '../routing/route.ts';
import { errorOfRule, pacingOf } from '../rules/answer.ts';
import { Interruption } from '../rules/interruption.ts';
import { featuresOfPath } from '../rules/request-features.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import type { Store } from '../store/store.ts';

/** Settings of the server, with its listeners. */
export interface Service {
  routes: readonly Route[];
  rules: RuleBook;
  store: Store;
  latencyMs: number;
  onRequest(request: ReceivedRequest): void;
  onExchange(exchange: Exchange): void;
}

const BASE_PATH = '/v1';
/** Body of an error from a proxy instead of the API. */
const PAGE = Buffer.from('<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>\n');
const KEEP_ALIVE_MS = 60_000;
const MEBIBYTE = 1024 * 1024;
/** A form with a file of the largest size and its fields. */
const MAXIMUM_BYTES = { json: 50 * MEBIBYTE, form: 513 * MEBIBYTE };

export function createEmulatorServer(service: Service): Server {
  const server = createServer((incoming, outgoing) => {
    answer(service, incoming, outgoing).catch((thrown: unknown) => {
      // Only bugs of the emulator get here.
      outgoing.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    });
  });
  // With Node's default of 5 s, connections are reset just when a client's pool reuses them.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function answer(service: Service, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const startedAt = performance.now();
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort()).on('error', () => gone.abort());
  const { store, latencyMs } = service;
  const rules = service.rules.forRequest();
  const request = receivedOf(incoming);
  const exchange: Exchange = { request, status: 200, headers: {}, body: undefined, events: [] };
  const delivery = () => {
    exchange.headers = headersOf(startedAt);
    return new Delivery(new ClientConnection(outgoing, gone.signal), exchange, rules.taken);
  };
  try {
    const reply = await replyTo(service, { store, latencyMs, rules }, request, incoming, gone.signal);
    // Start the stream even if the client is gone: the stream notices it and ends its run.
    if (gone.signal.aborted && !('events' in reply)) return;
    await send(reply, exchange, delivery());
  } catch (thrown) {
    if (gone.signal.aborted) return;
    await sendThrown(thrown, exchange, delivery());
  }
  service.onExchange(exchange);
}

function receivedOf(incoming: IncomingMessage): ReceivedRequest {
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  const url = incoming.url ?? '/';
  const path = url.startsWith(`${BASE_PATH}/`) ? url.slice(BASE_PATH.length) : url;
  return { method: incoming.method ?? 'GET', path, headers: Object.fromEntries(headers), body: undefined };
}

async function replyTo(
  { routes, onRequest }: Service,
  emulation: Emulation,
  request: ReceivedRequest,
  incoming: IncomingMessage,
  client: AbortSignal,
): Promise<Reply> {
  const isMultipart = isForm(request.headers['content-type']);
  const bytes = await readBody(incoming, isMultipart ? MAXIMUM_BYTES.form : MAXIMUM_BYTES.json).finally(() => onRequest(request));
  const received = await parseBody(bytes, request.headers['content-type']);
  request.body = received.content;
  checkAuthorization(request);
  const url = new URL(request.path, 'http://emulator');
  const { route, params } = routeOf(routes, request.method, incoming.url ?? '/', url.pathname);
  const { latencyMs } = emulation;
  const { pathname: path, searchParams: query } = url;
  const body = fieldsOf(received, route);
  return handle(
    route,
    { params, path, query, headers: request.headers, body, files: received.files, latencyMs, client },
    emulation,
  );
}

async function handle(route: Route, request: ApiRequest, emulation: Emulation): Promise<Reply> {
  try {
    const latencyMs = route.asksModel ? emulation.latencyMs : await meetRules(route, request, emulation);
    return await route.handle({ ...request, latencyMs }, emulation);
  } catch (thrown) {
    if (thrown instanceof Interruption) await pause(pacingOf(thrown.rule, emulation.latencyMs).latencyMs, request.client);
    throw thrown;
  }
}

/** Applies rules to a route without a model. Returns the latency of the work that continues after the response. */
async function meetRules(route: Route, { params, path, client }: ApiRequest, emulation: Emulation): Promise<number> {
  const rule = emulation.rules.takeForPath(featuresOfPath(path, params.model ?? ''));
  const { latencyMs } = pacingOf(rule, emulation.latencyMs);
  const isWaitedFor = rule.error !== undefined || (rule.latency_ms !== undefined && !route.worksOn);
  if (isWaitedFor) await pause(latencyMs, client);
  if (rule.error) throw errorOfRule(rule.error);
  return latencyMs;
}

function fieldsOf({ kind, content }: Body, { takesForm = false }: Route): JsonObject {
  if (takesForm && kind !== 'form') throw badRequest("Invalid content type: expected 'multipart/form-data'.");
  if (!takesForm && kind === 'form') throw badRequest("Invalid content type: expected 'application/json'.");
  if (kind === 'none') return {};
  if (content === undefined) throw badRequest(`We could not parse the ${takesForm ? 'form' : 'JSON'} body of your request.`);
  if (!isObject(content)) throw badRequest('The JSON body of your request must be an object.');
  return content;
}

function checkAuthorization({ headers }: ReceivedRequest): void {
  if (headers.authorization || headers['api-key']) return;
  throw new ApiError(401, 'Missing bearer or basic authentication in header');
}

function routeOf(routes: readonly Route[], method: string, url: string, path: string): Match {
  const matches = url.startsWith(`${BASE_PATH}/`) ? matchPath(routes, path) : [];
  const match = matches.find(({ route }) => route.method === method);
  if (match) return match;
  if (matches.length === 0) throw notFound(`Invalid URL (${method} ${url})`);
  throw new ApiError(405, `Not allowed to ${method} on ${url}.`, { code: 'method_not_supported' });
}

async function send(reply: Reply, exchange: Exchange, delivery: Delivery): Promise<void> {
  if ('events' in reply) return delivery.sendEvents(reply);
  if ('bytes' in reply) return delivery.sendBytes(reply.bytes, 'application/octet-stream');
  Object.assign(exchange.headers, reply.headers);
  return delivery.sendJson(reply.body);
}

async function sendThrown(thrown: unknown, exchange: Exchange, delivery: Delivery): Promise<void> {
  if (thrown instanceof Interruption) {
    exchange.status = thrown.rule.error?.status ?? exchange.status;
    return delivery.sendBytes(PAGE, 'text/html; charset=utf-8');
  }
  if (!(thrown instanceof ApiError)) throw thrown;
  exchange.status = thrown.status;
  Object.assign(exchange.headers, thrown.headers);
  return delivery.sendJson(thrown.body);
}
