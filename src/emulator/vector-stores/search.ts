import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { isNumber } from '../../shared/json/number.ts';
import { chunksOfText, textOfFile } from './chunks.ts';
import type { IndexedFile, VectorStore } from './vector-store.ts';

const RESULTS = 10;

export interface SearchMatch {
  file: IndexedFile;
  text: string;
  /** Share of the queries' words that the chunk contains, between 0 and 1. */
  score: number;
}

/** `options` come from a search request or from a file search tool. */
export function search(stores: VectorStore[], queries: string[], options: JsonObject): SearchMatch[] {
  const wanted = new Set(queries.flatMap(wordsOf));
  const ranking = isObject(options.ranking_options) ? options.ranking_options : {};
  const threshold = Number(ranking.score_threshold ?? 0);
  return stores
    .flatMap(({ files }) => [...files.values()])
    .filter((file) => file.status === 'completed' && matches(file.attributes, options.filters))
    .flatMap((file) =>
      chunksOfText(textOfFile(file.file), file.chunking).map((text) => ({ file, text, score: score(text, wanted) })),
    )
    .filter((finding) => finding.score > 0 && finding.score >= threshold)
    .sort((left, right) => right.score - left.score)
    .slice(0, Number(options.max_num_results ?? RESULTS));
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

function score(text: string, wanted: Set<string>): number {
  const words = new Set(wordsOf(text));
  return wanted.size === 0 ? 0 : [...wanted].filter((word) => words.has(word)).length / wanted.size;
}

function matches(attributes: JsonObject, filter: Json | undefined): boolean {
  if (!isObject(filter)) return true;
  const { type, filters } = filter;
  if (type === 'and' || type === 'or') {
    const parts = Array.isArray(filters) ? filters : [];
    return type === 'and' ? parts.every((part) => matches(attributes, part)) : parts.some((part) => matches(attributes, part));
  }
  return compare(String(type), attributes[String(filter.key)] ?? null, filter.value ?? null);
}

function compare(type: string, actual: Json, expected: Json): boolean {
  const isListed = Array.isArray(expected) && expected.includes(actual);
  if (type === 'in' || type === 'nin') return isListed === (type === 'in');
  if (type === 'eq' || type === 'ne') return (actual === expected) === (type === 'eq');
  // Text and numbers are ordered separately and never compared with each other.
  const areNumbers = isNumber(actual) && isNumber(expected);
  if (actual === null || expected === null || (typeof actual !== typeof expected && !areNumbers)) return false;
  if (type === 'gt' || type === 'gte') return actual > expected || (type === 'gte' && actual === expected);
  return actual < expected || (type === 'lte' && actual === expected);
}
