import type { JsonObject } from '../../shared/json/json.ts';
import type { UploadedFile } from '../http/body.ts';
import type { EventStream } from '../http/http.ts';
import type { RequestRules } from '../rules/request-rules.ts';
import type { Store } from '../store/store.ts';

/** State that the routes work on. */
export interface Emulation {
  store: Store;
  /** The rules as they apply to this request. */
  rules: RequestRules;
  latencyMs: number;
}

export interface ApiRequest {
  /** Values of the template's `{names}`. */
  params: Record<string, string>;
  /** Below /v1, without the query: `/threads/thread_1/runs`. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: JsonObject;
  /** Files of a form, by field name. */
  files: Record<string, UploadedFile>;
  /** Duration of the work after the response, such as indexing files. */
  latencyMs: number;
  /** Aborted when the client goes away. */
  client: AbortSignal;
}

/** A JSON object, a file's bytes, or events for an SSE stream. */
export type Reply = { body: JsonObject; headers?: Record<string, string> } | { bytes: Buffer } | EventStream;

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below /v1, as OpenAI's document writes it. */
  template: string;
  /** A rule decides the answer. On other routes, rules may only cause errors and disturbances. */
  asksModel?: boolean;
  /** The request's body is multipart/form-data instead of JSON. */
  takesForm?: boolean;
  /** The work continues after the response, and a rule's latency is that of the work. */
  worksOn?: boolean;
  handle(request: ApiRequest, emulation: Emulation): Reply | Promise<Reply>;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Routes of this path for any method. Earlier routes win, so fixed paths come before paths with parameters. */
export function matchPath(routes: readonly Route[], path: string): Match[] {
  const segments = path.split('/');
  return routes.flatMap((route) => {
    const parts = route.template.split('/');
    if (parts.length !== segments.length) return [];
    const params: Record<string, string> = {};
    for (const [index, part] of parts.entries()) {
      const segment = segments[index] ?? '';
      if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
      else if (part !== segment) return [];
    }
    return [{ route, params }];
  });
}

/** Value of a parameter that the template contains. */
export const param = (request: ApiRequest, name: string): string => request.params[name] ?? '';
