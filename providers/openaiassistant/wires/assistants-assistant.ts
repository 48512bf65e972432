import { hash } from 'node:crypto';
import { ThreadlineError } from 'threadline/provider';
import { remoteKeyOf } from '../dialects/server.ts';
import { idOf } from './assistants-reply.ts';
import { assistantBodyOf, TOOLS_OF_A_RUN } from './assistants-request.ts';
import type { OpenOptions, Wire } from './wire.ts';

const CLEANUP_MS = 5000;

const tooManyTools = (count: number) =>
  new ThreadlineError('unsupported', `A run can bring ${TOOLS_OF_A_RUN} tools to an assistant, and there are ${count}.`, {
    hint: 'Give them to the assistant itself, or let one be made: leave the id out.',
    details: { field: 'tools', wire: 'assistants' },
  });

/** Assistants that this process has found at their servers. */
const seen = new Set<string>();

/** The id of the assistant. It is looked for, or made, before anything is said in the thread. */
export async function findAssistant(options: OpenOptions, remoteKey: string): Promise<string> {
  const { ask, server } = options;
  if (ask.assistantId === undefined) return ownAssistant(options, remoteKey);
  if (ask.tools.length > TOOLS_OF_A_RUN) throw tooManyTools(ask.tools.length);
  if (await isThere(ask.assistantId, options, remoteKey)) return ask.assistantId;
  throw new ThreadlineError('not_found', `There is no assistant \`${ask.assistantId}\` at ${server.host}.`, {
    hint: 'Check OPENAI_ASSISTANT_ID and `assistant`: the key must belong to the same project.',
  });
}

/** An assistant of ours is made at the server once, and found again by the hash of its profile. */
async function ownAssistant(options: OpenOptions, remoteKey: string): Promise<string> {
  const { client, ask, store, signal } = options;
  const body = assistantBodyOf(ask);
  const key = hash('sha256', JSON.stringify(body), 'hex');
  const known = store.object(remoteKey, 'assistant', key, Date.now());
  if (known && (await isThere(known.id, options, remoteKey))) return known.id;
  const id = idOf(await client.beta.assistants.create(body as never, { signal }));
  seen.add(`${remoteKey} ${id}`);
  store.setObject(remoteKey, 'assistant', key, { id, data: body, createdAtMs: Date.now(), expiresAtMs: null });
  return id;
}

async function isThere(assistantId: string, { client, signal }: OpenOptions, remoteKey: string): Promise<boolean> {
  const name = `${remoteKey} ${assistantId}`;
  if (seen.has(name)) return true;
  try {
    await client.beta.assistants.retrieve(assistantId, { signal });
  } catch (thrown) {
    const { status } = thrown as { status?: number };
    if (status === 404) return false;
    // Servers that imitate the API may not have the request at all.
    if (status !== 405 && status !== 501) throw thrown;
  }
  seen.add(name);
  return true;
}

/** Deletes a thread that was made for one question, and the assistants that were made for it. */
export async function discard({ client, server, store, thread }: Parameters<NonNullable<Wire['discard']>>[0]): Promise<void> {
  const options = { signal: AbortSignal.timeout(CLEANUP_MS) };
  // Servers that imitate the protocol cannot always delete.
  const ignore = () => undefined;
  if (thread.id !== null) await client.beta.threads.delete(thread.id, options).catch(ignore);
  const remoteKey = remoteKeyOf(server, 'assistants');
  for (const { id, key } of store.objects(remoteKey, 'assistant')) {
    await client.beta.assistants.delete(id, options).catch(ignore);
    store.forgetObject(remoteKey, 'assistant', key);
  }
}
