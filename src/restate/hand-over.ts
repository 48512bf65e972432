import type { Json } from '../shared/json/json.ts';
import { pause } from '../shared/time/pause.ts';
import { Ingress, type IngressAnswer, serverError } from './ingress.ts';
import type { DistributedRun, RunAnswer, RunState, RunWait } from './run-request.ts';
import { RUNS } from './services.ts';

/** How long one request for the end of a run is held: proxies cut what is silent for a minute. */
const ATTACH_MS = 20_000;
/** For a shorter time it is not worth to leave. */
const HOLD_MS = 60_000;
/** How long a run is offered to a server that cannot be reached: it may be on its way to another machine. */
const OFFER_MS = 30_000;
/** How soon somebody asks whether the run waits; then less and less often, as each time costs a worker a call. */
const LOOK_MS = 1000;
const LATEST_LOOK_MS = 10_000;

/** How it ended, or what it waits for. */
export type FollowedRun = RunAnswer | { waits: RunWait[] };

/**
 * Gives a run to the server, if it has none of that id, and waits for its end; or, with the signals that it waits for, until
 * it waits. Cancels it when the signal aborts, and waits for its end then. What the server has taken is waited for however
 * long the server is away; `onLost` hears of it. Rejects with `connection_failed` and `server_error`.
 */
export async function handOver(
  ingressUrl: string,
  runId: string,
  run: DistributedRun,
  signal: AbortSignal,
  onLost?: (url: string) => void,
): Promise<FollowedRun> {
  const ingress = new Ingress(ingressUrl, { onLost });
  const at = encodeURIComponent(runId);
  const begun = await ingress.ask(`/${RUNS}/${at}/run/send`, { body: run as unknown as Json, signal, patienceMs: OFFER_MS });
  // The server has a run of that id: this is about that one.
  if (begun.status >= 300 && begun.status !== 409) throw refused(begun);
  return follow(ingress, runId, signal);
}

/** Waits for a run that the server has, as `handOver` does. */
export async function follow(ingress: Ingress, runId: string, signal: AbortSignal): Promise<FollowedRun> {
  const at = encodeURIComponent(runId);
  const over = new AbortController();
  const cancel = () => void cancelRun(ingress, runId, over.signal);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await Promise.race([endOf(ingress, at, signal), waitOf(ingress, runId, over.signal)]);
  } finally {
    over.abort();
    signal.removeEventListener('abort', cancel);
  }
}

/** Asks until it is done: a run that no worker has begun, or whose server is away, cannot be cancelled yet. */
async function cancelRun(ingress: Ingress, runId: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const isDone = await ingress.call(RUNS, runId, 'cancel', null, over).catch(() => false);
    if (isDone === true) return;
    await pause(LOOK_MS, over);
  }
}

async function endOf(ingress: Ingress, at: string, signal: AbortSignal): Promise<RunAnswer> {
  for (;;) {
    const held = AbortSignal.timeout(ATTACH_MS);
    const answer = await ingress.ask(`/restate/workflow/${RUNS}/${at}/attach`, { signal: held }).catch((thrown: unknown) => {
      // Who has cancelled it does not wait for a server that may never come back.
      if (held.aborted || !signal.aborted) return undefined;
      throw thrown;
    });
    if (answer === undefined) continue;
    const { status, data } = answer;
    if (status >= 300) throw refused(answer);
    return data as unknown as RunAnswer;
  }
}

/** Seen twice: what has its answer already goes on at once. */
async function waitOf(ingress: Ingress, runId: string, over: AbortSignal): Promise<{ waits: RunWait[] }> {
  let before = '';
  for (let pauseMs = LOOK_MS; !over.aborted; pauseMs = Math.min(1.5 * pauseMs, LATEST_LOOK_MS)) {
    await pause(before === '' ? pauseMs : LOOK_MS, over);
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

const refused = (answer: IngressAnswer) =>
  serverError('The Restate server ended the run', answer, {
    hint:
      answer.status === 404
        ? 'Is a worker registered? `threadline worker --register URL` does it.'
        : 'Its UI tells more (port 9070).',
  });
