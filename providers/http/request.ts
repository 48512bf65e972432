import type { Json, ProviderContext } from 'threadline/provider';
import { readAnswer } from './answer.ts';
import { reasonOf, startDeadline } from './deadline.ts';
import { buildHeaders, isRepeatable } from './headers.ts';
import type { OutgoingRequest } from './outgoing.ts';
import { exchangeAndFollow } from './redirect.ts';
import { encodeBody } from './request-body.ts';
import { DEFAULT_TIMEOUT, type HttpConfig, type HttpParams, methodOf } from './schema.ts';
import { describeUrl, resolveTarget } from './target.ts';

type Context = ProviderContext<HttpConfig>;

/** Sends the request that the parameters describe and resolves with the step's result. */
export async function runRequest(params: HttpParams, context: Context): Promise<Json> {
  const startedAt = performance.now();
  const outgoing = prepare(params, context);
  warnOfMissingCheck(params, outgoing, context);
  const deadline = startDeadline(params.timeout ?? DEFAULT_TIMEOUT, context.signal, {
    method: outgoing.method,
    url: describeUrl(outgoing.url),
    retryable: isRepeatable(outgoing.method, outgoing.headers),
  });
  try {
    const answered = await exchangeAndFollow(outgoing, {
      signal: deadline.signal,
      verify: params.verify ?? true,
      allowHosts: context.http.allowHosts,
      follow: params.follow_redirects ?? true,
      secretHeaders: secretHeadersOf(params, context.config),
    });
    const result = await readAnswer(params, answered);
    return { ...result, duration_ms: Math.round(performance.now() - startedAt) };
  } catch (thrown) {
    // Whatever broke because of the abort, the abort is why.
    throw deadline.signal.aborted ? reasonOf(deadline.signal) : thrown;
  } finally {
    deadline.clear();
  }
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

/** All that the configuration adds is taken for secret, and so is a header that `auth` names. */
function secretHeadersOf({ auth }: HttpParams, config: HttpConfig): Set<string> {
  const names = Object.keys(config.headers ?? {});
  for (const one of [auth, config.auth]) if (one?.type === 'header') names.push(one.name);
  return new Set(names.map((name) => name.toLowerCase()));
}
