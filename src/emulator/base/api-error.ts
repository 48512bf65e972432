import type { JsonObject } from '../../shared/json/json.ts';

export interface ApiErrorFacts {
  type?: string;
  param?: string | null;
  code?: string | null;
  headers?: Record<string, string>;
}

/** An HTTP error in OpenAI's shape. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: { error: JsonObject };

  constructor(status: number, message: string, features: ApiErrorFacts = {}) {
    super(message);
    this.status = status;
    this.headers = features.headers ?? {};
    this.body = {
      error: {
        message,
        type: features.type ?? typeOf(status),
        param: features.param ?? null,
        code: features.code ?? null,
      },
    };
  }
}

function typeOf(status: number): string {
  if (status >= 500) return 'server_error';
  return status === 429 ? 'rate_limit_error' : 'invalid_request_error';
}

export const badRequest = (message: string, param: string | null = null, code: string | null = null): ApiError =>
  new ApiError(400, message, { param, code });

export const missing = (param: string): ApiError =>
  badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');

export const notFound = (message: string, param: string | null = null, code: string | null = null): ApiError =>
  new ApiError(404, message, { param, code });
