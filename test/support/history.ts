import { join } from 'node:path';
import type { OwnedRun, RunStore } from '../../src/journal/run-store.ts';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { cli } from './cli.ts';

/** Does something with the history of a folder, as another process would. */
export async function withStore<Result>(folder: string, work: (store: RunStore) => Result | Promise<Result>): Promise<Result> {
  const store = openRunStore(join(folder, '.threadline/runs.db'));
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

/** Begins a run that nobody goes on with. */
export const beginRun = (store: RunStore, id: string, atMs = Date.now()): OwnedRun =>
  store.create({ id, workflow: 'w', file: 'w.yml', offline: false, request: { inputs: {} }, sources: {}, seal: 'seal' }, atMs);

/** The document of `runs show --format json`. */
export const shown = async (folder: string, ...args: string[]) =>
  JSON.parse((await cli(['runs', 'show', ...args, '--format', 'json'], { folder })).stdout);
