import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing, mutuallyExclusive } from '../base/api-error.ts';
import {
  anything,
  attributes,
  boolean,
  type Check,
  checkParameters,
  decimal,
  integer,
  list,
  metadata,
  object,
  shape,
  text,
  textOr,
  variant,
  word,
} from '../check/checks.ts';

const FILES = { perStore: 500, perBatch: 2000 };
const DAYS = { minimum: 1, maximum: 365 };
const CHUNK_TOKENS = { minimum: 100, maximum: 4096 };
const RESULTS = { minimum: 1, maximum: 50 };

const expiresAfter = shape({ anchor: word('last_active_at'), days: integer(DAYS.minimum, DAYS.maximum) }, ['anchor', 'days']);

const sizes = shape(
  { max_chunk_size_tokens: integer(CHUNK_TOKENS.minimum, CHUNK_TOKENS.maximum), chunk_overlap_tokens: integer(0) },
  ['max_chunk_size_tokens', 'chunk_overlap_tokens'],
);

const chunkSizes: Check = (value, param) => {
  sizes(value, param);
  if (!isObject(value) || Number(value.chunk_overlap_tokens) <= Number(value.max_chunk_size_tokens) / 2) return;
  throw badRequest(`Invalid '${param}': the overlap must be at most half of the chunk size.`, `${param}.chunk_overlap_tokens`);
};

const chunkingStrategy = variant({ auto: shape({}), static: shape({ static: chunkSizes }, ['static']) });

const attachment = { file_id: text(), attributes, chunking_strategy: chunkingStrategy };

const CREATE = {
  name: text(),
  description: text(),
  file_ids: list(text(), FILES.perStore),
  expires_after: expiresAfter,
  chunking_strategy: chunkingStrategy,
  metadata,
};

const SEARCH = {
  query: textOr(list(text())),
  rewrite_query: boolean,
  max_num_results: integer(RESULTS.minimum, RESULTS.maximum),
  filters: (value: Json, param: string) => checkFilter(value, param),
  ranking_options: shape({ ranker: word('none', 'auto', 'default-2024-11-15'), score_threshold: decimal(0, 1) }),
};

export const checkCreateStore = (body: JsonObject): void => checkParameters(body, CREATE);

export const checkUpdateStore = (body: JsonObject): void =>
  checkParameters(body, { name: text(), expires_after: expiresAfter, metadata });

export const checkSearch = (body: JsonObject): void => checkParameters(body, SEARCH, ['query']);

export const checkAttachment = (body: JsonObject): void => checkParameters(body, attachment, ['file_id']);

export function checkAttributes(body: JsonObject): void {
  checkParameters(body, { attributes });
  // Null is a value here: it removes all attributes.
  if (body.attributes === undefined) throw missing('attributes');
}

export function checkBatch(body: JsonObject): void {
  const files = list(shape(attachment, ['file_id']), FILES.perBatch, 1);
  const fileIds = list(text(), FILES.perBatch, 1);
  checkParameters(body, { file_ids: fileIds, files, attributes, chunking_strategy: chunkingStrategy });
  const given = ['file_ids', 'files'].filter((name) => Array.isArray(body[name]));
  if (given.length === 0) throw missing('file_ids');
  if (given.length > 1) throw mutuallyExclusive('file_ids', 'files');
}

const COMPARISONS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin'];

function checkFilter(value: Json, param: string): void {
  object(value, param);
  const comparison = shape({ key: text(), value: anything }, ['key', 'value']);
  const compound = shape({ filters: list(checkFilter) }, ['filters']);
  const kinds = COMPARISONS.map((type): [string, Check] => [type, comparison]);
  variant({ ...Object.fromEntries(kinds), and: compound, or: compound })(value, param);
}
