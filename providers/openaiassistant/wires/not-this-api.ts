import { ThreadlineError } from 'threadline/provider';

/** A body with status 200 need not be an answer: proxies answer with pages, other servers with errors. */
export const notThisApi = (answer: unknown, requestId: string | null | undefined): ThreadlineError =>
  new ThreadlineError('server_error', "The server's answer is not what this API sends.", {
    hint: 'Check `base_url`: it usually ends in /v1.',
    retryable: false,
    details: { request_id: requestId ?? null, answer: (JSON.stringify(answer) ?? '').slice(0, 500) },
  });
