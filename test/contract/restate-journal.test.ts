import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from '@jest/globals';
import {
  createEndpointHandler,
  handlers,
  type WorkflowContext,
  type WorkflowSharedContext,
  workflow,
} from '@restatedev/restate-sdk';
import type { Journal } from '../../src/journal/journal.ts';
import { StoredJournal } from '../../src/journal/stored-journal.ts';
import { Effects } from '../../src/restate/effects.ts';
import { Ingress } from '../../src/restate/ingress.ts';
import { memoryObject } from '../../src/restate/memory-object.ts';
import { RemoteStorage } from '../../src/restate/remote-storage.ts';
import { RestateJournal } from '../../src/restate/restate-journal.ts';
import { RUNS } from '../../src/restate/services.ts';
import { peekSignal, SignalSlots, sendSignal } from '../../src/restate/signal-slots.ts';
import type { Json } from '../../src/shared/json/json.ts';
import { type RestateServer, register, startRestate } from '../support/restate.ts';
import { DEAD, DEATH, describeJournal, SUSPENDED } from './journal.ts';

type Body = (journal: Journal) => Promise<Json>;

/** A run: the body of its next process, and the outcome of that process. */
class ContractRun {
  private body = Promise.withResolvers<Body>();
  private outcome = Promise.withResolvers<symbol>();

  begin(body: Body): Promise<symbol> {
    this.outcome = Promise.withResolvers();
    this.body.resolve(body);
    return this.outcome.promise;
  }

  /** Waits for the process that executes it next. */
  next(): Promise<Body> {
    return this.body.promise;
  }

  die(): void {
    this.body = Promise.withResolvers();
    this.outcome.resolve(DEAD);
    for (const session of sessions) session.destroy();
  }

  suspend(): void {
    this.outcome.resolve(SUSPENDED);
  }
}

const runs = new Map<string, ContractRun>();
const sessions = new Set<ServerHttp2Session>();
let server: RestateServer & { stop(): Promise<void> };

const contract = workflow({
  name: RUNS,
  handlers: {
    async run(context: WorkflowContext): Promise<Json> {
      const run = runs.get(context.key) as ContractRun;
      const body = await run.next();
      const effects = new Effects();
      const asIs = (data: Json) => data;
      const journal = new RestateJournal({
        context,
        effects,
        signals: new SignalSlots(),
        recorded: new Map(),
        clock: { ms: await context.date.now() },
        random: () => 0,
        inner: new StoredJournal(
          new RemoteStorage(new Ingress(server.ingress), context.key, {
            seal: asIs,
            unseal: asIs,
            left: new AbortController().signal,
            onReplayed: () => undefined,
          }),
        ),
        work: { enter: async () => undefined, leave: () => undefined },
        seal: asIs,
        unseal: asIs,
        onReplayed: () => undefined,
      });
      let suspension: NodeJS.Timeout | undefined;
      return effects.drive(() => body(mortal(journal, run)), {
        onCancel: () => undefined,
        beforeWait: () => {
          clearTimeout(suspension);
          // An end that the server has already arrives soon.
          if (effects.waits.length > 0) suspension = setTimeout(() => run.suspend(), 500);
        },
      });
    },
    send: handlers.workflow.shared(async (context: WorkflowSharedContext, { name, data }: { name: string; data: Json }) =>
      sendSignal(context, name, { at: await context.date.now(), data }),
    ),
    peek: handlers.workflow.shared(async (context: WorkflowSharedContext, which: { name: string; slot: number }) => {
      const sent = await peekSignal(context, which);
      return sent ? { sent } : {};
    }),
  },
  options: { retryPolicy: { initialInterval: 20, maxInterval: 100 } },
});

/** Makes work end the process when it throws `DEATH`. */
function mortal(journal: RestateJournal, run: ContractRun): Journal {
  const known = journal.run.bind(journal);
  journal.run = (path, work) =>
    known(path, () =>
      work().catch((thrown: unknown) => {
        if (thrown !== DEATH) throw thrown;
        run.die();
        return new Promise(() => undefined);
      }),
    );
  return journal;
}

const endpoint = createServer(createEndpointHandler({ services: [contract, memoryObject], logger: () => undefined }));
endpoint.on('session', (session) => {
  sessions.add(session);
  session.once('close', () => sessions.delete(session));
});

beforeAll(async () => {
  server = await startRestate();
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  await register(server, `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`);
}, 60_000);

afterAll(async () => {
  endpoint.close();
  for (const session of sessions) session.destroy();
  await server.stop();
});

describeJournal('Restate', async () => {
  const id = crypto.randomUUID();
  const run = new ContractRun();
  runs.set(id, run);
  const ingress = new Ingress(server.ingress);
  let isStarted = false;
  return {
    async enter(body) {
      const outcome = run.begin(body);
      if (!isStarted) await ingress.ask(`/${RUNS}/${id}/run/send`, { body: null });
      isStarted = true;
      const attached = ingress.ask(`/restate/workflow/${RUNS}/${id}/attach`).then(({ status, data }) => {
        if (status >= 300) throw new Error(JSON.stringify(data));
        return data;
      });
      return Promise.race([attached, outcome]);
    },
    async send(name, data) {
      await ingress.call(RUNS, id, 'send', { name, data });
    },
    close: async () => undefined,
  };
});
