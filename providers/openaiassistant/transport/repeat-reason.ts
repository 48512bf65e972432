import { isObject } from 'threadline/provider';
import { type ApiErrorKind, causeCodes, isBrokenConnection, isNeverSent, isOutOfQuota } from './failure-kinds.ts';

/** Statuses that say that the server did nothing, or failed. */
const PASSING = new Set([408, 409, 429, 500, 502, 503, 504]);
/** Methods whose effect is the same when they are repeated. */
const HARMLESS = new Set(['GET', 'DELETE']);
const SHORT_NAME = /^[\w.-]{1,64}$/;

/** Why an answer may be asked for again, as people read it; undefined when it may not. */
export function whyRepeatAnswer({ ok, status, headers }: Response, error: ApiErrorKind): string | undefined {
  const wish = headers.get('x-should-retry');
  if (ok || wish === 'false' || isOutOfQuota(error)) return undefined;
  const mayPass = wish === 'true' || PASSING.has(status) || (status === 400 && error.code === 'conversation_locked');
  return mayPass ? describeAnswer(status, error) : undefined;
}

export const describeAnswer = (status: number, { code }: ApiErrorKind): string =>
  SHORT_NAME.test(String(code ?? '')) ? `the API answered ${status}, ${code}` : `the API answered ${status}`;

/** Why a request may be repeated whose connection failed. The server may have acted on it, unless it was never sent. */
export function whyRepeatConnection(thrown: unknown, method: string): string | undefined {
  const codes = causeCodes(thrown);
  const isSafe = isNeverSent(codes) || (HARMLESS.has(method) && isBrokenConnection(codes));
  return isSafe ? describeConnection(codes) : undefined;
}

export const describeConnection = (codes: string[]): string => `the connection failed, ${codes[0]}`;

/** The error in an answer's body. Reads a copy: the answer's own body stays for the caller. */
export async function errorKindOf(response: Response): Promise<ApiErrorKind> {
  if (response.ok) return {};
  try {
    const body: unknown = await response.clone().json();
    const error = isObject(body) && isObject(body.error) ? body.error : body;
    if (!isObject(error)) return {};
    return { code: stringOrNothing(error.code), type: stringOrNothing(error.type) };
  } catch {
    // The body is a page, empty or broken off: the status has to do.
    return {};
  }
}

const stringOrNothing = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
