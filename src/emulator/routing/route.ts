import type { JsonObject } from '../../shared/json/json.ts';
import type { UploadedFile } from '../http/body.ts';
import type { EventStream } from '../http/http.ts';
import type { RequestRules } from '../rules/request-rules.ts';
import type { Store } from '../store/store.ts';

/** What the routes work on. */
export interface Emulation {
  store: Store;
  /** As this request meets them. */
  rules: RequestRules;
  latencyMs: number;
}

export interface ApiRequest {
  /** What the template's `{names}` stand for. */
  params: Record<string, string>;
  /** Below /v1, without the query: `/threads/thread_1/runs`. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: JsonObject;
  /** What a form has beside its fields, by the name of the field. */
  files: Record<string, UploadedFile>;
  /** How long the work takes that goes on after the answer: that a vector store reads its files. */
  latencyMs: number;
  /** Aborted when the client goes away. */
  client: AbortSignal;
}

/** One JSON object, a file's bytes, or events for an SSE stream. */
export type Reply = { body: JsonObject; headers?: Record<string, string> } | { bytes: Buffer } | EventStream;

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below /v1, as OpenAI's document writes it. */
  template: string;
  /** Whether a rule decides the answer. On the other routes, rules may only make errors and disturb. */
  asksModel?: boolean;
  /** Whether the request's body is multipart/form-data instead of JSON. */
  takesForm?: boolean;
  /** Whether the work goes on after the answer. A rule's latency is then that of the work. */
  worksOn?: boolean;
  handle(request: ApiRequest, emulation: Emulation): Reply | Promise<Reply>;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Routes of this path, whatever their method. Earlier ones win, so fixed paths stand before those with names. */
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

/** A parameter that the template has. */
export const param = (request: ApiRequest, name: string): string => request.params[name] ?? '';
