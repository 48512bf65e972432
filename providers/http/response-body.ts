import { pipeline, Readable, type Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { isObject, type Json, type JsonObject, ThreadlineError, toJson } from 'threadline/provider';

const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

export interface ReadLimit {
  maxBytes: number;
  /** Handling of the rest: drop it (`cut`), or fail with `response_too_large`. */
  beyond: 'cut' | 'fail';
}

/** Reads and decompresses a body. The limit applies to the decompressed size, during streaming. */
export async function readBytes(response: Response, { maxBytes, beyond }: ReadLimit, facts: JsonObject): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decompressed(response, facts) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size <= maxBytes) continue;
    if (beyond === 'cut') break;
    throw new ThreadlineError('response_too_large', `The answer is larger than ${maxBytes} bytes.`, {
      hint: 'Raise `max_bytes`, or ask for less.',
      details: facts,
    });
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function decompressed({ headers, body }: Response, facts: JsonObject): Readable {
  const encoding = (headers.get('content-encoding') ?? '').trim().toLowerCase();
  const received = Readable.fromWeb(body as ReadableStream);
  if (encoding === '' || encoding === 'identity' || headers.get('content-length') === '0') return received;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding]?.() : undefined;
  // Only one layer of compression: each further layer lets a small response cost the square of its size.
  if (!decoder) {
    const name = JSON.stringify(encoding.slice(0, 50));
    throw new ThreadlineError('unsupported', `The answer is compressed as ${name}, which is not read.`, { details: facts });
  }
  // The reader of the decoder gets its error; pipeline only ends the other stream.
  return pipeline(received, decoder, () => undefined);
}

export interface ReceivedBody {
  bytes: Buffer;
  contentType: string;
}

const JSON_TYPE = /^(application|text)\/(json|[^;]+\+json)\s*(;|$)/i;
const TEXT_TYPE =
  /^(text\/|application\/(([^;]+\+)?(json|xml|yaml)|x-yaml|x-ndjson|ndjson|jsonl|json-seq|javascript|ecmascript|graphql|toml|sql|x-sh|x-www-form-urlencoded)\s*(;|$)|image\/svg\+xml)/i;

/** Converts a body for the results: by its content type JSON, text, or `{base64, content_type, bytes}`; null if empty. */
export function parseBody(received: ReceivedBody): Json {
  const { bytes, contentType } = received;
  if (bytes.length === 0) return null;
  if (!isText(received)) return { base64: bytes.toString('base64'), content_type: contentType || null, bytes: bytes.length };
  const text = textOf(received);
  const looksLikeJson = JSON_TYPE.test(contentType) || (contentType === '' && /^\s*[[{]/.test(text));
  if (!looksLikeJson) return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** Throws `invalid_output` if the body is not JSON. */
export function parseExpectedJson(received: ReceivedBody, facts: JsonObject): Json {
  const text = textOf(received);
  try {
    return parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThreadlineError('invalid_output', 'The body of the response is not JSON, but `expect: json` requires it.', {
      hint: 'Use `expect: auto` or `expect: text`.',
      details: { ...facts, reason, content_type: received.contentType || null, body: excerptOf(received) },
    });
  }
}

/** Refuses deeply nested JSON, because code that reads results is recursive. */
const MAX_DEPTH = 200;

function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (isDeeperThan(MAX_DEPTH, value)) throw new Error(`it is nested deeper than ${MAX_DEPTH} levels`);
  return toJson(value);
}

function isDeeperThan(depth: number, value: unknown): boolean {
  if (!Array.isArray(value) && !isObject(value)) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeperThan(depth - 1, item));
}

function isText({ bytes, contentType }: ReceivedBody): boolean {
  if (contentType !== '') return TEXT_TYPE.test(contentType);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Decodes text in the charset of the content type, or UTF-8. */
export function textOf({ bytes, contentType }: ReceivedBody): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

const EXCERPT_LENGTH = 2000;

/** The beginning of a body, for error details. */
export const excerptOf = (received: ReceivedBody): string =>
  isText(received)
    ? textOf(received).slice(0, EXCERPT_LENGTH).toWellFormed()
    : `${received.bytes.length} bytes of ${received.contentType}`;
