import {
  describeUrl,
  durationMs,
  isRepeatable,
  type Json,
  type ProviderContext,
  ThreadlineError,
  withDeadline,
} from 'threadline/provider';
import { readAnswer } from './answer.ts';
import { buildHeaders } from './headers.ts';
import type { OutgoingRequest } from './outgoing.ts';
import { encodeBody } from './request-body.ts';
import { DEFAULT_MAX_BYTES, DEFAULT_TIMEOUT, type HttpConfig, type HttpParams, methodOf } from './schema.ts';
import { resolveTarget } from './target.ts';

type Context = ProviderContext<HttpConfig>;

/** Sends the request that the parameters describe and resolves with the step's result. */
export async function runRequest(params: HttpParams, context: Context): Promise<Json> {
  const startedAt = performance.now();
  const outgoing = prepare(params, context);
  warnOfMissingCheck(params, outgoing, context);
  const limit = params.timeout ?? DEFAULT_TIMEOUT;
  return withDeadline(durationMs(limit) ?? 0, tooLate(limit, outgoing), context.signal, async (signal) => {
    const { method, url, headers, body } = outgoing;
    const response = await context.fetch(url, {
      ...{ method, headers: [...headers], body: body ?? null, signal },
      redirect: (params.follow_redirects ?? true) ? 'follow' : 'manual',
      verify: params.verify ?? true,
      secretHeaders: secretHeadersOf(params, context.config),
      maxBytes: params.max_bytes ?? DEFAULT_MAX_BYTES,
    });
    const result = await readAnswer(params, { outgoing, response });
    return { ...result, duration_ms: Math.round(performance.now() - startedAt) };
  });
}

function tooLate(limit: string | number, outgoing: OutgoingRequest): ThreadlineError {
  const written = typeof limit === 'number' ? `${limit}s` : limit;
  const url = describeUrl(outgoing.url);
  return new ThreadlineError('timeout', `${outgoing.method} ${url} was not answered in full within ${written}.`, {
    hint: 'Raise `timeout`.',
    details: { url },
    retryable: isRepeatable(outgoing),
  });
}

function prepare(params: HttpParams, { config, idempotencyKey }: Context): OutgoingRequest {
  const { url, isConfiguredOrigin } = resolveTarget(params, config);
  const body = encodeBody(params);
  const headers = buildHeaders(params, body, isConfiguredOrigin ? config : undefined, idempotencyKey);
  return { method: methodOf(params), url, headers, body: body?.bytes };
}

function warnOfMissingCheck({ verify }: HttpParams, { url }: OutgoingRequest, { emit }: Context): void {
  if (verify !== false || url.protocol !== 'https:') return;
  emit({ type: 'log', level: 'warning', message: `The TLS certificate of ${url.host} is not checked (verify: false).` });
}

/** Headers of the configuration are secret, and so is the header that `auth` names. */
function secretHeadersOf({ auth }: HttpParams, config: HttpConfig): string[] {
  const names = Object.keys(config.headers ?? {});
  for (const one of [auth, config.auth]) if (one?.type === 'header') names.push(one.name);
  return names;
}
