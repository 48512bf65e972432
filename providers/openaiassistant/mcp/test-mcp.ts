import { getEventListeners, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect } from '@jest/globals';
import { ThreadlineError } from 'threadline/provider';
import { type McpOptions, type McpServer, type McpSession, openMcpServers } from './index.ts';

const SCRIPT = fileURLToPath(new URL('test-stdio-server.ts', import.meta.url));

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export const stdio = (behaviour = 'plain'): McpServer => ({ command: [process.execPath, SCRIPT, behaviour] });

export interface Opened extends McpSession {
  logs: string[];
  call(name: string, args?: Parameters<McpSession['tools'][number]['call']>[0], signal?: AbortSignal): Promise<unknown>;
  names: string[];
}

/** Opens servers, and holds them to the contract: no listener stays on the signal. They end with the test. */
export async function open(servers: McpServer[], options: Partial<McpOptions> = {}): Promise<Opened> {
  const logs: string[] = [];
  const { signal = new AbortController().signal } = options;
  cleanups.push(() => expect(getEventListeners(signal, 'abort')).toEqual([]));
  const log: McpOptions['log'] = (level, message) => logs.push(`${level}: ${message}`);
  const session = await openMcpServers(servers, { allowHosts: ['127.0.0.1'], log, ...options, signal });
  cleanups.push(() => session.close());
  const call: Opened['call'] = async (name, args = {}, own = new AbortController().signal) => {
    const tool = session.tools.find((candidate) => candidate.name === name);
    if (!tool) throw new Error(`there is no tool ${name}`);
    return tool.call(args, own);
  };
  return { ...session, logs, call, names: session.tools.map(({ name }) => name) };
}

export async function failureOf(work: Promise<unknown>): Promise<ThreadlineError> {
  const thrown = await work.then(
    () => undefined,
    (error) => error,
  );
  expect(thrown).toBeInstanceOf(ThreadlineError);
  return thrown as ThreadlineError;
}

/** A note that a child process writes about itself while it lives. */
export interface Lifeline {
  env: { LIFELINE: string };
  /** Resolves when it has said this word. */
  says(word: string): Promise<void>;
  /** Resolves when the process has ended, whoever ended it. */
  gone: Promise<void>;
}

export async function openLifeline(): Promise<Lifeline> {
  const server = createTcpServer();
  const { port } = await listen(server);
  const connected: Promise<Interface> = once(server, 'connection').then(([socket]) => createInterface(socket as Socket));
  const lines = connected.then((reader) => {
    const said: string[] = [];
    reader.on('line', (line) => said.push(line));
    return { reader, said };
  });
  const gone = connected.then(async (reader) => void (await once(reader, 'close')));
  const says = async (word: string) => {
    const { reader, said } = await lines;
    while (!said.includes(word)) await once(reader, 'line');
  };
  return { env: { LIFELINE: String(port) }, says, gone };
}

/** A server on 127.0.0.1, which ends with the test; resolves with its origin. */
export async function serve(listener: RequestListener): Promise<{ origin: string; breakOff(): void }> {
  const server = createServer(listener);
  const { port } = await listen(server);
  const breakOff = () => server.close().closeAllConnections();
  cleanups.push(breakOff);
  return { origin: `http://127.0.0.1:${port}`, breakOff };
}

async function listen(server: Server): Promise<AddressInfo> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return server.address() as AddressInfo;
}
