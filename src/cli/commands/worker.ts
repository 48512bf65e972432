import { once } from 'node:events';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { logOption } from '../options/log-option.ts';
import type { Command, Values } from '../terminal/command-line.ts';

export const workerCommand: Command = {
  name: 'worker',
  summary: 'run workflows for a Restate server',
  options: {
    port: { value: 'number', default: '9080', description: 'where the server reaches it, over HTTP/2; 0 takes a free port' },
    host: { value: 'address', default: '127.0.0.1', description: 'where to listen' },
    'health-port': { value: 'number', default: '9081', description: 'health checks over HTTP/1: 200, or 503 while draining' },
    ingress: { value: 'url', description: "the server's ingress; default `engine.ingress`, http://127.0.0.1:8080" },
    register: { value: 'url', description: "register this worker at the server's admin API with this URL" },
    url: { value: 'url', description: 'where the server finds this worker or its load balancer; default http://HOST:PORT' },
    'identity-key': { value: 'key', description: 'accept only requests of the server with this public key, `publickeyv1_…`' },
    'env-file': { value: 'file', repeatable: true, description: 'environment variables from a file' },
    ...logOption,
  },
  run: (values) => serve(values),
};

async function serve(values: Values): Promise<number> {
  const ports = { port: portOf(values, 'port'), healthPort: portOf(values, 'health-port') };
  const [runtime, { registerWorker, startWorker }] = await Promise.all([
    import('../project/runtime.ts'),
    import('../../restate/worker.ts'),
  ]);
  const project = runtime.openProject(values.texts('env-file'));
  const log = await runtime.processLog(project.environment, values.text('log-file'));
  const stopped = Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name)));
  const { locks: _, ...files } = runtime.stateFiles(project.environment, false);
  const host = values.text('host') ?? '';
  const identityKey = values.text('identity-key');
  if (identityKey === undefined && !isLoopback(host))
    log.warn('whoever reaches this port can have workflows run: keep it closed, or give `--identity-key`');
  const worker = await startWorker({
    ...ports,
    host,
    ingress: values.text('ingress') ?? runtime.engineOf(project.settings).ingress,
    options: {
      ...project,
      ...files,
      providersFile: runtime.readProvidersFile(project.environment),
    },
    identityKey,
    log,
  });
  const admin = values.text('register');
  if (admin !== undefined) await registerWorker(admin, values.text('url') ?? worker.url);
  process.stdout.write(`${worker.url}\n`);
  log.info(`a worker for Restate at ${worker.url}, its health at ${worker.healthUrl}; Ctrl-C ends it`);
  await stopped;
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => process.exit(130));
  log.info('draining: no new work is accepted; send the signal again to exit now');
  await worker.drain();
  log.info('the worker has ended');
  await log.close();
  return 0;
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.');

function portOf(values: Values, name: string): number {
  const port = Number(values.text(name));
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ThreadlineError('invalid_usage', `\`--${name} ${values.text(name)}\` is not a valid port.`);
}
