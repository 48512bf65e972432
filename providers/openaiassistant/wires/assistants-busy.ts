import { isObject, ThreadlineError } from 'threadline/provider';
import { hasEnded, type Run } from './assistants-reply.ts';
import { cancelRun, retrieveRun } from './assistants-run.ts';
import { pollUntilEnded } from './poll.ts';
import type { OpenOptions } from './wire.ts';

const LONGEST_PAUSE_MS = 5000;
/** How servers say that a run has the thread. */
const BUSY = /\b(?:already has an active run|while a run)\b/i;

interface ThreadAtServer extends Pick<OpenOptions, 'client' | 'ask' | 'warn'> {
  threadId: string;
  signal: AbortSignal;
}

/**
 * Sends a request that a server refuses while a run has the thread; a refused request has done nothing. Waits for the end of that
 * run, or cancels it where it is ours: we hold the thread's lock, so nobody is left who would hand in what it waits for.
 *
 * @throws ThreadlineError `thread_busy` where the step does not wait.
 */
export async function whenFree<Answer>(thread: ThreadAtServer, request: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await request();
    } catch (thrown) {
      const runId = isBusy(thrown) ? (runIn(thrown) ?? (await newestRun(thread))) : undefined;
      if (runId === undefined) throw thrown;
      await freeThread(thread, runId);
    }
  }
}

function isBusy(thrown: unknown): boolean {
  const { status, message } = thrown as { status?: unknown; message?: unknown };
  return (status === 400 || status === 409) && BUSY.test(String(message));
}

const runIn = (thrown: unknown): string | undefined => /\brun_\w+/.exec((thrown as Error).message)?.[0];

async function newestRun({ client, threadId, signal }: ThreadAtServer): Promise<string | undefined> {
  const page = await client.beta.threads.runs.list(threadId, { order: 'desc', limit: 1 }, { signal });
  return page.data[0]?.id;
}

async function freeThread(thread: ThreadAtServer, runId: string): Promise<void> {
  const { client, ask, threadId, warn } = thread;
  if (!ask.waitsForThread) {
    throw new ThreadlineError('thread_busy', `The run ${runId} has the thread ${threadId}, and this step does not wait.`, {
      hint: 'Leave `on_busy: fail` out to wait for its end.',
      details: { thread_id: threadId },
    });
  }
  warn(`The run ${runId} has the thread ${threadId} at the server: its end is waited for.`);
  const waiting = await untilNotUnderWay(thread, runId, hasEnded);
  if (waiting.status !== 'requires_action') return;
  if (!isOfThreadline(waiting)) await untilNotUnderWay(thread, runId, (run) => hasEnded(run) && run.status !== 'requires_action');
  else {
    warn(`The run ${runId} waits for outputs that nobody hands in any more: it is cancelled.`);
    await cancelRun(client, threadId, runId);
  }
}

/** Begins with a pause: the server has just said that the run is under way. */
const untilNotUnderWay = (
  { client, threadId, signal }: ThreadAtServer,
  runId: string,
  isOver: (run: Run) => boolean,
): Promise<Run> =>
  pollUntilEnded<Run>(
    { id: runId, status: 'queued', data: {} },
    {
      hasEnded: isOver,
      longestPauseMs: LONGEST_PAUSE_MS,
      signal,
      look: () => retrieveRun(client, threadId, runId, signal),
    },
  );

/** Whether its metadata are those that steps give to their runs; a server that keeps none has our runs only, as far as is known. */
function isOfThreadline({ data: { metadata } }: Run): boolean {
  if (!isObject(metadata)) return true;
  return ['workflow', 'run', 'step'].every((key) => typeof metadata[key] === 'string');
}
