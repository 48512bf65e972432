import type { Database } from '../database/sqlite.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import type { BlobStore } from './blob-store.ts';
import type { Entry } from './run-store.ts';

/** Longer texts become files. */
const LONGEST_TEXT = 64 * 1024;

/** A condition may follow. */
export const INSERT_ENTRY = 'INSERT INTO entries (run, position, kind, path, at, data, is_blob) SELECT ?, ?, ?, ?, ?, ?, ?';

/** The values of an entry behind its run and position, in the order of `INSERT_ENTRY`. */
export function entryValues({ kind, path, atMs, data }: Entry, blobs: BlobStore) {
  const text = JSON.stringify(data);
  const isBlob = text.length > LONGEST_TEXT;
  return [kind, path, atMs, isBlob ? blobs.put(text) : text, Number(isBlob)] as const;
}

/** The entries of the run with that number, in order. */
export function readEntries(database: Database, blobs: BlobStore, run: number): Entry[] {
  const rows = database.all<{ kind: Entry['kind']; path: string; at: number; data: string; is_blob: number }>(
    'SELECT kind, path, at, data, is_blob FROM entries WHERE run = ? ORDER BY position',
    run,
  );
  return rows.map(({ kind, path, at, data, is_blob }) => ({
    kind,
    path,
    atMs: at,
    data: parseJson(is_blob ? blobs.get(data) : data),
  }));
}
