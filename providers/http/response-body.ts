import { isObject, type Json, type JsonObject, parseJson, ThreadlineError, toJson, toThreadlineError } from 'threadline/provider';

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
  const read = readJson(text);
  return 'value' in read ? read.value : text;
}

/** Throws `invalid_output` if the body is not JSON. */
export function parseExpectedJson(received: ReceivedBody, facts: JsonObject): Json {
  const read = readJson(textOf(received));
  if ('value' in read) return read.value;
  throw new ThreadlineError('invalid_output', 'The body of the response is not JSON, but `expect: json` requires it.', {
    hint: 'Use `expect: auto` or `expect: text`.',
    details: { ...facts, reason: read.reason, content_type: received.contentType || null, body: excerptOf(received) },
  });
}

/** Refuses deeply nested JSON, because code that reads results is recursive. */
const MAX_DEPTH = 200;

/** The value, or why there is none. Throws `number_out_of_range`: such a body is JSON, and no text. */
function readJson(text: string): { value: Json } | { reason: string } {
  try {
    const value: unknown = parseJson(text);
    return isDeeperThan(MAX_DEPTH, value) ? { reason: `it is nested deeper than ${MAX_DEPTH} levels` } : { value: toJson(value) };
  } catch (thrown) {
    const failure = toThreadlineError(thrown);
    if (failure.code === 'number_out_of_range') throw failure;
    return { reason: failure.message };
  }
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
