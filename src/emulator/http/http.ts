import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '../../shared/json/json.ts';
import { ApiError } from '../base/api-error.ts';

export async function readBody(request: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read and discard the rest, so that the client can receive the response.
    if (bytes <= maximumBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > maximumBytes) throw new ApiError(413, `The body is larger than ${maximumBytes} bytes.`);
  return Buffer.concat(chunks);
}

/** `x-threadline-emulator` tells that no model was called. The rate limits are made up. */
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
  /** Number of events after which the connection breaks. */
  cutAfter?: number | undefined;
  /** Formats an event; by default with its `type`, as in the Responses API. */
  frame?: ((event: JsonObject) => string) | undefined;
  /** Text after the last event, such as `data: [DONE]`. */
  ending?: string | undefined;
}
