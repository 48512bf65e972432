import { type ErrorCode, type JsonObject, ThreadlineError } from 'threadline/provider';
import { type Complaint, complaintIn } from '../dialects/complaint.ts';
import { failureKind } from '../dialects/failure-kinds.ts';
import { refusedParameter, wantsNoThinking } from '../dialects/refused-parameter.ts';
import { causeCodes, isBadCertificate, isNeverSent } from './connection-codes.ts';
import { retryAfterMs as retryAfterIn, retryInWordsMs } from './retry-delay.ts';

/** Shorter keys are placeholders for servers that need none. */
const SHORTEST_SECRET = 8;

/** A failure as the SDK, or a wire, throws it. */
interface ApiFailure {
  name: string;
  status?: number;
  /** The error that the server sent, if any. */
  error?: unknown;
  message: string;
  requestID?: string | null;
  headers?: { get?(name: string): string | null };
  cause?: unknown;
}

/** Turns a failed API call into a ThreadlineError. Looks at its shape: the SDK lets several kinds of errors through unwrapped. */
export function fromApiError(thrown: unknown, facts: JsonObject, secret: string | null): ThreadlineError {
  const own = ownFailure(thrown);
  if (own) return own;
  const failure = thrown as ApiFailure;
  const details: JsonObject = { ...facts, request_id: failure.requestID ?? null };
  if (!failure.error && failure.status === undefined) return fromConnection(withoutSecret(failure, secret), details);
  const said = complaintIn(failure.error);
  const { message, ...rest } = withoutSecret(failure, secret, said.words || wordsOf(failure));
  return fromComplaint({ ...said, status: failure.status ?? statusIn(said.code), words: message }, rest, details);
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
function withoutSecret(thrown: ApiFailure, secret: string | null, words = thrown.message): ApiFailure {
  const { name, message } = thrown;
  const isTold = secret !== null && secret.length >= SHORTEST_SECRET && `${message} ${words}`.includes(secret);
  return { ...thrown, name, message: isTold ? words.replaceAll(secret, '***') : words, cause: isTold ? undefined : thrown };
}

/** The SDK's message begins with the status, which stands in ours already. */
const wordsOf = ({ message }: ApiFailure): string => message.replace(/^\d{3} /, '');

/** Some servers send the HTTP status as their code; where the error came with status 200, it is all that they tell. */
const statusIn = (code: Complaint['code']): number | undefined => {
  const status = Number(code);
  return status >= 400 && status < 600 ? status : undefined;
};

function fromComplaint(complaint: Complaint, failure: Omit<ApiFailure, 'message'>, details: JsonObject): ThreadlineError {
  const { status, code: apiCode, words } = complaint;
  const param = complaint.param ?? refusedParameter(complaint);
  if (apiCode) details.api_code = apiCode;
  if (param) details.param = param;
  if (status !== undefined) details.status = status;
  // The error came inside of a stream, or in place of the answer.
  if (failure.status === undefined) details.http_status = 200;
  const retryAfterMs = retryAfterIn(failure.headers) ?? (status === 429 ? retryInWordsMs(words) : undefined);
  if (retryAfterMs !== undefined) details.retry_after_ms = retryAfterMs;
  const kind = failureKind(complaint);
  const code = kind?.code ?? (status === undefined ? codeOfEvent(complaint) : codeOfStatus(status, complaint));
  const message = status === undefined ? `The API reports an error: ${words}` : `The API answered ${status}: ${words}`;
  const hint = kind?.hint ?? hintFor(code, complaint);
  return new ThreadlineError(code, message, { details, cause: failure.cause, ...(hint ? { hint } : {}) });
}

function codeOfStatus(status: number, { code, words }: Complaint): ErrorCode {
  if (code === 'conversation_locked') return 'thread_busy';
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 403) return 'authentication_failed';
  // Only the message tells a lost conversation from other things that are not found.
  if (status === 404) return /conversation with id/i.test(words) ? 'thread_not_found' : 'not_found';
  if (status >= 500 || status === 408 || status === 409) return 'server_error';
  return 'bad_request';
}

function codeOfEvent({ code, type }: Complaint): ErrorCode {
  if (code === 'rate_limit_exceeded') return 'rate_limit';
  return code === 'invalid_prompt' || type === 'invalid_request_error' ? 'bad_request' : 'server_error';
}

function hintFor(code: ErrorCode, complaint: Complaint): string | undefined {
  const refused = refusedParameter(complaint);
  if (refused === 'tools') return 'The model takes no functions: name another, or set `functions_off: true`.';
  if (refused === 'reasoning_effort' && wantsNoThinking(complaint))
    return 'Use `wire: responses`, or write `reasoning_effort: none`.';
  if (refused !== undefined) return `The model does not take \`${refused}\`: leave it out.`;
  if (code === 'authentication_failed') return 'Check OPENAI_API_KEY, its project and its permissions.';
  if (code === 'rate_limit') return 'Add `retry`, or lower `concurrency`.';
  if (code === 'thread_not_found') return 'It may have been deleted. Leave `thread_id` out to begin a new thread.';
  if (code === 'not_found') return 'Check `model`, `wire` and `base_url`.';
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
