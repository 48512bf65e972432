import { describeUrl, type Json, type JsonObject, ThreadlineError } from 'threadline/provider';
import { failureOfStatus } from './failures.ts';
import type { Answered } from './outgoing.ts';
import { excerptOf, parseBody, parseExpectedJson, type ReceivedBody, textOf } from './response-body.ts';
import type { HttpParams } from './schema.ts';

/** How much is read of an answer that only becomes the details of an error. */
const ERROR_BODY_BYTES = 16_384;

/** Reads the body and makes the step's result of the answer, or its failure. */
export async function readAnswer(params: HttpParams, answered: Answered): Promise<JsonObject> {
  const { response } = answered;
  const { status } = response;
  const ok = status < 400;
  const contentType = response.headers.get('content-type') ?? '';
  if (!ok && (params.fail_on_error ?? true))
    throw failureOfStatus(answered, excerptOf({ bytes: await beginningOf(response), contentType }));
  const body = parse(params, response, { bytes: Buffer.from(await response.arrayBuffer()), contentType });
  return { status: ok, ok, status_code: status, headers: headersOf(response), body, url: response.url };
}

/** The beginning of a body that may be larger than is wanted, or than is allowed. */
async function beginningOf({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= ERROR_BODY_BYTES) break;
    }
  } catch (thrown) {
    if (!(thrown instanceof ThreadlineError && thrown.code === 'response_too_large')) throw thrown;
  }
  return Buffer.concat(chunks).subarray(0, ERROR_BODY_BYTES);
}

/** `expect` is for an answer, not for an error page. */
function parse({ expect = 'auto' }: HttpParams, response: Response, received: ReceivedBody): Json {
  if (!response.body) return null;
  if (expect === 'text') return textOf(received);
  const { status, url } = response;
  if (expect === 'auto' || status >= 400) return parseBody(received);
  return parseExpectedJson(received, { status, url: describeUrl(new URL(url)) });
}

/** Several headers of one name, such as Set-Cookie, in one text. */
function headersOf({ headers }: Response): JsonObject {
  return Object.fromEntries([...headers.keys()].map((name) => [name, headers.get(name)]));
}
