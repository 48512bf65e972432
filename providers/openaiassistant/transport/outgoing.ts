import { isObject } from 'threadline/provider';

type FetchInput = Parameters<typeof fetch>[0];
type Body = RequestInit['body'];

const CHARACTERS_PER_TOKEN = 4;

/** The arguments of a `fetch`, and what limiter and retries have to know of them. */
export interface Outgoing {
  input: FetchInput;
  init: RequestInit;
  method: string;
  path: string;
  signal: AbortSignal | null;
  /** The model that a JSON body names; '' when there is none. */
  model: string;
  /** An estimate, from the length of the body. */
  tokens: number;
  /** False for a stream, which can be sent once only. */
  isRepeatable: boolean;
}

export function outgoingOf(input: FetchInput, init: RequestInit = {}, idempotencyKey?: (path: string) => string): Outgoing {
  const request = input instanceof Request ? input : undefined;
  const body = init.body ?? request?.body ?? null;
  const method = (init.method ?? request?.method ?? 'GET').toUpperCase();
  const headers = new Headers(init.headers ?? request?.headers);
  if (idempotencyKey && method !== 'GET' && !headers.has('idempotency-key'))
    headers.set('idempotency-key', idempotencyKey(pathOf(input)));
  return {
    input,
    init: { ...init, headers },
    method,
    path: pathOf(input),
    signal: init.signal ?? request?.signal ?? null,
    model: modelIn(body),
    tokens: typeof body === 'string' ? Math.ceil(body.length / CHARACTERS_PER_TOKEN) : 0,
    isRepeatable: !isStream(body),
  };
}

const pathOf = (input: FetchInput): string => new URL(input instanceof Request ? input.url : input).pathname;

const isStream = (body: Body): boolean => typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

function modelIn(body: Body): string {
  if (typeof body !== 'string' || !body.startsWith('{')) return '';
  try {
    const data: unknown = JSON.parse(body);
    return isObject(data) && typeof data.model === 'string' ? data.model : '';
  } catch {
    // The server will refuse it: the transport passes any body on.
    return '';
  }
}
