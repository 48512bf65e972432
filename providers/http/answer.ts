import type { Json, JsonObject } from 'threadline/provider';
import { failureOfConnection, failureOfStatus } from './failures.ts';
import type { Answered } from './redirect.ts';
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

/** Reads the body and makes the step's result of the answer, or its failure. */
export async function readAnswer(params: HttpParams, answered: Answered): Promise<JsonObject> {
  const { outgoing, response } = answered;
  const status = response.statusCode ?? 0;
  const ok = status < 400;
  const fails = !ok && (params.fail_on_error ?? true);
  const received = await receive(answered, {
    maxBytes: fails ? ERROR_BODY_BYTES : (params.max_bytes ?? DEFAULT_MAX_BYTES),
    beyond: fails ? 'cut' : 'fail',
  });
  if (fails) throw failureOfStatus(outgoing, status, response.headers['retry-after'], excerptOf(received));
  const body = parse(params, answered, received);
  return { status: ok, ok, status_code: status, headers: headersOf(answered), body, url: outgoing.url.href };
}

async function receive(answered: Answered, limit: ReadLimit): Promise<ReceivedBody> {
  const { outgoing, response } = answered;
  const contentType = response.headers['content-type'] ?? '';
  try {
    if (canHaveBody(answered)) return { bytes: await readBytes(response, limit, factsOf(answered)), contentType };
  } catch (thrown) {
    response.destroy();
    throw failureOfConnection(thrown, outgoing);
  }
  // Only after its end, even of nothing, the connection can be used again.
  response.resume();
  return { bytes: Buffer.alloc(0), contentType };
}

/** Headers may speak of a body all the same. */
const canHaveBody = ({ outgoing, response: { statusCode = 0 } }: Answered) =>
  outgoing.method !== 'HEAD' && ![204, 205, 304].includes(statusCode);

/** What is expected of the body is expected of an answer, not of an error page. */
function parse({ expect = 'auto' }: HttpParams, answered: Answered, received: ReceivedBody): Json {
  if (!canHaveBody(answered)) return null;
  if (expect === 'text') return textOf(received);
  const isError = (answered.response.statusCode ?? 0) >= 400;
  return expect === 'json' && !isError ? parseExpectedJson(received, factsOf(answered)) : parseBody(received);
}

/** What the details of every failure say. */
const factsOf = ({ outgoing, response }: Answered): JsonObject => ({
  status: response.statusCode ?? 0,
  url: describeUrl(outgoing.url),
});

function headersOf({ response }: Answered): JsonObject {
  const headers: JsonObject = {};
  for (const [name, value = ''] of Object.entries(response.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
