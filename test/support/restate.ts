import { folderWith, type RunningCli, startCli } from './cli.ts';
import { freePorts, launchRestate, type RestateServer } from './restate-server.ts';

export { LoadBalancer } from './load-balancer.ts';
export { type RestateServer, register } from './restate-server.ts';

/** A server whose data is deleted after the test. */
export async function startRestate(): Promise<RestateServer & { stop(): Promise<void> }> {
  const server = await launchRestate(folderWith({}));
  return { ...server, stop: server.kill };
}

/** A worker in another process, which knows the server but is not registered there yet. */
export interface WorkerProcess {
  /** The HTTP/2 port. */
  port: number;
  healthPort: number;
  process: RunningCli;
  kill(): Promise<void>;
}

export async function startWorkerProcess(
  { ingress }: Pick<RestateServer, 'ingress'>,
  folder: string,
  env: Record<string, string> = {},
): Promise<WorkerProcess> {
  const [port, healthPort] = await freePorts(2);
  const args = ['worker', '--port', String(port), '--health-port', String(healthPort), '--ingress', ingress];
  const running = startCli(args, { folder, env });
  await running.says('a worker for Restate');
  return {
    port,
    healthPort,
    process: running,
    async kill() {
      running.kill('SIGKILL');
      await running.ended;
    },
  };
}
