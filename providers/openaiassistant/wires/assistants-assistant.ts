import { hash } from 'node:crypto';
import type OpenAI from 'openai';
import { ThreadlineError } from 'threadline/provider';
import { idOf } from './assistants-reply.ts';
import { assistantBodyOf, TOOLS_OF_A_RUN } from './assistants-request.ts';
import type { OpenOptions } from './wire.ts';

const tooManyTools = (count: number) =>
  new ThreadlineError('unsupported', `A run can bring ${TOOLS_OF_A_RUN} tools to an assistant, and there are ${count}.`, {
    hint: 'Give them to the assistant itself, or let one be made: leave the id out.',
    details: { field: 'tools', wire: 'assistants' },
  });

/** Assistants that were there when this process looked. */
const seen = new Set<string>();

type Options = OpenOptions<OpenAI>;

/** The id of the assistant, found to be there before anything is said in the thread. */
export async function findAssistant(options: Options, place: string): Promise<string> {
  const { ask, server } = options;
  if (ask.assistantId === undefined) return ownAssistant(options, place);
  if (ask.tools.length > TOOLS_OF_A_RUN) throw tooManyTools(ask.tools.length);
  if (await isThere(ask.assistantId, options, place)) return ask.assistantId;
  throw new ThreadlineError('not_found', `There is no assistant \`${ask.assistantId}\` at ${server.host}.`, {
    hint: 'Check OPENAI_ASSISTANT_ID and `assistant`: the key must belong to the same project.',
  });
}

/** One that the server keeps for us is made once, and found again by what it is. */
async function ownAssistant(options: Options, place: string): Promise<string> {
  const { client, ask, store, signal } = options;
  const body = assistantBodyOf(ask);
  const key = hash('sha256', JSON.stringify(body), 'hex');
  const known = store.object(place, 'assistant', key, Date.now());
  if (known && (await isThere(known.id, options, place))) return known.id;
  const id = idOf(await client.beta.assistants.create(body as never, { signal }));
  seen.add(`${place} ${id}`);
  store.setObject(place, 'assistant', key, { id, data: body, createdAtMs: Date.now(), expiresAtMs: null });
  return id;
}

async function isThere(assistantId: string, { client, signal }: Options, place: string): Promise<boolean> {
  const name = `${place} ${assistantId}`;
  if (seen.has(name)) return true;
  try {
    await client.beta.assistants.retrieve(assistantId, { signal });
  } catch (thrown) {
    const { status } = thrown as { status?: number };
    if (status === 404) return false;
    // Servers that imitate the API need not be able to say it.
    if (status !== 405 && status !== 501) throw thrown;
  }
  seen.add(name);
  return true;
}
