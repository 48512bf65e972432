import type OpenAI from 'openai';
import { type JsonObject, ThreadlineError } from 'threadline/provider';
import type { Ask } from '../question/ask.ts';
import { createResponse, runInBackground } from './responses-background.ts';
import type { ApiResponse } from './responses-reply.ts';
import { streamResponse } from './responses-stream.ts';
import type { SendOptions } from './wire.ts';

/** Sends a request once, in the way that the question wants. Rejects where the server finds it too long, however it says so. */
export async function sendResponse(
  client: OpenAI,
  body: JsonObject,
  { background, stream }: Ask,
  options: SendOptions & { idleMs: number },
): Promise<ApiResponse> {
  const respond = () => (stream ? streamResponse(client, body, options) : createResponse(client, body, options));
  const response = await (background ? runInBackground(client, body, stream, options) : respond());
  refuseTooLong(response);
  return response;
}

/** A request in the background is taken, and fails afterwards. */
function refuseTooLong({ id, status, error }: ApiResponse): void {
  if (status !== 'failed' || error?.code !== 'context_length_exceeded') return;
  throw new ThreadlineError('bad_request', `The API reports an error: ${error.message ?? error.code}`, {
    details: { run_id: id, api_code: error.code },
  });
}
