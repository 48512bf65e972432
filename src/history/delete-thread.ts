import { callProvider } from '../provider/call.ts';
import type { Provider } from '../provider/contract.ts';
import { hostOutsideRun, type OutsideParts } from '../run/host-outside-run.ts';
import type { RunOptions } from '../run/run-options.ts';
import { RunThreads, type ThreadFiles } from '../run/run-threads.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import { lockNamesOf, type StoredItem, type Thread, type ThreadStore } from '../threads/store.ts';

export interface DeleteOptions extends Pick<RunOptions, 'registry' | 'environment' | 'settings' | 'providersFile'> {
  files: ThreadFiles;
  /** Provider configuration for the thread's server; by default the environment's. */
  config?: string | undefined;
  signal: AbortSignal;
  /** Told when a run uses the thread, for which the deletion waits. */
  onWait(message: string): void;
}

export interface DeletedThread {
  deleted: boolean;
  /** Servers whose copies were not deleted. */
  left: string[];
}

/**
 * Deletes a thread at its servers and then here, unless a server still has a copy. Rejects with the error of the server or of
 * the connection; the thread here is then unchanged.
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

/** Named as the holder to runs that wait for the thread. */
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

/** Puts the messages back: a provider forgets them once one of several copies is deleted, and other copies are left. */
function restore(store: ThreadStore, id: string, items: readonly StoredItem[]): void {
  if (!store.get(id) || store.items(id).length > 0) return;
  store.together(() => {
    for (const { item, atMs } of items) store.append(id, [item], atMs);
  });
}

/** Deletes only the local copy, once no run uses it. Returns the places of the others. */
export async function forgetThread(thread: Thread, { files, signal, onWait }: DeleteOptions): Promise<string[]> {
  const threads = new RunThreads(files);
  const access = threads.accessOf(NAME);
  const { id } = thread;
  const locks = [];
  try {
    for (const name of lockNamesOf(thread))
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
