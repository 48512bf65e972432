import { durationMs, type ProviderContext, type ThreadLock, ThreadlineError, type ThreadStore } from 'threadline/provider';
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
  const lock = await lockOf(params, context, signal);
  try {
    return { memory: memoryOf(params, options, store, route), store, signal: lock?.signal, release: () => lock?.release() };
  } catch (thrown) {
    lock?.release();
    throw thrown;
  }
}

async function lockOf(params: Params, context: ProviderContext<Config>, signal: AbortSignal): Promise<ThreadLock | undefined> {
  const { thread, thread_id: threadId } = params;
  const name = thread ? `key:${thread.key}` : threadId;
  if (name === undefined) return undefined;
  const isPatient = thread?.on_busy !== 'fail';
  const onWait = (by: string) => context.emit({ type: 'progress', message: `the thread is used by run ${by}: waiting` });
  return context.threads.lock(name, { isPatient, signal, onWait });
}

function memoryOf(params: Params, options: MemoryOptions, store: ThreadStore, route: Route): ThreadMemory {
  const { thread_id: threadId, thread } = params;
  if (thread) return new ThreadMemory(options, store.byKey(thread.key, Date.now())?.id);
  if (threadId === undefined) return new ThreadMemory(options);
  const known = store.get(threadId) ?? store.byRemoteId(threadId);
  return known ? new ThreadMemory(options, known.id) : adopted(threadId, options, route);
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
