import type { Item } from '../question/items.ts';
import { cutText } from './cut-text.ts';

/** The tokens of an output that the model has read before. */
const OLD_OUTPUT = 200;
/** The tokens of an output that it reads now. */
const NEW_OUTPUT = 2000;

export interface Shortened {
  history: Item[];
  fresh: Item[];
  /** How many outputs were cut. */
  count: number;
}

/** A thread whose outputs of functions are cut, the old ones most. `most`: the tokens of each at most. */
export async function withShortOutputs(history: Item[], fresh: Item[], most = NEW_OUTPUT): Promise<Shortened> {
  const [old, now] = await Promise.all([
    Promise.all(history.map((item) => cutOutput(item, Math.min(OLD_OUTPUT, most)))),
    Promise.all(fresh.map((item) => cutOutput(item, Math.min(NEW_OUTPUT, most)))),
  ]);
  const count = [...old, ...now].filter((cut) => cut !== undefined).length;
  return { history: history.map((item, at) => old[at] ?? item), fresh: fresh.map((item, at) => now[at] ?? item), count };
}

async function cutOutput(item: Item, tokens: number): Promise<Item | undefined> {
  const output = item.type === 'tool_output' ? await cutText(item.output, tokens) : undefined;
  return output === undefined ? undefined : ({ ...item, output } as Item);
}
