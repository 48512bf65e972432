import type OpenAI from 'openai';
import { isObject, type Json, type JsonObject } from 'threadline/provider';
import { isSuspended } from '../base/run-suspended.ts';
import { asRun, hasEnded, type Run } from './assistants-reply.ts';
import { pollUntilEnded } from './poll.ts';
import { readStream } from './stream.ts';
import type { SendOptions } from './wire.ts';

const LONGEST_PAUSE_MS = 2000;
const CANCEL_MS = 5000;

/** A request that begins a run, or goes on with one by the outputs of functions. */
export interface RunRequest {
  threadId: string;
  /** Sends the request once, with further fields: `stream: true` where events are wanted. */
  send(
    extra: JsonObject,
    signal: AbortSignal,
  ): { asResponse(): Promise<Response>; withResponse(): Promise<{ data: unknown; request_id: string | null }> };
}

type Options = SendOptions & { idleMs: number; isStreamed: boolean };

/** Follows a run until it ends, or needs functions called. When it cannot be followed any more, cancels it at the server. */
export async function playRun(client: OpenAI, request: RunRequest, options: Options): Promise<Run> {
  let run: Run | undefined;
  const note = (seen: Run, requestId: string | undefined) => {
    run = seen;
    options.onStarted(seen.id, requestId);
  };
  try {
    const first = options.isStreamed ? await streamRun(request, options, note) : await startRun(request, options, note);
    return await untilEnded(client, request.threadId, first, options.signal);
  } catch (thrown) {
    // A run that nobody follows any more would keep the thread.
    if (run && !isSuspended(options.signal)) await cancelRun(client, request.threadId, run.id);
    throw thrown;
  }
}

async function startRun({ send }: RunRequest, { signal }: Options, note: (run: Run, requestId?: string) => void): Promise<Run> {
  const { data, request_id: requestId } = await send({}, signal).withResponse();
  const run = asRun(data, requestId);
  note(run, requestId ?? undefined);
  return run;
}

/** When the stream breaks off after the run is known, resolves with the run as it was: the caller polls it by its id. */
async function streamRun(request: RunRequest, options: Options, note: (run: Run, requestId?: string) => void): Promise<Run> {
  const { signal, idleMs, onText } = options;
  let run: Run | undefined;
  try {
    await readStream({
      open: (own) => request.send({ stream: true }, own).asResponse(),
      signal,
      idleMs,
      isWhole: () => run !== undefined && hasEnded(run),
      onEvent({ name, data, requestId }) {
        if (name === 'thread.message.delta') onText(deltaOf(data));
        if (!/^thread\.run\.(?!step)/.test(name)) return false;
        run = asRun(data, requestId);
        note(run, requestId);
        return hasEnded(run);
      },
      onWhole(data, requestId) {
        run = asRun(data, requestId);
        note(run, requestId);
      },
    });
  } catch (thrown) {
    signal.throwIfAborted();
    if (!run) throw thrown;
  }
  return run as unknown as Run;
}

function deltaOf(message: Json): string {
  const delta = isObject(message) && isObject(message.delta) ? message.delta : {};
  const parts = Array.isArray(delta.content) ? delta.content.filter(isObject) : [];
  return parts.map(({ text }) => (isObject(text) && typeof text.value === 'string' ? text.value : '')).join('');
}

const untilEnded = (client: OpenAI, threadId: string, first: Run, signal: AbortSignal): Promise<Run> =>
  pollUntilEnded(first, {
    hasEnded,
    longestPauseMs: LONGEST_PAUSE_MS,
    signal,
    look: () => retrieveRun(client, threadId, first.id, signal),
  });

/** A run as it is now. */
export async function retrieveRun(client: OpenAI, threadId: string, runId: string, signal: AbortSignal): Promise<Run> {
  const request = client.beta.threads.runs.retrieve(runId, { thread_id: threadId }, { signal });
  const { data, request_id: requestId } = await request.withResponse();
  return asRun(data, requestId);
}

/** Cancels a run and waits for its end. Servers that imitate the API often cannot: then the run ends by itself. */
export async function cancelRun(client: OpenAI, threadId: string, runId: string): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  try {
    const run = await client.beta.threads.runs.cancel(runId, { thread_id: threadId }, { signal });
    await untilEnded(client, threadId, asRun(run, null), signal);
  } catch {
    // The run has ended meanwhile, cannot be cancelled, or takes longer: the step ends for its own reason in any case.
  }
}
