import { isObject, type Json, type JsonObject, type ThreadlineError } from 'threadline/provider';

/** What a server says of a failure, wherever in its answer it says it. */
export interface Complaint {
  /** The HTTP status; absent where the server names none. */
  status?: number | undefined;
  code?: string | number | undefined;
  type?: string | undefined;
  /** The field that it complains of, where it names one. */
  param?: string | undefined;
  /** All that it says in sentences, that of the server behind it included. */
  words: string;
}

/** The complaint in the body of an answer, or in its `error`. Servers send an object, a list with one, or a sentence. */
export function complaintIn(body: unknown, status?: number): Complaint {
  const whole: unknown = Array.isArray(body) ? body[0] : body;
  const error = isObject(whole) ? (whole.error ?? whole) : whole;
  if (!isObject(error)) return { status, words: typeof error === 'string' ? error : '' };
  const behind = complaintBehind(error);
  const { message, code, type, param, detail } = error;
  return {
    status,
    code: told(code) ?? behind?.code,
    type: text(type) ?? behind?.type,
    param: text(param) ?? behind?.param,
    words: [sentence(message ?? detail), behind?.words ?? ''].filter(Boolean).join(': '),
  };
}

/** The complaint that a failure of a request was made of. */
export const complaintOf = ({ message, details = {} }: Pick<ThreadlineError, 'message' | 'details'>): Complaint => ({
  status: typeof details.status === 'number' ? details.status : undefined,
  code: told(details.api_code),
  param: text(details.param),
  words: message,
});

/**
 * Gateways wrap what the server behind them said: OpenRouter as text in `metadata.raw`, Azure in `innererror`. Google names the
 * limits that were passed in `details`.
 */
function complaintBehind({ metadata, innererror, details }: JsonObject): Complaint | undefined {
  const limits = (Array.isArray(details) ? details : []).flatMap(limitsIn);
  if (limits.length > 0) return { words: limits.join(', ') };
  if (isObject(innererror)) return { ...complaintIn(innererror), words: text(innererror.code) ?? '' };
  if (!isObject(metadata) || typeof metadata.raw !== 'string') return undefined;
  try {
    return complaintIn(JSON.parse(metadata.raw));
  } catch {
    // What is not JSON is a sentence.
    return { words: metadata.raw };
  }
}

const limitsIn = (detail: Json): string[] =>
  (isObject(detail) && Array.isArray(detail.violations) ? detail.violations : []).flatMap((violation) =>
    isObject(violation) && typeof violation.quotaId === 'string' ? [violation.quotaId] : [],
  );

/** LiteLLM writes Python's `None` where it has nothing to say. */
const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' && value !== 'None' ? value : undefined;

const told = (code: Json | undefined): string | number | undefined => (typeof code === 'number' ? code : text(code));

const sentence = (value: Json | undefined): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
