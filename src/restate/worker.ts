import { createServer as createHealthServer, type Server } from 'node:http';
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createEndpointHandler, type LoggerTransport } from '@restatedev/restate-sdk';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { Logger } from '../shared/log/logger.ts';
import { ADMIN, Ingress, reasonOf } from './ingress.ts';
import { laneObject } from './lane-object.ts';
import { leaseObject } from './lease-object.ts';
import { memoryObject } from './memory-object.ts';
import { PlanCache } from './plan-cache.ts';
import { remoteLeases } from './remote-leases.ts';
import { type RunHost, runService } from './run-service.ts';
import { Workload } from './workload.ts';

interface WorkerOptions extends Pick<RunHost, 'options'> {
  host: string;
  /** 0 takes a free port. */
  port: number;
  healthPort: number;
  ingress: string;
  /** The server's public key: the worker refuses requests that it did not sign. */
  identityKey: string | undefined;
  /** Receives the log of runs and of the SDK, except what is repeated on replay. */
  log: Logger;
}

interface Worker {
  /** The URL that it listens on, for HTTP/2. */
  url: string;
  /** Answers 200 to every request over HTTP/1, and 503 once it drains. */
  healthUrl: string;
  /** Takes no more work; resolves when the server has the ends of all work in progress. */
  drain(): Promise<void>;
}

/** Serves the interpreter to a Restate server. Rejects with `invalid_usage` when it cannot listen. */
export async function startWorker(given: WorkerOptions): Promise<Worker> {
  const { host, port, healthPort, ingress, identityKey, log, options } = given;
  const workload = new Workload();
  const client = new Ingress(ingress);
  const runs = runService({
    options,
    ingress: client,
    leases: remoteLeases(client),
    plans: new PlanCache(options.registry),
    gateFor: (attemptEnd) => workload.gateFor(attemptEnd),
  });
  const server = createServer(
    createEndpointHandler({
      services: [runs, memoryObject, laneObject, leaseObject],
      logger: transportTo(log),
      ...(identityKey === undefined ? {} : { identityKeys: [identityKey] }),
    }),
  );
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  const health = createHealthServer((_, response) => {
    response.writeHead(workload.isDraining ? 503 : 200).end(workload.isDraining ? 'draining\n' : 'ok\n');
  });
  const url = await listen(server, host, port);
  const healthUrl = await listen(health, host, healthPort);
  return {
    url,
    healthUrl,
    async drain() {
      server.close();
      // The server sends new requests elsewhere; those in progress may end.
      for (const session of sessions) session.close();
      await workload.drain();
      for (const session of sessions) session.destroy();
      health.close();
      health.closeAllConnections();
    },
  };
}

async function listen(server: Server | Http2Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new ThreadlineError('invalid_usage', `The worker cannot listen on ${host}:${port}: ${(cause as Error).message}.`, {
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}

/** Registers a worker, or the load balancer of several, at the server. `admin` is the URL of its admin API. */
export async function registerWorker(admin: string, url: string): Promise<void> {
  // `force`: the server also reads a newer worker at a known address.
  const { status, data } = await new Ingress(admin, { apiName: ADMIN }).ask('/deployments', { body: { uri: url, force: true } });
  if (status < 300) return;
  throw new ThreadlineError(
    'invalid_config',
    `The Restate server at ${admin} refused the worker ${url}: ${reasonOf(data, status)}`,
    {
      hint: 'Can the server reach that URL? `--url` says where it finds the worker.',
    },
  );
}

/** Passes on the lines of runs at their level; the SDK's own `info` lines report nothing new, so they become `debug`. */
const transportTo =
  (log: Logger): LoggerTransport =>
  ({ source, level, replaying, context }, ...parts: unknown[]) => {
    // Messages without a context are about the start, which the command line reports itself.
    if (replaying || !context || level === 'trace') return;
    // The SDK exports the enumeration of sources as a type only.
    if (String(source) === 'USER') {
      const [message, fields] = parts;
      return log[level](String(message), fields as JsonObject);
    }
    const text = parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
    const correlation = { correlation_id: context.key ?? context.invocationId, service: context.serviceName };
    log[level === 'info' ? 'debug' : level](text.trim(), correlation);
  };
