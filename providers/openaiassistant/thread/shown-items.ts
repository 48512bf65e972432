import { ThreadlineError } from 'threadline/provider';
import { complaintOf } from '../dialects/complaint.ts';
import { failureKind } from '../dialects/failure-kinds.ts';
import type { Ask } from '../question/ask.ts';
import type { Item } from '../question/items.ts';
import { lastMessages, withinLimit, withoutOlderHalf } from './select.ts';
import { type Counter, tokenCounter, tokensOf, tokensOfFrame } from './tokens.ts';
import type { Transcript } from './transcript.ts';

/** After so many halvings the failure is handed on: shortening further would not help. */
const SHORTENINGS = 6;

/** Whether the model is shown less than the whole thread, so that a server's own copy cannot be used. */
export const selects = ({ truncation, maxPromptTokens }: Ask): boolean =>
  truncation.type === 'last_messages' || maxPromptTokens !== undefined;

/** The items of a thread that the model is shown. Throws `incomplete` when the new messages alone exceed the limit. */
export async function shownItems(ask: Ask, thread: Transcript, fresh: Item[]): Promise<Item[]> {
  const { truncation, maxPromptTokens } = ask;
  const all = [...thread.items, ...fresh];
  const recent = truncation.type === 'last_messages' ? lastMessages(thread.items, fresh, truncation.count) : all;
  if (maxPromptTokens === undefined) return recent;
  const count = await tokenCounter();
  const history = recent.slice(0, recent.length - fresh.length);
  const fitting = withinLimit(history, fresh, maxPromptTokens - tokensOfFrame(ask, count), (item) => tokensOf(item, count));
  if (fitting) return fitting;
  throw tooLong(ask, fresh, maxPromptTokens, count);
}

function tooLong(ask: Ask, fresh: Item[], limit: number, count: Counter): ThreadlineError {
  const needed = tokensOfFrame(ask, count) + fresh.reduce((sum, item) => sum + tokensOf(item, count), 0);
  const message = `The prompt alone has about ${needed} tokens, and max_prompt_tokens is ${limit}: nothing was asked.`;
  return new ThreadlineError('incomplete', message, { hint: 'Raise `max_prompt_tokens`, or ask for less at once.' });
}

/**
 * Sends a thread. Where it is too long for the model and `truncation_strategy: auto` allows it, sends half of it, and so on: a
 * request that was refused for its length has cost nothing.
 */
export async function sendShortened<Answer>(
  ask: Ask,
  shown: Item[],
  fresh: Item[],
  send: (items: Item[]) => Promise<Answer>,
  warn: (message: string) => void,
): Promise<Answer> {
  for (let items = shown, tries = 0; ; tries++) {
    try {
      return await send(items);
    } catch (thrown) {
      const less = isTooLong(thrown) && ask.truncation.type === 'auto' && tries < SHORTENINGS ? shorter(items, fresh) : undefined;
      if (!less) throw thrown;
      warn(`The thread is longer than the model can read: it is shown the last ${less.length} of ${shown.length} entries.`);
      items = less;
    }
  }
}

const shorter = (items: Item[], fresh: Item[]) => withoutOlderHalf(items.slice(0, items.length - fresh.length), fresh);

/** A shorter thread may be free of such failures. */
function isTooLong(thrown: unknown): boolean {
  const kind = thrown instanceof ThreadlineError ? failureKind(complaintOf(thrown)) : undefined;
  return kind?.name === 'too_long' || kind?.name === 'too_large';
}
