import type { Database } from '../database/sqlite.ts';
import type { BlobStore } from './blob-store.ts';
import type { ReferringJson } from './referring-json.ts';
import type { Entry } from './run-store.ts';

/** Longer texts become files. */
const LONGEST_TEXT = 64 * 1024;

/** A condition may follow. */
export const INSERT_ENTRY = 'INSERT INTO entries (run, position, kind, path, at, data, is_blob) SELECT ?, ?, ?, ?, ?, ?, ?';

/** How the data of entries is written and read. */
export interface EntryFormat {
  json: ReferringJson;
  blobs: BlobStore;
}

/** The values of an entry behind its run and position, in the order of `INSERT_ENTRY`; `seal` is its run's. */
export function entryValues({ kind, path, atMs, data }: Entry, { json, blobs }: EntryFormat, seal: string) {
  const text = json.stringify(data, seal);
  const isBlob = text.length > LONGEST_TEXT;
  return [kind, path, atMs, isBlob ? blobs.put(text) : text, Number(isBlob)] as const;
}

/** The entries of a run, in order. */
export function readEntries(
  database: Database,
  { json, blobs }: EntryFormat,
  { number, seal }: { number: number; seal: string },
): Entry[] {
  const rows = database.all<{ kind: Entry['kind']; path: string; at: number; data: string; is_blob: number }>(
    'SELECT kind, path, at, data, is_blob FROM entries WHERE run = ? ORDER BY position',
    number,
  );
  return rows.map(({ kind, path, at, data, is_blob }) => ({
    kind,
    path,
    atMs: at,
    data: json.parse(is_blob ? blobs.get(data) : data, seal),
  }));
}
