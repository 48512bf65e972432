import type { JsonObject } from '../../shared/json/json.ts';
import { badRequest, notFound } from '../base/api-error.ts';
import { integer, word } from './checks.ts';

export type Listed = JsonObject & { id: string };

/** How long a page may be, and how long it is when nothing is said. */
interface PageLimit {
  maximum: number;
  fallback: number;
}

const LIMIT: PageLimit = { maximum: 100, fallback: 20 };

/** A page of a list that is stored oldest first. By default, the API returns the newest first. */
export function pageOf(items: readonly Listed[], query: URLSearchParams, limits = LIMIT): JsonObject {
  const limit = limitOf(query.get('limit'), limits);
  const order = query.get('order') ?? 'desc';
  word('asc', 'desc')(order, 'order');
  const sorted = order === 'asc' ? items : items.toReversed();
  const after = indexOf(sorted, query.get('after'), 'after') ?? -1;
  const before = indexOf(sorted, query.get('before'), 'before') ?? sorted.length;
  // Only `before` alone requests the page that ends there; otherwise the page begins after `after`.
  const start = query.has('before') && !query.has('after') ? Math.max(0, before - limit) : after + 1;
  const data = sorted.slice(start, Math.min(start + limit, before));
  const hasMore = start === after + 1 ? start + limit < before : start > 0;
  return {
    object: 'list',
    data,
    // The API requires strings here even for an empty page.
    first_id: data[0]?.id ?? '',
    last_id: data.at(-1)?.id ?? '',
    has_more: hasMore,
  };
}

function limitOf(given: string | null, { maximum, fallback }: PageLimit): number {
  if (given === null) return fallback;
  if (!/^-?\d+$/.test(given)) throw badRequest("Invalid type for 'limit': expected an integer.", 'limit', 'invalid_type');
  integer(1, maximum)(Number(given), 'limit');
  return Number(given);
}

function indexOf(items: readonly Listed[], id: string | null, param: string): number | undefined {
  if (id === null) return undefined;
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) throw notFound(`Item with id '${id}' not found.`, param);
  return index;
}
