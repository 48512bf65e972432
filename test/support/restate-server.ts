import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';

/** A Restate server of a test. */
export interface RestateServer {
  /** The URL of the ingress, which takes requests. */
  ingress: string;
  /** The URL of the admin API, which registers workers and lists runs. */
  admin: string;
  /** Ends the process as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  restart(): Promise<void>;
  /** Rows of the server's own tables. */
  query(sql: string): Promise<Record<string, unknown>[]>;
}

const SERVER = createRequire(import.meta.url).resolve(
  `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
);

/** Starts a server on free ports of the loopback interface, with its data in that folder. */
export async function launchRestate(folder: string): Promise<RestateServer> {
  const [ingress, admin, node] = await freePorts(3);
  const launch = () =>
    spawn(SERVER, ['--no-logo', '--base-dir', folder, '--node-name', 'test'], {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        DO_NOT_TRACK: '1',
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_BIND_IP: '127.0.0.1',
        RESTATE_LISTEN_MODE: 'tcp',
        RESTATE_BIND_PORT: String(node),
        RESTATE_INGRESS__BIND_PORT: String(ingress),
        RESTATE_ADMIN__BIND_PORT: String(admin),
        RESTATE_DEFAULT_NUM_PARTITIONS: '4',
      },
    });
  const urls = { ingress: `http://127.0.0.1:${ingress}`, admin: `http://127.0.0.1:${admin}` };
  let child = launch();
  const kill = () => killChild(child);
  const ready = () => untilAnswers([`${urls.ingress}/restate/health`, `${urls.admin}/health`], () => child.exitCode);
  await ready();
  return {
    ...urls,
    kill,
    async restart() {
      child = launch();
      await ready();
    },
    query: (sql) => rowsOf(urls.admin, sql),
  };
}

/** Registers workers at the server. */
export async function register({ admin }: Pick<RestateServer, 'admin'>, url: string): Promise<void> {
  const response = await fetch(`${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: url, force: true }),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** The tables are there a moment after the port. */
async function rowsOf(admin: string, sql: string): Promise<Record<string, unknown>[]> {
  for (let left = 100; ; left--) {
    const response = await fetch(`${admin}/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: sql }),
    });
    if (response.ok) return ((await response.json()) as { rows: Record<string, unknown>[] }).rows;
    if (left === 0) throw new Error(await response.text());
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function untilAnswers(urls: string[], exitCode: () => number | null): Promise<void> {
  for (const url of urls) {
    for (;;) {
      const isReady = await fetch(url).then(
        (response) => response.ok,
        () => false,
      );
      if (isReady) break;
      if (exitCode() !== null) throw new Error(`the Restate server ended with ${exitCode()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export async function freePorts<Count extends number>(
  count: Count,
): Promise<number[] & { length: Count; 0: number; 1: number; 2: number }> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(async (server) => {
      if (!server.listening) await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports as never;
}
