import type { Fields, HttpParams } from './schema.ts';

export interface RequestBody {
  bytes: Buffer;
  contentType: string;
}

/** Parameters with a body. A request has at most one. */
export const BODY_KEYS = ['json', 'form', 'body'] as const;

export function encodeBody(params: HttpParams): RequestBody | undefined {
  if (params.json !== undefined) return asJson(params.json);
  if (params.form) return { bytes: Buffer.from(encodeFields(params.form)), contentType: 'application/x-www-form-urlencoded' };
  // An empty `body:` counts as absent.
  if (params.body === undefined || params.body === null) return undefined;
  if (typeof params.body !== 'string') return asJson(params.body);
  return { bytes: Buffer.from(params.body), contentType: 'text/plain; charset=utf-8' };
}

const asJson = (value: unknown): RequestBody => ({ bytes: Buffer.from(JSON.stringify(value)), contentType: 'application/json' });

export function encodeFields(fields: Fields): string {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) encoded.append(name, String(item));
  }
  return encoded.toString();
}
