import type { JsonObject } from '../json.ts';
import { badRequest, notFound } from './api-error.ts';
import { integer, word } from './checks.ts';
import type { Item } from './items.ts';

const LIMIT = { minimum: 1, maximum: 100, fallback: 20 };

/** One page of a list that is kept oldest first. Newest first is what the API answers when nothing is said. */
export function pageOf(items: readonly Item[], query: URLSearchParams): JsonObject {
  const limit = limitOf(query.get('limit'));
  const order = query.get('order') ?? 'desc';
  word('asc', 'desc')(order, 'order');
  const sorted = order === 'asc' ? items : items.toReversed();
  const start = startOf(sorted, query.get('after'));
  const data = sorted.slice(start, start + limit);
  return {
    object: 'list',
    data,
    // The document wants strings here, for an empty page too.
    first_id: data[0]?.id ?? '',
    last_id: data.at(-1)?.id ?? '',
    has_more: start + limit < sorted.length,
  };
}

function limitOf(given: string | null): number {
  if (given === null) return LIMIT.fallback;
  if (!/^-?\d+$/.test(given)) throw badRequest("Invalid type for 'limit': expected an integer.", 'limit', 'invalid_type');
  integer(LIMIT.minimum, LIMIT.maximum)(Number(given), 'limit');
  return Number(given);
}

function startOf(items: readonly Item[], after: string | null): number {
  if (after === null) return 0;
  const index = items.findIndex(({ id }) => id === after);
  if (index < 0) throw notFound(`Item with id '${after}' not found.`, 'after');
  return index + 1;
}
