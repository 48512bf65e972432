import { type ErrorCode, type JsonObject, ThreadlineError } from 'threadline/provider';
import { causeCodes, isBadCertificate, isNeverSent, isOutOfQuota } from './failure-kinds.ts';
import { retryAfterMs as retryAfterIn } from './retry-delay.ts';

/** Shorter keys are placeholders for servers that need none. */
const SHORTEST_SECRET = 8;

interface ApiFailure {
  name: string;
  status?: number;
  /** The error object that the server sent, if any. */
  error?: unknown;
  /** Some servers send the HTTP status here. */
  code?: string | number | null;
  type?: string;
  param?: string | null;
  message: string;
  requestID?: string | null;
  headers?: { get?(name: string): string | null };
  cause?: unknown;
}

/** Turns a failed API call into a ThreadlineError. Looks at its shape: the SDK lets several kinds of errors through unwrapped. */
export function fromApiError(thrown: unknown, facts: JsonObject, secret: string | null): ThreadlineError {
  const own = ownFailure(thrown);
  if (own) return own;
  const failure = withoutSecret(thrown as ApiFailure, secret);
  const details: JsonObject = { ...facts, request_id: failure.requestID ?? null };
  if (failure.code && (failure.status || failure.error)) details.api_code = failure.code;
  if (failure.param) details.param = failure.param;
  const status = failure.status ?? statusIn(failure.code);
  if (typeof status === 'number') return fromStatus({ ...failure, status }, { ...details, status });
  // The error came inside a stream, or with status 200.
  if (failure.error) return failed(codeOfEvent(failure), `The API reports an error: ${failure.message}`, failure, details);
  return fromConnection(failure, details);
}

/** Runs requests of the SDK. Rejects with the signal's reason where it has aborted, else with the failure as `toError` reads it. */
export async function withApiErrors<Result>(
  signal: AbortSignal,
  toError: (thrown: unknown) => ThreadlineError,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    signal.throwIfAborted();
    throw toError(thrown);
  }
}

/** A refusal of our own transport, which the SDK has wrapped like all that its `fetch` rejects with. */
function ownFailure(thrown: unknown): ThreadlineError | undefined {
  for (let failure = thrown; failure instanceof Error; failure = failure.cause)
    if (failure instanceof ThreadlineError) return failure;
  return undefined;
}

/** Masks the key, which a server's message may repeat; the SDK's error, which has it too, is then not kept as the cause. */
function withoutSecret(thrown: ApiFailure, secret: string | null): ApiFailure {
  const { name, message } = thrown;
  const isTold = secret !== null && secret.length >= SHORTEST_SECRET && message.includes(secret);
  return { ...thrown, name, message: isTold ? message.replaceAll(secret, '***') : message, cause: isTold ? undefined : thrown };
}

const statusIn = (code: ApiFailure['code']): number | undefined =>
  typeof code === 'number' && code >= 400 && code < 600 ? code : undefined;

function fromStatus(failure: ApiFailure, details: JsonObject): ThreadlineError {
  const retryAfterMs = retryAfterIn(failure.headers);
  if (retryAfterMs !== undefined) details.retry_after_ms = retryAfterMs;
  const message = `The API answered ${failure.status}: ${failure.message.replace(/^\d{3} /, '')}`;
  return failed(codeOf(failure), message, failure, details);
}

function failed(code: ErrorCode, message: string, failure: ApiFailure, details: JsonObject): ThreadlineError {
  const hint = hintFor(code, failure);
  return new ThreadlineError(code, message, { details, cause: failure.cause, ...(hint ? { hint } : {}) });
}

function codeOf(failure: ApiFailure): ErrorCode {
  const { status = 0, code, message } = failure;
  if (isOutOfQuota(failure)) return 'quota_exceeded';
  if (code === 'conversation_locked') return 'thread_busy';
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 403) return 'authentication_failed';
  // Only the message tells a lost conversation from other things that are not found.
  if (status === 404) return /conversation with id/i.test(message) ? 'thread_not_found' : 'not_found';
  if (status >= 500 || status === 408 || status === 409) return 'server_error';
  return 'bad_request';
}

function codeOfEvent({ code, type }: ApiFailure): ErrorCode {
  if (isOutOfQuota({ code, type })) return 'quota_exceeded';
  if (code === 'rate_limit_exceeded') return 'rate_limit';
  const isRefused = code === 'context_length_exceeded' || code === 'invalid_prompt' || type === 'invalid_request_error';
  return isRefused ? 'bad_request' : 'server_error';
}

function hintFor(code: ErrorCode, { code: apiCode, param }: ApiFailure): string | undefined {
  if (code === 'authentication_failed') return 'Check OPENAI_API_KEY, its project and its permissions.';
  if (code === 'quota_exceeded') return 'Check billing and limits of the account; waiting does not help.';
  if (code === 'rate_limit') return 'Add `retry`, or lower `concurrency`.';
  if (code === 'thread_not_found') return 'It may have been deleted. Leave `thread_id` out to begin a new thread.';
  if (code === 'not_found') return 'Check `model`, `wire` and `base_url`.';
  if (apiCode === 'unsupported_parameter' || apiCode === 'unsupported_value')
    return `The model does not take \`${param}\`: leave it out.`;
  if (apiCode === 'context_length_exceeded') return 'The thread is longer than the model can read: begin a new one.';
  return undefined;
}

function fromConnection(failure: ApiFailure, details: JsonObject): ThreadlineError {
  const codes = causeCodes(failure.cause);
  if (codes.length === 0 && (failure.name === 'SyntaxError' || failure.message.startsWith('Cannot use'))) {
    return new ThreadlineError('server_error', `The server's answer is not what this API sends: ${failure.message}`, {
      details,
      retryable: false,
      cause: failure.cause,
      hint: 'Check `base_url`: it usually ends in /v1.',
    });
  }
  const reason = codes[0] ?? innermostMessage(failure).replace(/\.$/, '');
  const neverSent = isNeverSent(codes);
  return new ThreadlineError('connection_failed', `The connection to ${details.server} failed: ${reason}.`, {
    details,
    retryable: neverSent,
    cause: failure.cause,
    hint: connectionHint(codes, neverSent),
  });
}

function connectionHint(codes: string[], neverSent: boolean): string {
  if (neverSent) return 'Check `base_url` and the network.';
  if (isBadCertificate(codes)) return 'Check the certificate of `base_url`, and whether it is https.';
  return 'The server may have taken the request, and may be paid for it: `retry` repeats it only with `on: [connection_failed]`.';
}

/** The SDK's "Connection error." says nothing, its innermost cause does: `bad port`. */
function innermostMessage(failure: { message: string; cause?: unknown }): string {
  return failure.cause instanceof Error ? innermostMessage(failure.cause) : failure.message;
}
