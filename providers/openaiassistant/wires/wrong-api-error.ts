import { isObject, type JsonObject, ThreadlineError } from 'threadline/provider';

const WORDS_LIMIT = 300;

/** The failure where a body with status 200 is not an answer: proxies send pages, some servers errors. */
export function wrongApiError(answer: unknown, requestId: string | null | undefined): Error {
  if (isObject(answer) && isObject(answer.error)) return reportedError(answer.error, requestId);
  return new ThreadlineError('server_error', "The server's answer is not what this API sends.", {
    hint: 'Check `base_url`: it usually ends in /v1.',
    retryable: false,
    details: { request_id: requestId ?? null, answer: (JSON.stringify(answer) ?? '').slice(0, 500) },
  });
}

/** An error that the server reports without a status, in the shape of the SDK's errors, so that it is treated like them. */
export function reportedError(error: JsonObject, requestId: string | null | undefined): Error {
  const { message, code, type, param } = error;
  const words = typeof message === 'string' ? message : JSON.stringify(error).slice(0, WORDS_LIMIT);
  return Object.assign(new Error(words), { error, code, type, param, requestID: requestId ?? null });
}
