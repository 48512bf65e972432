import { durationMs, ThreadlineError } from 'threadline/provider';
import { lockNameOf, type Thread, type ThreadKey, type ThreadLock, type ThreadStore } from 'threadline/runtime';
import type { Params } from '../contract/schema.ts';
import { remoteKeyOf } from '../dialects/server.ts';
import type { ModelRoute } from '../routes/model-routes.ts';
import { threadKeyOf } from '../thread/thread-key.ts';
import { Transcript, type TranscriptOptions } from '../thread/transcript.ts';
import type { ThreadMark } from './request-journal.ts';
import type { AskingStep } from './turn.ts';

export interface LockedThread {
  thread: Transcript;
  store: ThreadStore;
  /** Aborts when another run has come to write to the thread, too. */
  signal: AbortSignal | undefined;
  release(): void;
}

/** How the step names its thread, and what the store has under that name. */
interface NamedThread extends Pick<Params, 'thread' | 'thread_id'> {
  key: ThreadKey | undefined;
  find(): Thread | undefined;
}

/**
 * The thread that a step goes on with, locked until it is released; a new one where the step names none. `mark`: where it stood
 * when the step began, in a process that died.
 *
 * @throws ThreadlineError `thread_not_found`, or `thread_busy` where another run has it and the step does not wait.
 */
export async function openThread(
  step: AskingStep,
  route: ModelRoute,
  metadata: Record<string, string>,
  mark: ThreadMark | undefined,
): Promise<LockedThread> {
  const { params, context } = step;
  const store = await context.runtime.threads.store();
  const ttlMs = params.thread?.ttl === undefined ? undefined : (durationMs(params.thread.ttl) ?? undefined);
  const keeps = params.store !== false;
  const key = params.thread && threadKeyOf(params.thread, context);
  const options = { store: keeps ? store : undefined, tenant: context.run.workflow, key, metadata, ttlMs };
  const named = { ...params, key, find: () => findThread(params.thread_id, key, store, mark) };
  const locks = await lockNames(named, step);
  const release = () => {
    for (const lock of locks) lock.release();
  };
  try {
    const signal = locks.length === 0 ? undefined : AbortSignal.any(locks.map((lock) => lock.signal));
    return { thread: transcriptOf(named, options, route, mark), store, signal, release };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/**
 * Locks all names of the thread: steps may name it by its key, its id or a server's id, and must exclude each other. The key is
 * locked first, as everywhere: two steps that each hold one name and wait for the other's would wait for ever.
 */
async function lockNames(
  { thread, thread_id: threadId, key, find }: NamedThread,
  { context, signal }: AskingStep,
): Promise<ThreadLock[]> {
  const isPatient = thread?.on_busy !== 'fail';
  const onWait = (by: string) => context.emit({ type: 'progress', message: `the thread is used by run ${by}: waiting` });
  const locks = new Map<string, ThreadLock>();
  // While this step waited, the thread may have got another id, or may have gone.
  const next = () => (key && locks.size === 0 ? lockNameOf(key) : (find()?.id ?? threadId));
  try {
    for (let name = next(); name !== undefined && !locks.has(name); name = next())
      locks.set(name, await context.runtime.threads.lock(name, { isPatient, signal, onWait }));
    return [...locks.values()];
  } catch (thrown) {
    for (const lock of locks.values()) lock.release();
    throw thrown;
  }
}

function findThread(
  threadId: string | undefined,
  key: ThreadKey | undefined,
  store: ThreadStore,
  mark: ThreadMark | undefined,
): Thread | undefined {
  const begun = typeof mark?.thread_id === 'string' ? store.get(mark.thread_id) : undefined;
  if (begun) return begun;
  if (key) return store.byKey(key, Date.now());
  return threadId === undefined ? undefined : (store.get(threadId) ?? store.byRemoteId(threadId));
}

function transcriptOf(
  { find, thread, thread_id: threadId }: NamedThread,
  options: TranscriptOptions,
  route: ModelRoute,
  mark: ThreadMark | undefined,
): Transcript {
  const found = find();
  if (found || thread || threadId === undefined) {
    const isMarked = mark !== undefined && (mark.thread_id ?? found?.id) === found?.id;
    return new Transcript(options, found?.id, isMarked ? mark.position : undefined);
  }
  return adopted(threadId, options, route);
}

/** A conversation that the server has, and that our store does not know: another machine has begun it. */
function adopted(threadId: string, options: TranscriptOptions, { server, wire }: ModelRoute): Transcript {
  const isOurs = threadId.startsWith('thr_');
  if (isOurs || !wire.remoteThreads || !server.can.conversations) {
    throw new ThreadlineError('thread_not_found', `There is no thread \`${threadId}\`.`, {
      hint: `Over the wire \`${wire.name}\` threads are kept here, in the store of threads: this one is not in it.`,
      details: { thread_id: threadId },
    });
  }
  const transcript = new Transcript(options);
  transcript.setRemote(remoteKeyOf(server, wire.name), { id: threadId, synced: 0 });
  return transcript;
}
