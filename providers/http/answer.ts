import type { Json, JsonObject } from 'threadline/provider';
import { failureOfBody, failureOfStatus } from './failures.ts';
import type { OutgoingRequest } from './outgoing.ts';
import {
  excerptOf,
  parseBody,
  parseExpectedJson,
  type ReadLimit,
  type ReceivedBody,
  readBytes,
  textOf,
} from './response-body.ts';
import { DEFAULT_MAX_BYTES, type HttpParams } from './schema.ts';
import { describeUrl } from './target.ts';

/** Bytes that are read of a response for the details of an error. */
const ERROR_BODY_BYTES = 16_384;

export interface Answered {
  /** The first request, which a retry repeats. */
  outgoing: OutgoingRequest;
  response: Response;
}

/** Reads the body and makes the step's result or failure. */
export async function readAnswer(params: HttpParams, answered: Answered): Promise<JsonObject> {
  const { outgoing, response } = answered;
  const { status } = response;
  const ok = status < 400;
  const fails = !ok && (params.fail_on_error ?? true);
  const received = await receive(answered, {
    maxBytes: fails ? ERROR_BODY_BYTES : (params.max_bytes ?? DEFAULT_MAX_BYTES),
    beyond: fails ? 'cut' : 'fail',
  });
  if (fails) throw failureOfStatus(outgoing, status, response.headers.get('retry-after') ?? undefined, excerptOf(received));
  const body = parse(params, answered, received);
  return { status: ok, ok, status_code: status, headers: headersOf(answered), body, url: response.url };
}

async function receive(answered: Answered, limit: ReadLimit): Promise<ReceivedBody> {
  const { response } = answered;
  const contentType = response.headers.get('content-type') ?? '';
  try {
    const bytes = response.body ? await readBytes(response, limit, factsOf(answered)) : Buffer.alloc(0);
    return { bytes, contentType };
  } catch (thrown) {
    throw failureOfBody(thrown, answered.outgoing);
  }
}

/** Expectations about the body apply to successful responses only, not to error pages. */
function parse({ expect = 'auto' }: HttpParams, answered: Answered, received: ReceivedBody): Json {
  if (!answered.response.body) return null;
  if (expect === 'text') return textOf(received);
  const isError = answered.response.status >= 400;
  return expect === 'json' && !isError ? parseExpectedJson(received, factsOf(answered)) : parseBody(received);
}

/** Details of every failure. */
const factsOf = ({ outgoing, response }: Answered): JsonObject => ({
  status: response.status,
  url: describeUrl(response.url === '' ? outgoing.url : new URL(response.url)),
});

function headersOf({ response }: Answered): JsonObject {
  return Object.fromEntries(response.headers);
}
