import type { Json } from '../shared/json/json.ts';
import { pause } from '../shared/time/pause.ts';
import { Ingress, type IngressAnswer, serverError } from './ingress.ts';
import type { DistributedRun, RunAnswer, RunState, RunWait } from './run-request.ts';
import { RUNS } from './services.ts';

/** How long one request waits for the end of a run: proxies cut connections that are silent for a minute. */
const ATTACH_MS = 20_000;
/** The caller stays for a wait of at most this long. */
const LONGEST_HELD_WAIT_MS = 60_000;
/** How long a run is offered to a server that cannot be reached: it may be moving to another machine. */
const OFFER_MS = 30_000;
/** The first pause between questions whether the run waits. Pauses grow, as each question costs a worker a call. */
const SHORTEST_POLL_MS = 1000;
const LONGEST_POLL_MS = 10_000;

/** The end of a run, or its waits. */
export type FollowedRun = RunAnswer | { waits: RunWait[] };

/**
 * Gives a run to the server, unless the server has one of that id, and resolves when the run ends or waits. Cancels the run
 * when the signal aborts, and then resolves with its end. A run that the server has taken is followed however long the server
 * cannot be reached; `onLost` is told so. Rejects with `connection_failed` and `server_error`.
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
  // 409: the server has a run of that id, and this call follows it.
  if (begun.status >= 300 && begun.status !== 409) throw refused(begun);
  return follow(ingress, runId, signal);
}

/** Follows a run that the server has, as `handOver` does. */
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

/** Asks until the run is cancelled: one that no worker has begun, or whose server is away, cannot be cancelled yet. */
async function cancelRun(ingress: Ingress, runId: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const isDone = await ingress.call(RUNS, runId, 'cancel', null, over).catch(() => false);
    if (isDone === true) return;
    await pause(SHORTEST_POLL_MS, over);
  }
}

async function endOf(ingress: Ingress, at: string, signal: AbortSignal): Promise<RunAnswer> {
  for (;;) {
    const held = AbortSignal.timeout(ATTACH_MS);
    const answer = await ingress.ask(`/restate/workflow/${RUNS}/${at}/attach`, { signal: held }).catch((thrown: unknown) => {
      // A caller that has cancelled the run does not wait for a server that may never come back.
      if (held.aborted || !signal.aborted) return undefined;
      throw thrown;
    });
    if (answer === undefined) continue;
    const { status, data } = answer;
    if (status >= 300) throw refused(answer);
    return data as unknown as RunAnswer;
  }
}

/** Resolves after the same waits were seen twice: a run whose signal is already there waits for a moment only. */
async function waitOf(ingress: Ingress, runId: string, over: AbortSignal): Promise<{ waits: RunWait[] }> {
  let before = '';
  for (let pauseMs = SHORTEST_POLL_MS; !over.aborted; pauseMs = Math.min(1.5 * pauseMs, LONGEST_POLL_MS)) {
    await pause(before === '' ? pauseMs : SHORTEST_POLL_MS, over);
    const state = over.aborted ? null : await ingress.call(RUNS, runId, 'state', null, over).catch(() => null);
    const { status, waits = [] } = (state ?? {}) as Partial<RunState>;
    const isLong =
      status === 'waiting' &&
      waits.every(({ untilMs }) => (untilMs ?? Number.POSITIVE_INFINITY) > Date.now() + LONGEST_HELD_WAIT_MS);
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
        : 'The server’s UI has details (port 9070).',
  });
