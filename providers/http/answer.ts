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

/** How much of an answer is read that only becomes the details of an error. */
const ERROR_BODY_BYTES = 16_384;

export interface Answered {
  /** What was asked first: what a repetition would ask again. */
  outgoing: OutgoingRequest;
  response: Response;
}

/** Reads the body and makes the step's result of the answer, or its failure. */
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

/** What is expected of the body is expected of an answer, not of an error page. */
function parse({ expect = 'auto' }: HttpParams, answered: Answered, received: ReceivedBody): Json {
  if (!answered.response.body) return null;
  if (expect === 'text') return textOf(received);
  const isError = answered.response.status >= 400;
  return expect === 'json' && !isError ? parseExpectedJson(received, factsOf(answered)) : parseBody(received);
}

/** What the details of every failure say. */
const factsOf = ({ outgoing, response }: Answered): JsonObject => ({
  status: response.status,
  url: describeUrl(response.url === '' ? outgoing.url : new URL(response.url)),
});

function headersOf({ response }: Answered): JsonObject {
  return Object.fromEntries(response.headers);
}
