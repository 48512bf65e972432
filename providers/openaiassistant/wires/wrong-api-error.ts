import { isObject, type Json, type JsonObject, ThreadlineError } from 'threadline/provider';

const WORDS_LIMIT = 300;

/** The failure where a body with status 200 is not an answer: proxies send pages, some servers errors. */
export function wrongApiError(answer: unknown, requestId: string | null | undefined): Error {
  const error = errorIn(answer);
  // In words alone, it is a server's complaint about an address that it does not have.
  if (isObject(error)) return reportedError(error, requestId);
  return new ThreadlineError('server_error', "The server's answer is not what this API sends.", {
    hint: 'Check `base_url`: it usually ends in /v1.',
    retryable: false,
    details: { request_id: requestId ?? null, answer: (JSON.stringify(answer) ?? '').slice(0, 500) },
  });
}

/**
 * The error that a body or an event reports: `{error: {…}}`, `{error: "…"}`, or with its own fields and a mark. OpenRouter puts that
 * of the server behind it into the choice.
 */
export function errorIn(answer: unknown): Json | undefined {
  if (!isObject(answer)) return undefined;
  if (answer.error) return answer.error;
  const [choice] = Array.isArray(answer.choices) ? answer.choices : [];
  if (isObject(choice) && isObject(choice.error)) return choice.error;
  return answer.object === 'error' || answer.type === 'error' ? answer : undefined;
}

/** An error that the server reports without a status, in the shape of the SDK's errors, so that it is treated like them. */
export function reportedError(reported: Json, requestId: string | null | undefined): Error {
  const error: JsonObject = isObject(reported) ? reported : { message: reported };
  const { message, code, type, param } = error;
  const words = typeof message === 'string' ? message : JSON.stringify(reported).slice(0, WORDS_LIMIT);
  return Object.assign(new Error(words), { error, code, type, param, requestID: requestId ?? null });
}
