import {
  durationMs,
  type ProviderContext,
  type Thread,
  type ThreadLock,
  ThreadlineError,
  type ThreadStore,
} from 'threadline/provider';
import type { Config, Params } from '../contract/schema.ts';
import { placeOf } from '../contract/servers.ts';
import type { Route } from '../routes/model-routes.ts';
import { type MemoryOptions, ThreadMemory } from '../thread/memory.ts';
import type { ThreadMark } from './request-journal.ts';

export interface HeldThread {
  memory: ThreadMemory;
  store: ThreadStore;
  /** Aborts when another run has come to write to the thread, too. */
  signal: AbortSignal | undefined;
  release(): void;
}

/** A thread as the step names it, and what is known under that name. */
interface NamedThread extends Pick<Params, 'thread' | 'thread_id'> {
  known(): Thread | undefined;
}

/**
 * The thread that a step goes on with, held until it is released; a new one where the step names none. `mark`: where the step
 * began, in a process that died.
 *
 * @throws ThreadlineError `thread_not_found`, or `thread_busy` where another run has it and the step does not wait.
 */
export async function openThread(
  params: Params,
  metadata: Record<string, string>,
  context: ProviderContext<Config>,
  route: Route,
  { signal, mark }: { signal: AbortSignal; mark: ThreadMark | undefined },
): Promise<HeldThread> {
  const store = await context.threads.store();
  const ttlMs = params.thread?.ttl === undefined ? undefined : (durationMs(params.thread.ttl) ?? undefined);
  const keeps = params.store !== false;
  const options = { store: keeps ? store : undefined, tenant: context.run.workflow, key: params.thread?.key, metadata, ttlMs };
  const named = { ...params, known: () => knownThread(params, store, mark) };
  const locks = await locksOf(named, context, signal);
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    const lost = locks.length === 0 ? undefined : AbortSignal.any(locks.map((lock) => lock.signal));
    return { memory: memoryOf(named, options, route, mark), store, signal: lost, release };
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
  { thread, thread_id: threadId, known }: NamedThread,
  context: ProviderContext<Config>,
  signal: AbortSignal,
): Promise<ThreadLock[]> {
  const isPatient = thread?.on_busy !== 'fail';
  const onWait = (by: string) => context.emit({ type: 'progress', message: `the thread is used by run ${by}: waiting` });
  const held = new Map<string, ThreadLock>();
  // While one waits, the thread may have got another id, or may have gone.
  const next = () => (thread && held.size === 0 ? `key:${thread.key}` : (known()?.id ?? threadId));
  try {
    for (let name = next(); name !== undefined && !held.has(name); name = next())
      held.set(name, await context.threads.lock(name, { isPatient, signal, onWait }));
    return [...held.values()];
  } catch (thrown) {
    for (const lock of held.values()) lock.release();
    throw thrown;
  }
}

function knownThread(
  { thread, thread_id: threadId }: Params,
  store: ThreadStore,
  mark: ThreadMark | undefined,
): Thread | undefined {
  const begun = typeof mark?.thread_id === 'string' ? store.get(mark.thread_id) : undefined;
  if (begun) return begun;
  if (thread) return store.byKey(thread.key, Date.now());
  return threadId === undefined ? undefined : (store.get(threadId) ?? store.byRemoteId(threadId));
}

function memoryOf(
  { known, thread, thread_id: threadId }: NamedThread,
  options: MemoryOptions,
  route: Route,
  mark: ThreadMark | undefined,
): ThreadMemory {
  const found = known();
  if (found || thread || threadId === undefined) {
    const isThat = mark !== undefined && (mark.thread_id ?? found?.id) === found?.id;
    return new ThreadMemory(options, found?.id, isThat ? mark.position : undefined);
  }
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
