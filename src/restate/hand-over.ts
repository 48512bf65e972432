import { setTimeout as delay } from 'node:timers/promises';
import { ThreadlineError } from '../errors.ts';
import type { Json } from '../json.ts';
import { Ingress, sentenceOf } from './ingress.ts';
import type { DistributedRun, RunAnswer, RunState, RunWait } from './run-request.ts';
import { RUNS } from './services.ts';

/** How long one request for the end of a run is held: proxies cut what is silent for a minute. */
const ATTACH_MS = 20_000;
/** For a shorter time it is not worth to leave. */
const HOLD_MS = 60_000;
/** How often somebody asks meanwhile whether the run waits. */
const LOOK_MS = 1000;
const NOT_YET = Symbol('not yet');

/** How it ended, or what it waits for. */
export type FollowedRun = RunAnswer | { waits: RunWait[] };

/**
 * Gives a run to the server, if it has none of that id, and waits for its end; or, with the signals that it waits for, until
 * it waits. Cancels it when the signal aborts, and waits for its end then. Rejects with `connection_failed` and
 * `server_error`.
 */
export async function handOver(
  ingressUrl: string,
  runId: string,
  run: DistributedRun,
  signal: AbortSignal,
): Promise<FollowedRun> {
  const ingress = new Ingress(ingressUrl);
  const at = encodeURIComponent(runId);
  const begun = await ingress.ask(`/${RUNS}/${at}/run/send`, { body: run as unknown as Json, signal, tries: 4 });
  // The server has a run of that id: this is about that one.
  if (begun.status >= 300 && begun.status !== 409) throw refused(begun.status, begun.data);
  return follow(ingress, runId, signal);
}

/** Waits for a run that the server has, as `handOver` does. */
export async function follow(ingress: Ingress, runId: string, signal: AbortSignal): Promise<FollowedRun> {
  const at = encodeURIComponent(runId);
  const cancel = () => void ingress.call(RUNS, runId, 'cancel', null).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const over = new AbortController();
  try {
    return await Promise.race([endOf(ingress, at), waitOf(ingress, runId, over.signal)]);
  } finally {
    over.abort();
    signal.removeEventListener('abort', cancel);
  }
}

async function endOf(ingress: Ingress, at: string): Promise<RunAnswer> {
  for (;;) {
    const held = AbortSignal.timeout(ATTACH_MS);
    const answer = await ingress.ask(`/restate/workflow/${RUNS}/${at}/attach`, { signal: held }).catch((thrown: unknown) => {
      if (held.aborted) return NOT_YET;
      throw thrown;
    });
    if (answer === NOT_YET) continue;
    const { status, data } = answer as Exclude<typeof answer, symbol>;
    if (status >= 300) throw refused(status, data);
    return data as unknown as RunAnswer;
  }
}

/** Seen twice: what has its answer already goes on at once. */
async function waitOf(ingress: Ingress, runId: string, over: AbortSignal): Promise<{ waits: RunWait[] }> {
  let before = '';
  while (!over.aborted) {
    await delay(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
    const state = over.aborted ? null : await ingress.call(RUNS, runId, 'state', null, over).catch(() => null);
    const { status, waits = [] } = (state ?? {}) as Partial<RunState>;
    const isLong =
      status === 'waiting' && waits.every(({ untilMs }) => (untilMs ?? Number.POSITIVE_INFINITY) > Date.now() + HOLD_MS);
    const seen = isLong ? JSON.stringify(waits) : '';
    if (isLong && seen === before) return { waits };
    before = seen;
  }
  return new Promise(() => undefined);
}

const refused = (status: number, data: Json) =>
  new ThreadlineError('server_error', `The Restate server ended the run: ${sentenceOf(data, status)}`, {
    hint:
      status === 404 ? 'Is a worker registered? `threadline worker --register URL` does it.' : 'Its UI tells more (port 9070).',
    details: { status },
  });
