import {
  durationMs,
  type ProviderContext,
  type Thread,
  type ThreadLock,
  ThreadlineError,
  type ThreadStore,
} from 'threadline/provider';
import type { Route } from '../routes.ts';
import type { Config, Params } from '../schema.ts';
import { placeOf } from '../servers.ts';
import { type MemoryOptions, ThreadMemory } from './memory.ts';

export interface HeldThread {
  memory: ThreadMemory;
  store: ThreadStore;
  /** Aborts when another run has come to write to the thread, too. */
  signal: AbortSignal | undefined;
  release(): void;
}

/**
 * The thread that a step goes on with, held until it is released; a new one where the step names none.
 *
 * @throws ThreadlineError `thread_not_found`, or `thread_busy` where another run has it and the step does not wait.
 */
export async function openThread(
  params: Params,
  metadata: Record<string, string>,
  context: ProviderContext<Config>,
  route: Route,
  signal: AbortSignal,
): Promise<HeldThread> {
  const store = await context.threads.store();
  const ttlMs = params.thread?.ttl === undefined ? undefined : (durationMs(params.thread.ttl) ?? undefined);
  const keeps = params.store !== false;
  const options = { store: keeps ? store : undefined, tenant: context.run.workflow, key: params.thread?.key, metadata, ttlMs };
  const locks = await locksOf(params, store, context, signal);
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    const lost = locks.length === 0 ? undefined : AbortSignal.any(locks.map((lock) => lock.signal));
    return { memory: memoryOf(params, options, store, route), store, signal: lost, release };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/**
 * A thread has several names: who knows it by its key, and who knows it by its id or a server's, hold the same id in the end.
 * The key comes first, as everywhere: two that hold one each and wait for the other's would wait for ever.
 */
async function locksOf(
  params: Params,
  store: ThreadStore,
  context: ProviderContext<Config>,
  signal: AbortSignal,
): Promise<ThreadLock[]> {
  const { thread, thread_id: threadId } = params;
  const isPatient = thread?.on_busy !== 'fail';
  const onWait = (by: string) => context.emit({ type: 'progress', message: `the thread is used by run ${by}: waiting` });
  const held = new Map<string, ThreadLock>();
  // While one waits, the thread may have got another id, or may have gone.
  const next = () => (thread && held.size === 0 ? `key:${thread.key}` : (knownThread(params, store)?.id ?? threadId));
  try {
    for (let name = next(); name !== undefined && !held.has(name); name = next())
      held.set(name, await context.threads.lock(name, { isPatient, signal, onWait }));
    return [...held.values()];
  } catch (thrown) {
    for (const lock of held.values()) lock.release();
    throw thrown;
  }
}

function knownThread({ thread, thread_id: threadId }: Params, store: ThreadStore): Thread | undefined {
  if (thread) return store.byKey(thread.key, Date.now());
  return threadId === undefined ? undefined : (store.get(threadId) ?? store.byRemoteId(threadId));
}

function memoryOf(params: Params, options: MemoryOptions, store: ThreadStore, route: Route): ThreadMemory {
  const known = knownThread(params, store);
  const { thread_id: threadId, thread } = params;
  if (known || thread || threadId === undefined) return new ThreadMemory(options, known?.id);
  return adopted(threadId, options, route);
}

/** A conversation that the server has, and we have not heard of: another machine has begun it. */
function adopted(threadId: string, options: MemoryOptions, { server, wire }: Route): ThreadMemory {
  const isOurs = threadId.startsWith('thr_');
  if (isOurs || wire === 'chat' || !server.can.conversations) {
    throw new ThreadlineError('thread_not_found', `There is no thread \`${threadId}\`.`, {
      hint: `Over the wire \`${wire}\` threads are kept here, in the store of threads: this one is not in it.`,
      details: { thread_id: threadId },
    });
  }
  const memory = new ThreadMemory(options);
  memory.setRemote(placeOf(server, wire), { id: threadId, synced: 0 });
  return memory;
}
