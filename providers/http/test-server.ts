import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';
import { type JsonObject, type ProviderContext, type ProviderEvent, ThreadlineError } from 'threadline/provider';
import { checkSchema } from 'threadline/runtime';
import { testContext } from 'threadline/testing';
import provider from './index.ts';
import type { HttpConfig, HttpParams } from './schema.ts';

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** Starts a server on 127.0.0.1 and resolves with its origin. It ends with the test file. */
export async function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener));
}

export async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function textOfRequest(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

export interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Starts a server that records its requests and answers each with `{}`. */
export async function serveRecorder(): Promise<{ origin: string; received: Received[] }> {
  const received: Received[] = [];
  const origin = await serve(async (request, response) => {
    const { method, url, headers } = request;
    received.push({ method, url, headers, body: await textOfRequest(request) });
    response.setHeader('content-type', 'application/json').end('{}');
  });
  return { origin, received };
}

export interface TestRun {
  config?: HttpConfig;
  signal?: AbortSignal;
  idempotencyKey?: string;
  allowHosts?: string[];
  events?: ProviderEvent[];
}

export interface HttpResult {
  status: boolean;
  ok: boolean;
  status_code: number;
  headers: Record<string, string>;
  body: unknown;
  url: string;
  duration_ms: number;
}

/** Runs the provider like the host, with valid parameters and configuration. */
export async function run(params: HttpParams, testRun: TestRun = {}): Promise<HttpResult> {
  const config = testRun.config ?? {};
  const issues = [...checkSchema(provider.params, params as JsonObject), ...checkSchema(provider.config, config as JsonObject)];
  if (issues.length > 0) throw new Error(issues.map((issue) => issue.message).join());
  return (await provider.run(params, contextOf(config, testRun))) as unknown as HttpResult;
}

function contextOf(config: HttpConfig, testRun: TestRun): ProviderContext<HttpConfig> {
  const { signal, idempotencyKey = 'run-1/step', allowHosts = ['127.0.0.1'], events = [] } = testRun;
  const context = testContext(config, { ...(signal ? { signal } : {}), allowHosts, emit: (event) => events.push(event) });
  return { ...context, idempotencyKey };
}

/** Resolves with the provider's error. */
export async function failureOf(params: HttpParams, testRun: TestRun = {}): Promise<ThreadlineError> {
  const outcome = await run(params, testRun).catch((error: unknown) => error);
  if (outcome instanceof ThreadlineError) return outcome;
  throw new Error(`no ThreadlineError: ${String(outcome)} ${JSON.stringify(outcome)}`);
}
