import { type ErrorCode, type JsonObject, ThreadlineError } from 'threadline/provider';

const OUT_OF_QUOTA = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_usage_limit_exceeded',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
]);
/** The request cannot have reached the server, so that nothing was paid. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

interface ApiFailure {
  status?: number;
  code?: string | null;
  type?: string;
  param?: string | null;
  message: string;
  requestID?: string | null;
  headers?: { get?(name: string): string | null };
  cause?: unknown;
}

/** Names what an API call failed of. Told by its shape: the SDK lets several kinds of errors through unwrapped. */
export function fromApiError(thrown: unknown, facts: JsonObject): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  const failure = thrown as ApiFailure;
  const details: JsonObject = { ...facts, request_id: failure.requestID ?? null };
  if (typeof failure.status !== 'number') return fromConnection(failure, details);
  details.status = failure.status;
  if (failure.code) details.api_code = failure.code;
  if (failure.param) details.param = failure.param;
  const retryAfterMs = retryAfter(failure);
  if (retryAfterMs !== undefined) details.retry_after_ms = retryAfterMs;
  const code = codeOf(failure);
  const hint = hintFor(code, failure);
  return new ThreadlineError(code, `The API answered ${messageOf(failure)}`, {
    details,
    cause: thrown,
    ...(hint ? { hint } : {}),
  });
}

const messageOf = ({ status, message }: ApiFailure) => `${status}: ${message.replace(/^\d{3} /, '')}`;

function codeOf({ status = 0, code, type, param }: ApiFailure): ErrorCode {
  if (code && OUT_OF_QUOTA.has(code)) return 'quota_exceeded';
  if (type === 'insufficient_quota') return 'quota_exceeded';
  if (code === 'conversation_locked') return 'thread_busy';
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 403) return 'authentication_failed';
  if (status === 404) return param === 'conversation' || code === 'conversation_not_found' ? 'thread_not_found' : 'not_found';
  if (status >= 500 || status === 408 || status === 409) return 'server_error';
  return 'bad_request';
}

function hintFor(code: ErrorCode, { code: apiCode, param }: ApiFailure): string | undefined {
  if (code === 'authentication_failed') return 'Check OPENAI_API_KEY, its project and its permissions.';
  if (code === 'quota_exceeded') return 'Check billing and limits of the account; waiting does not help.';
  if (code === 'rate_limit') return 'Add `retry`, or lower `concurrency`.';
  if (code === 'thread_not_found') return 'It may have been deleted. Leave `thread_id` out to begin a new thread.';
  if (code === 'not_found') return 'Check `model` and `base_url`.';
  if (apiCode === 'unsupported_parameter' || apiCode === 'unsupported_value')
    return `The model does not take \`${param}\`: leave it out.`;
  if (apiCode === 'context_length_exceeded') return 'The thread is longer than the model can read: begin a new one.';
  return undefined;
}

/** In milliseconds. */
function retryAfter({ headers }: ApiFailure): number | undefined {
  const milliseconds = Number(headers?.get?.('retry-after-ms') ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const seconds = Number(headers?.get?.('retry-after') ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}

function fromConnection(failure: ApiFailure, details: JsonObject): ThreadlineError {
  // An error event inside a stream: the SDK throws it without a status.
  if (failure.code && failure.param !== undefined) {
    const code = failure.code === 'rate_limit_exceeded' ? 'rate_limit' : 'server_error';
    return new ThreadlineError(code, `The API ended the stream: ${failure.message}`, {
      details: { ...details, api_code: failure.code },
      cause: failure,
    });
  }
  const codes = causeCodes(failure);
  const neverSent = codes.some((code) => NEVER_SENT.has(code));
  const reason = codes[0] ?? failure.message;
  return new ThreadlineError('connection_failed', `The connection to the API failed: ${reason}.`, {
    details,
    retryable: neverSent,
    cause: failure,
    hint: neverSent
      ? 'Check `base_url` and the network.'
      : 'The server may have taken the request: it is not repeated by itself.',
  });
}

function causeCodes(failure: unknown): string[] {
  const codes: string[] = [];
  for (let cause = failure; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') codes.push(code);
  }
  return codes;
}
