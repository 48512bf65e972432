import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import { type JsonObject, ThreadlineError } from 'threadline/provider';
import { isSuspended } from '../base/run-suspended.ts';
import { type ApiResponse, asResponse } from './responses-reply.ts';
import { resumeResponse, type StreamProgress, streamResponse } from './responses-stream.ts';
import type { SendOptions } from './wire.ts';

const FIRST_LOOK_MS = 250;
const LATEST_LOOK_MS = 5000;
const CANCEL_MS = 5000;
const RESUMES = 5;
const UNDER_WAY = new Set(['queued', 'in_progress']);

type Options = SendOptions & { idleMs: number };

/**
 * A response that runs at the server whether or not we listen: a connection that breaks costs nothing, since the response is
 * looked for by its id; when the signal aborts, it is cancelled there.
 */
export const runInBackground = (client: OpenAI, body: JsonObject, isStreamed: boolean, options: Options): Promise<ApiResponse> =>
  orCancelled(client, options, undefined, async (watched) => {
    const progress = { responseId: undefined, lastSequence: -1 };
    return isStreamed ? streamed(client, body, progress, watched) : started(client, body, watched);
  });

/**
 * The response that a process has begun that died, whether it has ended or is under way. Undefined where there is none, or none
 * that came to an answer.
 */
export async function resumedResponse(
  client: OpenAI,
  id: string,
  isStreamed: boolean,
  options: Options,
): Promise<ApiResponse | undefined> {
  try {
    const response = await orCancelled(client, options, id, async (watched) => {
      const first = await look(client, id, options.signal);
      const isToBeRead = isStreamed && UNDER_WAY.has(first.status ?? '');
      return isToBeRead ? streamed(client, {}, { responseId: id, lastSequence: -1 }, watched) : first;
    });
    return isAnswer(response) ? response : undefined;
  } catch (thrown) {
    options.signal.throwIfAborted();
    if ((thrown as { status?: unknown }).status === 404) return undefined;
    throw thrown;
  }
}

/** What was cut off where it was meant to be is an answer, and paid for. */
const isAnswer = ({ status, incomplete_details: incomplete }: ApiResponse): boolean =>
  status === 'completed' ||
  (status === 'incomplete' && (incomplete?.reason === 'max_output_tokens' || incomplete?.reason === 'content_filter'));

/** Waits for the end of a response; when the signal aborts, it is cancelled at the server, unless the run goes on later. */
async function orCancelled(
  client: OpenAI,
  options: Options,
  knownId: string | undefined,
  work: (watched: Options) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  let responseId = knownId;
  const watched: Options = {
    ...options,
    onStarted(id, requestId) {
      responseId = id;
      options.onStarted(id, requestId);
    },
  };
  try {
    return await untilEnded(client, await work(watched), options.signal);
  } catch (thrown) {
    const { signal } = options;
    if (signal.aborted && !isSuspended(signal) && responseId !== undefined) await cancel(client, responseId);
    throw thrown;
  }
}

async function started(client: OpenAI, body: JsonObject, { signal, onStarted }: Options): Promise<ApiResponse> {
  const request = client.responses.create({ ...body, stream: false } as never, { signal });
  const { data, request_id: requestId } = await request.withResponse();
  const response = asResponse(data, requestId);
  onStarted(response.id, requestId ?? undefined);
  return response;
}

/** A stream that breaks off is gone on with where it broke; one that cannot be is waited for without it. */
async function streamed(client: OpenAI, body: JsonObject, progress: StreamProgress, options: Options): Promise<ApiResponse> {
  const given = { ...options, progress };
  for (let resumes = 0; ; resumes++) {
    try {
      return await (progress.responseId === undefined ? streamResponse(client, body, given) : resumeResponse(client, given));
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (progress.responseId === undefined) throw thrown;
      if (resumes >= RESUMES || isRefusal(thrown)) return await look(client, progress.responseId, options.signal);
      await delay(FIRST_LOOK_MS * 2 ** resumes, undefined, { signal: options.signal }).catch(() => undefined);
      options.signal.throwIfAborted();
    }
  }
}

const isRefusal = (thrown: unknown): boolean => typeof (thrown as { status?: unknown }).status === 'number';

async function untilEnded(client: OpenAI, first: ApiResponse, signal: AbortSignal): Promise<ApiResponse> {
  let response = first;
  for (let pauseMs = FIRST_LOOK_MS; UNDER_WAY.has(response.status ?? ''); pauseMs = Math.min(pauseMs * 1.5, LATEST_LOOK_MS)) {
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    response = await look(client, response.id, signal);
  }
  return response;
}

async function look(client: OpenAI, id: string, signal: AbortSignal): Promise<ApiResponse> {
  const { data, request_id: requestId } = await client.responses.retrieve(id, {}, { signal }).withResponse();
  return asResponse(data, requestId);
}

/** The step ends in any case: that the server goes on is said where it could not be stopped. */
async function cancel(client: OpenAI, id: string): Promise<void> {
  try {
    await client.responses.cancel(id, { signal: AbortSignal.timeout(CANCEL_MS) });
  } catch (cause) {
    throw new ThreadlineError('cancelled', `The response ${id} could not be cancelled at the server: it may run on.`, { cause });
  }
}
