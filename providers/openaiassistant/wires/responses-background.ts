import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import { type JsonObject, ThreadlineError } from 'threadline/provider';
import { isSuspended } from '../base/run-suspended.ts';
import { pollUntilEnded } from './poll.ts';
import { type ApiResponse, asResponse } from './responses-reply.ts';
import { resumeResponse, type StreamProgress, streamResponse } from './responses-stream.ts';
import type { SendOptions } from './wire.ts';

const FIRST_RESUME_MS = 250;
const LONGEST_PAUSE_MS = 5000;
const CANCEL_MS = 5000;
const RESUMES = 5;
const UNDER_WAY = new Set(['queued', 'in_progress']);

type Options = SendOptions & { idleMs: number };

/**
 * Runs a response in the background: when the connection breaks, the response goes on and is retrieved by its id. When the
 * signal aborts, it is cancelled at the server.
 */
export const runInBackground = (client: OpenAI, body: JsonObject, isStreamed: boolean, options: Options): Promise<ApiResponse> =>
  orCancelled(client, options, undefined, async (watched) => {
    const progress = { responseId: undefined, lastSequence: -1 };
    return isStreamed ? streamOrWait(client, body, progress, watched) : createResponse(client, body, watched);
  });

/**
 * The response that a process began before it died; waits for one that is under way. Undefined where the server does not have
 * it, or where it came to no answer.
 */
export async function resumedResponse(
  client: OpenAI,
  id: string,
  isStreamed: boolean,
  options: Options,
): Promise<ApiResponse | undefined> {
  try {
    const response = await orCancelled(client, options, id, async (watched) => {
      const first = await retrieveResponse(client, id, options.signal);
      const isToBeRead = isStreamed && UNDER_WAY.has(first.status ?? '');
      return isToBeRead ? streamOrWait(client, {}, { responseId: id, lastSequence: -1 }, watched) : first;
    });
    return isAnswer(response) ? response : undefined;
  } catch (thrown) {
    options.signal.throwIfAborted();
    if ((thrown as { status?: unknown }).status === 404) return undefined;
    throw thrown;
  }
}

/** A response that was cut off at a limit or by a filter is an answer, too, and paid for. */
const isAnswer = ({ status, incomplete_details: incomplete }: ApiResponse): boolean =>
  status === 'completed' ||
  (status === 'incomplete' && (incomplete?.reason === 'max_output_tokens' || incomplete?.reason === 'content_filter'));

/** Waits for the end of a response; when the signal aborts, cancels it at the server, unless our run is only suspended. */
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

export async function createResponse(client: OpenAI, body: JsonObject, { signal, onStarted }: Options): Promise<ApiResponse> {
  const request = client.responses.create({ ...body, stream: false } as never, { signal });
  const { data, request_id: requestId } = await request.withResponse();
  const response = asResponse(data, requestId);
  onStarted(response.id, requestId ?? undefined);
  return response;
}

/** A stream that breaks off is resumed where it broke; where that is refused, the response is polled instead. */
async function streamOrWait(client: OpenAI, body: JsonObject, progress: StreamProgress, options: Options): Promise<ApiResponse> {
  const given = { ...options, progress };
  for (let resumes = 0; ; resumes++) {
    try {
      return await (progress.responseId === undefined ? streamResponse(client, body, given) : resumeResponse(client, given));
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (progress.responseId === undefined) throw thrown;
      if (resumes >= RESUMES || isRefusal(thrown)) return await retrieveResponse(client, progress.responseId, options.signal);
      await delay(FIRST_RESUME_MS * 2 ** resumes, undefined, { signal: options.signal }).catch(() => undefined);
      options.signal.throwIfAborted();
    }
  }
}

const isRefusal = (thrown: unknown): boolean => typeof (thrown as { status?: unknown }).status === 'number';

const untilEnded = (client: OpenAI, first: ApiResponse, signal: AbortSignal): Promise<ApiResponse> =>
  pollUntilEnded(first, {
    hasEnded: ({ status }) => !UNDER_WAY.has(status ?? ''),
    longestPauseMs: LONGEST_PAUSE_MS,
    signal,
    look: () => retrieveResponse(client, first.id, signal),
  });

async function retrieveResponse(client: OpenAI, id: string, signal: AbortSignal): Promise<ApiResponse> {
  const { data, request_id: requestId } = await client.responses.retrieve(id, {}, { signal }).withResponse();
  return asResponse(data, requestId);
}

/** The step ends in any case; a failure to cancel is reported, because the response may run on. */
async function cancel(client: OpenAI, id: string): Promise<void> {
  try {
    await client.responses.cancel(id, { signal: AbortSignal.timeout(CANCEL_MS) });
  } catch (cause) {
    throw new ThreadlineError('cancelled', `The response ${id} could not be cancelled at the server: it may run on.`, { cause });
  }
}
