import { isObject, type Json, type JsonObject, toJson } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/parse-json.ts';

export interface UploadedFile {
  name: string;
  bytes: Buffer;
}

/** Content of a request. */
export interface Body {
  kind: 'none' | 'json' | 'form';
  /** JSON, or the fields of a form with files as their names. Undefined if the body could not be read. */
  content: Json | undefined;
  files: Record<string, UploadedFile>;
}

export const isForm = (contentType = ''): boolean => /^multipart\/form-data\b/i.test(contentType);

export async function parseBody(bytes: Buffer, contentType: string | undefined): Promise<Body> {
  if (contentType !== undefined && isForm(contentType)) return parseForm(bytes, contentType);
  if (bytes.length === 0) return { kind: 'none', content: undefined, files: {} };
  return { kind: 'json', content: jsonIn(bytes.toString('utf8')), files: {} };
}

function jsonIn(text: string): Json | undefined {
  try {
    return toJson(parseJson(text));
  } catch {
    // The route reports the missing body to the client.
    return undefined;
  }
}

async function parseForm(bytes: Buffer, contentType: string): Promise<Body> {
  const files: [string, UploadedFile][] = [];
  const fields: [string, string][] = [];
  const form = await formDataOf(bytes, contentType);
  for (const [name, value] of form ?? []) {
    fields.push([name, typeof value === 'string' ? value : value.name]);
    if (typeof value !== 'string') files.push([name, { name: value.name, bytes: Buffer.from(await value.arrayBuffer()) }]);
  }
  return { kind: 'form', content: form && nested(fields), files: Object.fromEntries(files) };
}

async function formDataOf(bytes: Buffer, contentType: string): Promise<FormData | undefined> {
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch {
    // As above, for a form without its boundary or cut off.
    return undefined;
  }
}

/** `expires_after[seconds]` sets a key of an object. Its digits become a number, because forms contain only text. */
function nested(fields: [string, string][]): JsonObject {
  const outer = new Map<string, Json>();
  for (const [name, value] of fields) {
    const [, object = name, key] = /^([^[]+)\[([^\]]+)\]$/.exec(name) ?? [];
    const known = outer.get(object);
    const entry = /^-?\d+$/.test(value) ? Number(value) : value;
    outer.set(object, key === undefined ? value : { ...(isObject(known) ? known : {}), [key]: entry });
  }
  const content = toJson(Object.fromEntries(outer));
  return isObject(content) ? content : {};
}
