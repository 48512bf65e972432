import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '../../shared/json/json.ts';
import { ApiError } from '../base/api-error.ts';

export async function readBody(request: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // What is too much is read and dropped, so that the client gets to see the answer.
    if (bytes <= maximumBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > maximumBytes) throw new ApiError(413, `The body is larger than ${maximumBytes} bytes.`);
  return Buffer.concat(chunks);
}

/** `x-threadline-emulator` says that no model has been asked. The rate limits are for show. */
export const headersOf = (startedAt: number): Record<string, string> => ({
  'x-threadline-emulator': 'true',
  'x-request-id': `req_${randomUUID().replaceAll('-', '')}`,
  'openai-processing-ms': String(Math.round(performance.now() - startedAt)),
  'openai-version': '2020-10-01',
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-limit-tokens': '2000000',
  'x-ratelimit-remaining-requests': '9999',
  'x-ratelimit-remaining-tokens': '1999000',
  'x-ratelimit-reset-requests': '6ms',
  'x-ratelimit-reset-tokens': '30ms',
});

export interface EventStream {
  events: AsyncIterable<JsonObject>;
  /** The connection breaks after so many events. */
  cutAfter?: number | undefined;
  /** How an event is written; by its `type`, as the Responses API does, when nothing is said. */
  frame?: ((event: JsonObject) => string) | undefined;
  /** What is written after the last event, such as `data: [DONE]`. */
  ending?: string | undefined;
}
