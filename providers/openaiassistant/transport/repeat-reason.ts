import { type Complaint, complaintIn } from '../dialects/complaint.ts';
import { failureKind } from '../dialects/failure-kinds.ts';
import { causeCodes, isBrokenConnection, isNeverSent } from './connection-codes.ts';

/** Statuses that say that the server did nothing, or failed. 529 is Anthropic's for being overloaded. */
const PASSING = new Set([408, 409, 429, 500, 502, 503, 504, 529]);
export const isPassingStatus = (status: number): boolean => PASSING.has(status);
/** Methods whose effect is the same when they are repeated. */
const HARMLESS = new Set(['GET', 'DELETE']);
const SHORT_NAME = /^[\w.-]{1,64}$/;

/** Why an answer may be asked for again, as people read it; undefined when it may not. */
export function whyRepeatAnswer({ ok, status, headers }: Response, complaint: Complaint): string | undefined {
  const wish = headers.get('x-should-retry');
  if (ok || wish === 'false' || failureKind(complaint)?.isLasting) return undefined;
  const mayPass = wish === 'true' || isPassingStatus(status) || (status === 400 && complaint.code === 'conversation_locked');
  return mayPass ? describeAnswer(status, complaint) : undefined;
}

export const describeAnswer = (status: number, { code }: Complaint): string =>
  SHORT_NAME.test(String(code ?? '')) ? `the API answered ${status}, ${code}` : `the API answered ${status}`;

/** Why a request may be repeated whose connection failed. The server may have acted on it, unless it was never sent. */
export function whyRepeatConnection(thrown: unknown, method: string): string | undefined {
  const codes = causeCodes(thrown);
  const isSafe = isNeverSent(codes) || (HARMLESS.has(method) && isBrokenConnection(codes));
  return isSafe ? describeConnection(codes) : undefined;
}

export const describeConnection = (codes: string[]): string => `the connection failed, ${codes[0]}`;

/** What an answer complains of. Reads a copy: the answer's own body stays for the caller. */
export async function complaintOfAnswer(response: Response): Promise<Complaint> {
  const { ok, status } = response;
  if (ok) return { status, words: '' };
  try {
    return complaintIn(await response.clone().json(), status);
  } catch {
    // The body is a page, empty or broken off: the status has to do.
    return { status, words: '' };
  }
}
