import type { JsonObject } from '../../shared/json/json.ts';

interface ErrorDetails {
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

  constructor(status: number, message: string, details: ErrorDetails = {}) {
    super(message);
    this.status = status;
    this.headers = details.headers ?? {};
    this.body = {
      error: {
        message,
        type: details.type ?? typeOfStatus(status),
        param: details.param ?? null,
        code: details.code ?? null,
      },
    };
  }
}

function typeOfStatus(status: number): string {
  if (status >= 500) return 'server_error';
  return status === 429 ? 'rate_limit_error' : 'invalid_request_error';
}

export const badRequest = (message: string, param: string | null = null, code: string | null = null): ApiError =>
  new ApiError(400, message, { param, code });

export const missing = (param: string): ApiError =>
  badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');

export const mutuallyExclusive = (first: string, second: string): ApiError => {
  const message = `Mutually exclusive parameters. Ensure you are only providing one of: '${first}' or '${second}'.`;
  return badRequest(message, null, 'mutually_exclusive_parameters');
};

/** A tool choice that names a tool, or requires any, without an offer of it. */
export const toolNotOffered = (choice: string): ApiError =>
  badRequest(`Tool choice '${choice}' not found in 'tools' parameter.`, 'tool_choice');

export const notFound = (message: string, param: string | null = null, code: string | null = null): ApiError =>
  new ApiError(404, message, { param, code });
