import { type Item, isMessage } from '../question/items.ts';

/**
 * The last `count` messages of a thread, with the calls and outputs between them. An answer brings its question along: many
 * models take no thread that begins with the assistant. `fresh` items, which are only now being sent, count and are always kept.
 */
export function lastMessages(history: readonly Item[], fresh: readonly Item[], count: number): Item[] {
  const items = [...history, ...fresh];
  const messages = items.flatMap((item, index) => (isMessage(item) ? [index] : []));
  const first = Math.min(messages.at(-Math.max(count, 1)) ?? 0, roundStart(items, history.length));
  const question = items.findLastIndex((item, at) => at <= first && isMessage(item) && item.role !== 'assistant');
  return question < 0 ? startingWhole(items, first) : items.slice(question);
}

/** The longest end of a thread that costs at most `limit`; undefined when the fresh items alone cost more. */
export function withinLimit(
  history: readonly Item[],
  fresh: readonly Item[],
  limit: number,
  costOf: (item: Item) => number,
): Item[] | undefined {
  const items = [...history, ...fresh];
  const must = roundStart(items, history.length);
  let left = limit - sum(items.slice(must).map(costOf));
  if (left < 0) return undefined;
  let start = must;
  for (let at = must - 1; at >= 0; at--) {
    left -= costOf(items[at] as Item);
    if (left < 0) break;
    if (beginsWell(items, at)) start = at;
  }
  return items.slice(start);
}

/** What a request cannot do without: the fresh items, and where they are outputs, the round that they belong to. */
export function leastShown(history: readonly Item[], fresh: readonly Item[]): Item[] {
  const items = [...history, ...fresh];
  return items.slice(roundStart(items, history.length));
}

/** A thread without the older half of its history; undefined where there is none to leave out. */
export function withoutOlderHalf(history: readonly Item[], fresh: readonly Item[]): Item[] | undefined {
  const items = [...history, ...fresh];
  const must = roundStart(items, history.length);
  if (must === 0) return undefined;
  return startingWhole(items, Math.max(1, Math.min(Math.ceil(must / 2), must)));
}

/** Where a round begins: outputs need the calls that they answer, and those the question that led to them. */
function roundStart(items: readonly Item[], index: number): number {
  if (items[index]?.type !== 'tool_output') return index;
  for (let at = index; at >= 0; at--) {
    const item = items[at] as Item;
    if (isMessage(item) && item.role === 'user') return at;
  }
  return 0;
}

function startingWhole(items: Item[], from: number): Item[] {
  for (let at = from; at < items.length; at++) if (beginsWell(items, at)) return items.slice(at);
  return items;
}

/** Calls, outputs, thoughts and answers need what stands before them. */
const beginsWell = (items: readonly Item[], at: number): boolean => {
  const item = items[at];
  return item !== undefined && isMessage(item) && item.role !== 'assistant';
};

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);
