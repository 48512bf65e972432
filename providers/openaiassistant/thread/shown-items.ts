import { ThreadlineError } from 'threadline/provider';
import { complaintOf } from '../dialects/complaint.ts';
import { failureKind } from '../dialects/failure-kinds.ts';
import type { Ask } from '../question/ask.ts';
import { type Item, withWholeRounds } from '../question/items.ts';
import { blameLongest } from './longest-part.ts';
import { lastMessages, leastShown, withinLimit, withoutOlderHalf } from './select.ts';
import { withShortOutputs } from './short-outputs.ts';
import { tokenCounter, tokensOf, tokensOfFrame } from './tokens.ts';
import type { Transcript } from './transcript.ts';

/** After so many halvings the failure is handed on: shortening further would not help. */
const SHORTENINGS = 6;
/** The part of the limit that an output may have which is cut to fit. */
const SHARE_OF_OUTPUT = 1 / 4;

/** What a request is made of: the question, and the thread that it is put in. */
export interface Prompt {
  ask: Ask;
  thread: Transcript;
  /** What is only now being sent. */
  fresh: Item[];
  warn(message: string): void;
}

/** Whether the model is shown less than the whole thread, so that a server's own copy cannot be used. */
export const selects = ({ truncation, maxPromptTokens, shortOutputs }: Ask): boolean =>
  truncation.type === 'last_messages' || maxPromptTokens !== undefined || shortOutputs;

/** The items of a thread that the model is shown. Throws `incomplete` when the new messages alone exceed the limit. */
async function shownItems({ ask, thread, fresh, warn }: Prompt): Promise<Item[]> {
  const { truncation } = ask;
  const all = withWholeRounds([...thread.items, ...fresh]);
  const before = all.slice(0, all.length - fresh.length);
  const recent = truncation.type === 'last_messages' ? lastMessages(before, fresh, truncation.count) : all;
  const history = recent.slice(0, recent.length - fresh.length);
  const shown = ask.shortOutputs ? await withShortOutputs(history, fresh) : { history, fresh };
  return ask.maxPromptTokens === undefined
    ? [...shown.history, ...shown.fresh]
    : fittingItems(ask, shown, ask.maxPromptTokens, warn);
}

async function fittingItems(
  ask: Ask,
  { history, fresh }: { history: Item[]; fresh: Item[] },
  most: number,
  warn: (message: string) => void,
): Promise<Item[]> {
  const count = await tokenCounter();
  const costOf = (item: Item) => tokensOf(item, count);
  const frame = tokensOfFrame(ask, count);
  const fitting = withinLimit(history, fresh, most - frame, costOf);
  if (fitting) return fitting;
  const short = await withShortOutputs(history, fresh, Math.floor(most * SHARE_OF_OUTPUT));
  const fits = short.count > 0 ? withinLimit(short.history, short.fresh, most - frame, costOf) : undefined;
  if (fits) {
    warn(`The outputs of functions do not fit into max_prompt_tokens (${most}): the model is shown parts of them.`);
    return fits;
  }
  const must = leastShown(history, fresh);
  const needed = must.reduce((sum, item) => sum + costOf(item), frame);
  const { longest, hint } = blameLongest(ask, must, count);
  const message = `The prompt alone has about ${needed} tokens, and max_prompt_tokens is ${most}: nothing was asked. The longest: ${longest}.`;
  throw new ThreadlineError('incomplete', message, { hint: `${hint} Or raise \`max_prompt_tokens\`.` });
}

/**
 * Sends a thread. Where it is too long for the model, sends it once more with the outputs of functions shortened; then, where
 * `truncation_strategy: auto` allows it, half of it, and so on: a request that was refused for its length has cost nothing.
 */
export async function sendShortened<Answer>(prompt: Prompt, send: (items: Item[]) => Promise<Answer>): Promise<Answer> {
  const { ask, fresh, warn } = prompt;
  let items = await shownItems(prompt);
  for (let tries = 0; ; tries++) {
    try {
      return await send(items);
    } catch (thrown) {
      if (!isTooLong(thrown)) throw thrown;
      if (await shortensOutputs(prompt)) {
        items = await shownItems(prompt);
        continue;
      }
      const less = ask.truncation.type === 'auto' && tries < SHORTENINGS ? shorter(items, fresh) : undefined;
      if (!less) throw await blamed(thrown, prompt, items);
      warn(`The thread is longer than the model can read: it is shown the last ${less.length} of ${items.length} entries.`);
      items = less;
    }
  }
}

/** From now on shows outputs of functions shortened, where that helps and was not done before; says so. */
export async function shortensOutputs({ ask, thread, fresh, warn }: Prompt): Promise<boolean> {
  if (ask.shortOutputs) return false;
  const { count } = await withShortOutputs(thread.items, fresh);
  if (count === 0) return false;
  ask.shortOutputs = true;
  const what = count === 1 ? 'an output of a function' : `${count} outputs of functions`;
  warn(`The thread is longer than the model can read: it is asked again with ${what} shortened.`);
  return true;
}

const shorter = (items: Item[], fresh: Item[]) => withoutOlderHalf(items.slice(0, items.length - fresh.length), fresh);

/** Whether a shorter thread may be free of the failure. */
export function isTooLong(thrown: unknown): thrown is ThreadlineError {
  const kind = thrown instanceof ThreadlineError && thrown.code === 'bad_request' ? failureKind(complaintOf(thrown)) : undefined;
  return kind?.name === 'too_long' || kind?.name === 'too_large';
}

/** The failure with a hint at what is long. */
async function blamed(
  { code, message, details, hint: known }: ThreadlineError,
  { ask }: Prompt,
  items: Item[],
): Promise<ThreadlineError> {
  const { longest, hint } = blameLongest(ask, items, await tokenCounter());
  const advice = `The longest parts, in tokens: ${longest}. ${hint} ${known ?? '`truncation_strategy` shows less of a long thread.'}`;
  return new ThreadlineError(code, message, { hint: advice, ...(details ? { details } : {}) });
}
