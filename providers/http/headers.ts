import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isRepeatable, ThreadlineError } from 'threadline/provider';
import type { RequestBody } from './request-body.ts';
import { type Auth, type HeaderFields, type HttpConfig, type HttpParams, methodOf } from './schema.ts';

/** Keyed by lower-case name. */
export type HeaderMap = Map<string, string>;

/** Headers that frame the message. A wrong value would let the body pass for a second request. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers of the first request; `credentials` is the configuration, or nothing where it must not go. */
export function buildHeaders(
  params: HttpParams,
  body: RequestBody | undefined,
  credentials: HttpConfig | undefined,
  idempotencyKey: string,
): HeaderMap {
  const headers: HeaderMap = new Map([
    ['accept', params.expect === 'json' ? 'application/json' : '*/*'],
    // Servers disagree on the meaning of `deflate`, so it is accepted but not requested.
    ['accept-encoding', 'gzip, br'],
    ['user-agent', 'threadline'],
  ]);
  if (body) headers.set('content-type', body.contentType);
  if (!isRepeatable({ method: methodOf(params), headers }))
    headers.set('idempotency-key', encodeURI(idempotencyKey.toWellFormed()));
  const sources = [credentials?.headers, authHeader(credentials?.auth), params.headers, authHeader(params.auth)];
  for (const source of sources) addHeaders(headers, source ?? {});
  // Node omits it for a GET with a body, which the server would take for the start of another request.
  if (body) headers.set('content-length', String(body.bytes.length));
  return headers;
}

function addHeaders(headers: HeaderMap, fields: HeaderFields): void {
  for (const [name, value] of Object.entries(fields)) {
    const key = name.toLowerCase();
    checkHeader(key, String(value));
    if (value === '') headers.delete(key);
    else headers.set(key, String(value));
  }
}

function checkHeader(name: string, value: string): void {
  if (FRAMING.has(name)) {
    throw new ThreadlineError('invalid_params', `The header ${name} is not the workflow's to set.`, { hint: 'Leave it out.' });
  }
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    // Node's error is dropped, because it may quote the value, which may be a secret.
    throw new ThreadlineError('invalid_params', `The header ${JSON.stringify(name)} has characters that a header cannot carry.`, {
      hint: 'No line breaks and nothing outside of Latin-1. Other text belongs into the body.',
    });
  }
}

function authHeader(auth: Auth | undefined): HeaderFields | undefined {
  if (auth?.type === 'basic') {
    return { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` };
  }
  if (auth?.type === 'bearer') return { authorization: `Bearer ${auth.token}` };
  return auth ? { [auth.name]: auth.value } : undefined;
}
