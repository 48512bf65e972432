import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isObject, type JsonObject } from '../json.ts';
import { errorOf, pacingOf } from './answer.ts';
import { ApiError, badRequest, notFound } from './api-error.ts';
import { type Body, isForm, parseBody } from './body.ts';
import type { Exchange, ReceivedRequest } from './exchange.ts';
import { factsOfPath } from './facts.ts';
import { headersOf, readBody, sendBytes, sendEvents, sendJson } from './http.ts';
import { pause } from './pause.ts';
import { type Emulation, type Match, matchPath, type Reply, type Route } from './route.ts';

/** What is served, and who is told about it. */
export interface Service {
  routes: readonly Route[];
  emulation: Emulation;
  onRequest(request: ReceivedRequest): void;
  onExchange(exchange: Exchange): void;
}

const BASE_PATH = '/v1';
const KEEP_ALIVE_MS = 60_000;
const MEBIBYTE = 1024 * 1024;
/** A form may hold one file of the largest size, and its fields. */
const MAXIMUM_BYTES = { json: 50 * MEBIBYTE, form: 513 * MEBIBYTE };

export function createEmulatorServer(service: Service): Server {
  const server = createServer((incoming, outgoing) => {
    answer(service, incoming, outgoing).catch((thrown: unknown) => {
      // Only a fault of the emulator itself gets here.
      outgoing.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    });
  });
  // Node's 5 s reset connections that a client's pool is just about to use again.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function answer(service: Service, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const startedAt = performance.now();
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort()).on('error', () => gone.abort());
  const request = receivedOf(incoming);
  const exchange: Exchange = { request, status: 200, headers: {}, body: undefined, events: [] };
  try {
    const reply = await replyTo(service, request, incoming, gone.signal);
    // A stream is started even then: it sees for itself that nobody reads, and ends its run.
    if (gone.signal.aborted && !('events' in reply)) return;
    exchange.headers = headersOf(startedAt);
    await send(outgoing, reply, exchange);
  } catch (thrown) {
    if (gone.signal.aborted) return;
    sendError(outgoing, thrown, exchange, startedAt);
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
  { routes, emulation, onRequest }: Service,
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
  const body = fieldsOf(received, route);
  if (route.asksModel !== true) await throwRuleError(emulation, url.pathname, params, client);
  const { files } = received;
  return route.handle({ params, query: url.searchParams, body, files, latencyMs: emulation.latencyMs, client }, emulation);
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

async function throwRuleError(
  { rules, latencyMs }: Emulation,
  path: string,
  { model = '' }: Record<string, string>,
  client: AbortSignal,
): Promise<void> {
  const rule = rules.takeError(factsOfPath(path, model));
  if (!rule?.error) return;
  await pause(pacingOf(rule, latencyMs).latencyMs, client);
  throw errorOf(rule.error);
}

async function send(outgoing: ServerResponse, reply: Reply, exchange: Exchange): Promise<void> {
  if ('events' in reply) {
    await sendEvents(outgoing, exchange.headers, { ...reply, onSent: (event) => exchange.events.push(event) });
    return;
  }
  if ('bytes' in reply) return sendBytes(outgoing, exchange.headers, reply.bytes);
  exchange.body = reply.body;
  sendJson(outgoing, exchange.status, exchange.headers, reply.body);
}

function sendError(outgoing: ServerResponse, thrown: unknown, exchange: Exchange, startedAt: number): void {
  if (!(thrown instanceof ApiError)) throw thrown;
  exchange.status = thrown.status;
  exchange.headers = { ...headersOf(startedAt), ...thrown.headers };
  exchange.body = thrown.body;
  sendJson(outgoing, thrown.status, exchange.headers, thrown.body);
}
