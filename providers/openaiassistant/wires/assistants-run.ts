import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import { isObject, type JsonObject, toJson } from 'threadline/provider';
import { isSuspended } from '../base/run-suspended.ts';
import { asRun, hasEnded, type Run } from './assistants-reply.ts';
import { readStream } from './stream.ts';
import type { SendOptions } from './wire.ts';

const FIRST_LOOK_MS = 250;
const LATEST_LOOK_MS = 2000;
const CANCEL_MS = 5000;

/** Where a run begins, or goes on with the outputs of functions. */
export interface RunRequest {
  threadId: string;
  /** Sends the request, once: `stream: true` is added where events are wanted. */
  send(
    extra: JsonObject,
    signal: AbortSignal,
  ): { withResponse(): Promise<{ data: unknown; response: never; request_id: string | null }> };
}

type Options = SendOptions & { idleMs: number; isStreamed: boolean };

/** A run up to its end, or up to where it wants functions called. When the signal aborts, it is cancelled at the server. */
export async function playRun(client: OpenAI, request: RunRequest, options: Options): Promise<Run> {
  let run: Run | undefined;
  const note = (seen: Run, requestId: string | undefined) => {
    run = seen;
    options.onStarted(seen.id, requestId);
  };
  try {
    const first = options.isStreamed ? await streamed(request, options, note) : await started(request, options, note);
    return await untilEnded(client, request.threadId, first, options.signal);
  } catch (thrown) {
    if (options.signal.aborted && !isSuspended(options.signal) && run) await cancelRun(client, request.threadId, run.id);
    throw thrown;
  }
}

async function started({ send }: RunRequest, { signal }: Options, note: (run: Run, requestId?: string) => void): Promise<Run> {
  const { data, request_id: requestId } = await send({}, signal).withResponse();
  const run = asRun(data, requestId);
  note(run, requestId ?? undefined);
  return run;
}

/** A stream that breaks off loses nothing: the run is known, and is looked for by its id. */
async function streamed(request: RunRequest, options: Options, note: (run: Run, requestId?: string) => void): Promise<Run> {
  const { signal, idleMs, onText } = options;
  let run: Run | undefined;
  try {
    await readStream<{ event: string; data: unknown }>({
      open: (own) => request.send({ stream: true }, own).withResponse(),
      signal,
      idleMs,
      onEvent({ event, data }, requestId) {
        if (event === 'thread.message.delta') onText(deltaOf(data));
        if (!/^thread\.run\.(?!step)/.test(event)) return false;
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

function deltaOf(data: unknown): string {
  const message = toJson(data);
  const delta = isObject(message) && isObject(message.delta) ? message.delta : {};
  const parts = Array.isArray(delta.content) ? delta.content.filter(isObject) : [];
  return parts.map(({ text }) => (isObject(text) && typeof text.value === 'string' ? text.value : '')).join('');
}

export async function untilEnded(client: OpenAI, threadId: string, first: Run, signal: AbortSignal): Promise<Run> {
  let run = first;
  for (let pauseMs = FIRST_LOOK_MS; !hasEnded(run); pauseMs = Math.min(pauseMs * 1.5, LATEST_LOOK_MS)) {
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    const request = client.beta.threads.runs.retrieve(run.id, { thread_id: threadId }, { signal });
    const { data, request_id: requestId } = await request.withResponse();
    run = asRun(data, requestId);
  }
  return run;
}

/** Servers that imitate the API often cannot cancel: then the run ends by itself. */
export async function cancelRun(client: OpenAI, threadId: string, runId: string): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  try {
    const run = await client.beta.threads.runs.cancel(runId, { thread_id: threadId }, { signal });
    await untilEnded(client, threadId, asRun(run, null), signal);
  } catch {
    // It has ended meanwhile, or cannot be cancelled, or takes longer: the step ends for a reason of its own.
  }
}
