import type OpenAI from 'openai';
import { isObject, type JsonObject, toJson } from 'threadline/provider';
import type { Ask } from '../question/ask.ts';
import { type Item, isMessage, isSameItem } from '../question/items.ts';
import { messageFrom } from './assistants-reply.ts';

const PAGE = 100;
const UNDER_WAY = new Set(['queued', 'in_progress', 'requires_action']);

/** Statuses of runs that can be begun anew. */
export const FRUITLESS: ReadonlySet<string> = new Set(['failed', 'cancelled', 'expired', 'unfinished']);

/** How far a process that died had come with a question. */
export interface BegunQuestion {
  /** For each message of the question, whether it stands in the thread. */
  stands: boolean[];
  /** The run that answers the question, where one is found. */
  runId: string | undefined;
}

interface ThreadPosition {
  threadId: string;
  /** The last message before the step. */
  afterId: string | undefined;
}

/** Looks for the question behind the last message that was known before the step, and for its run. */
export async function findBegunQuestion(
  client: OpenAI,
  { threadId, afterId }: ThreadPosition,
  question: Item[],
  { ask, signal }: { ask: Ask; signal: AbortSignal },
): Promise<BegunQuestion> {
  const page = await client.beta.threads.messages.list(threadId, { order: 'desc', limit: PAGE }, { signal });
  const newest = page.data.map((message) => toJson(message)).filter(isObject);
  const known = newest.findIndex(({ id }) => id === afterId);
  const fresh = newest.slice(0, known < 0 ? undefined : known).toReversed();
  let at = 0;
  const stands = question.filter(isMessage).map((item) => {
    const found = fresh.findIndex((message, index) => index >= at && isSameItem(messageFrom(message), item, false));
    if (found >= 0) at = found + 1;
    return found >= 0;
  });
  if (stands.length === 0 || stands.includes(false)) return { stands, runId: undefined };
  const answer = fresh.slice(at).find(({ role, run_id: runId }) => role === 'assistant' && typeof runId === 'string');
  return { stands, runId: answer ? String(answer.run_id) : await runUnderWay(client, threadId, ask, signal) };
}

/** A thread has one run at a time: the newest, which is ours where its metadata says so. */
async function runUnderWay(
  client: OpenAI,
  threadId: string,
  { metadata }: Ask,
  signal: AbortSignal,
): Promise<string | undefined> {
  const page = await client.beta.threads.runs.list(threadId, { order: 'desc', limit: 1 }, { signal });
  const run = toJson(page.data[0] ?? null);
  if (!isObject(run) || !UNDER_WAY.has(String(run.status)) || typeof run.id !== 'string') return undefined;
  const said: JsonObject = isObject(run.metadata) ? run.metadata : {};
  return said.run === metadata.run && said.step === metadata.step ? run.id : undefined;
}
