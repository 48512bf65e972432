import { callProvider } from '../provider/call.ts';
import type { Provider } from '../provider/contract.ts';
import { hostOutsideRun, type OutsideParts } from '../run/host-outside-run.ts';
import type { RunOptions } from '../run/run-options.ts';
import { RunThreads, type ThreadFiles } from '../run/run-threads.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import type { StoredItem, Thread, ThreadStore } from '../threads/store.ts';

export interface DeleteOptions extends Pick<RunOptions, 'registry' | 'environment' | 'settings' | 'providersFile'> {
  files: ThreadFiles;
  /** The provider configuration that leads to the thread's server; by default that of the environment. */
  config?: string | undefined;
  signal: AbortSignal;
  /** Told when a run uses the thread, for which the deletion waits. */
  onWait(message: string): void;
}

export interface DeletedThread {
  deleted: boolean;
  /** Where copies of it are that were not deleted. */
  left: string[];
}

/**
 * Deletes a thread at its servers, and then here; what is left at one stays here, too. Rejects with what the server, or the
 * way to it, fails with, and then nothing is lost here.
 */
export async function deleteThread(id: string, options: DeleteOptions): Promise<DeletedThread> {
  const mask = new Mask();
  const threads = new RunThreads(options.files);
  try {
    const store = await threads.accessOf(NAME).store();
    const items = store.items(id);
    const done = await deleteThroughProviders(id, options, { mask, threads });
    if (!done.deleted) restore(store, id, items);
    return done;
  } catch (thrown) {
    if (!(thrown instanceof ThreadlineError)) throw thrown;
    const { code, message, hint, retryable } = thrown;
    throw new ThreadlineError(code, mask.apply(message), { ...(hint ? { hint } : {}), retryable, cause: thrown });
  } finally {
    await threads.close();
  }
}

/** What runs that wait for the thread are told of who holds it. */
const NAME = 'threads delete';

async function deleteThroughProviders(
  id: string,
  options: DeleteOptions,
  parts: Pick<OutsideParts, 'mask' | 'threads'>,
): Promise<DeletedThread> {
  const { registry, environment, providersFile = {}, config, signal } = options;
  const credentials = { file: providersFile, workflow: {}, environment };
  const emit: OutsideParts['emit'] = (_, event) => {
    if (event.type === 'progress') options.onWait(event.message);
  };
  const host = hostOutsideRun(NAME, { ...parts, options, credentials, emit });
  let done: DeletedThread = { deleted: false, left: [] };
  for (const [provider, threadDeletion] of await deletersOf(registry)) {
    const call = {
      step: NAME,
      path: NAME,
      item: undefined,
      provider,
      config: config ?? null,
      params: threadDeletion(id),
      signal,
    };
    done = doneOf(await callProvider(call, host));
    if (done.deleted) break;
  }
  return done;
}

async function deletersOf(registry: RunOptions['registry']): Promise<[string, NonNullable<Provider['threadDeletion']>][]> {
  const found: [string, NonNullable<Provider['threadDeletion']>][] = [];
  for (const name of registry.names()) {
    const provider = await registry.load(name);
    if (provider?.threadDeletion) found.push([name, (id) => provider.threadDeletion?.(id) ?? {}]);
  }
  if (found.length > 0) return found;
  throw new ThreadlineError('provider_not_found', 'No installed provider can delete threads at a server.');
}

function doneOf(results: Json): DeletedThread {
  const { deleted, left } = isObject(results) ? results : {};
  return { deleted: deleted === true, left: Array.isArray(left) ? left.map(String) : [] };
}

/** A provider forgets what was said as soon as one of several copies is gone; who asked is to hear of the others first. */
function restore(store: ThreadStore, id: string, items: readonly StoredItem[]): void {
  if (!store.get(id) || store.items(id).length > 0) return;
  store.together(() => {
    for (const { item, atMs } of items) store.append(id, [item], atMs);
  });
}

/** Forgets our copy only, once no run uses it. Returns where others are. */
export async function forgetThread({ id, key }: Thread, { files, signal, onWait }: DeleteOptions): Promise<string[]> {
  const threads = new RunThreads(files);
  const access = threads.accessOf(NAME);
  const locks = [];
  try {
    // In the order in which steps take them.
    for (const name of [...(key === null ? [] : [`key:${key}`]), id])
      locks.push(
        await access.lock(name, { isPatient: true, signal, onWait: (by) => onWait(`the thread is used by run ${by}: waiting`) }),
      );
    const store = await access.store();
    const places = store.remotes(id).map(({ place, remote }) => `${place}: ${remote.id}`);
    store.delete(id);
    return places;
  } finally {
    for (const lock of locks) lock.release();
    await threads.close();
  }
}
