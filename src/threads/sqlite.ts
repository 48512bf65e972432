import { type Database, NO_LIMIT, openDatabase } from '../database/sqlite.ts';
import { type Condition, whereAll } from '../database/where.ts';
import type { Usage } from '../plan/event.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { MIGRATIONS } from './migrations.ts';
import type {
  NewThread,
  RemoteKey,
  RemoteObject,
  RemoteThread,
  StoredItem,
  Thread,
  ThreadFilter,
  ThreadItem,
  ThreadKey,
  ThreadSnapshot,
  ThreadStore,
} from './store.ts';

/** Opens the thread store in a file, which is created if missing; a store in `:memory:` ends with the process. */
export const openThreadStore = (file: string): ThreadStore =>
  new SqliteThreadStore(openDatabase(file, MIGRATIONS, { survives: 'process-death' }));

const THREAD = `SELECT id, keys.key AS keyName, keys.owner AS keyOwner, tenant, metadata, created_at AS createdAtMs,
  last_used_at AS lastUsedAtMs, expires_at AS expiresAtMs, prompt_tokens, completion_tokens, total_tokens, cost_usd
  FROM threads LEFT JOIN keys ON keys.thread = threads.id`;
const REVISION = 'SELECT revision, created_at AS begunAtMs FROM threads WHERE id = ?';
const OBJECT =
  'SELECT key, remote_id AS id, data, created_at AS createdAtMs, expires_at AS expiresAtMs FROM objects WHERE place = ? AND kind = ?';

type ThreadRow = Omit<Thread, 'key' | 'metadata' | 'usage'> &
  Usage & { keyName: string | null; keyOwner: string | null; metadata: string };
type ObjectRow = Omit<RemoteObject, 'data'> & { key: string; data: string };

class SqliteThreadStore implements ThreadStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  create({ id, tenant, key, metadata = {}, expiresAtMs }: NewThread, atMs: number): Thread {
    return this.#database.transaction(() => {
      this.#database.run(
        'INSERT INTO threads (id, tenant, metadata, created_at, last_used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        ...[id, tenant, JSON.stringify(metadata), atMs, atMs, expiresAtMs ?? null],
      );
      if (key)
        this.#database.run('INSERT OR REPLACE INTO keys (owner, key, thread) VALUES (?, ?, ?)', ownerOf(key), key.name, id);
      return this.get(id) as Thread;
    });
  }

  get(id: string): Thread | undefined {
    return threadOf(this.#database.first<ThreadRow>(`${THREAD} WHERE id = ?`, id));
  }

  byKey(key: ThreadKey, atMs: number): Thread | undefined {
    const sql = `${THREAD} WHERE keys.owner = ? AND keys.key = ? AND (expires_at IS NULL OR expires_at > ?)`;
    return threadOf(this.#database.first<ThreadRow>(sql, ownerOf(key), key.name, atMs));
  }

  byRemoteId(remoteId: string): Thread | undefined {
    const sql = `${THREAD} JOIN remotes ON remotes.thread = threads.id WHERE remotes.remote_id = ?`;
    return threadOf(this.#database.first<ThreadRow>(sql, remoteId));
  }

  list({ tenant, key, metadata = {}, limit = NO_LIMIT }: ThreadFilter): Thread[] {
    const hasPair = 'EXISTS (SELECT 1 FROM json_each(metadata) WHERE json_each.key = ? AND json_each.value = ?)';
    const conditions: Condition[] = Object.entries(metadata).map((pair) => [hasPair, ...pair]);
    if (tenant !== undefined) conditions.push(['tenant = ?', tenant]);
    if (key !== undefined) conditions.push(['keys.key = ?', key]);
    const { where, values } = whereAll(conditions);
    return this.#database
      .all<ThreadRow>(`${THREAD} ${where} ORDER BY last_used_at DESC, id LIMIT ?`, ...values, limit)
      .map((row) => threadOf(row) as Thread);
  }

  touch(id: string, atMs: number, expiresAtMs?: number | null): void {
    if (expiresAtMs === undefined) this.#database.run('UPDATE threads SET last_used_at = ? WHERE id = ?', atMs, id);
    else this.#database.run('UPDATE threads SET last_used_at = ?, expires_at = ? WHERE id = ?', atMs, expiresAtMs, id);
  }

  setMetadata(id: string, metadata: Record<string, string>): void {
    this.#database.run('UPDATE threads SET metadata = ? WHERE id = ?', JSON.stringify(metadata), id);
  }

  addUsage(id: string, usage: Usage): void {
    this.#database.run(
      `UPDATE threads SET prompt_tokens = prompt_tokens + ?, completion_tokens = completion_tokens + ?,
         total_tokens = total_tokens + ?, cost_usd = cost_usd + ? WHERE id = ?`,
      ...[usage.prompt_tokens, usage.completion_tokens, usage.total_tokens, usage.cost_usd, id],
    );
  }

  delete(id: string): boolean {
    return this.#database.run('DELETE FROM threads WHERE id = ?', id) > 0;
  }

  items(id: string): StoredItem[] {
    return this.#database
      .all<{ body: string; at: number }>('SELECT body, at FROM items WHERE thread = ? ORDER BY position', id)
      .map(storedItemOf);
  }

  append(id: string, items: readonly ThreadItem[], atMs: number): void {
    const stored = items.map((item) => ({ item, atMs }));
    this.#database.transaction(() => this.#insert(id, this.#count(id), stored));
  }

  replaceFrom(id: string, position: number, items: readonly StoredItem[]): void {
    this.#database.transaction(() => {
      this.#keepReferred(id, position);
      this.#database.run('DELETE FROM items WHERE thread = ? AND position >= ?', id, position);
      this.#insert(id, position, items);
    });
  }

  snapshot(id: string): ThreadSnapshot {
    return this.#database.transaction(() => {
      const length = this.#count(id);
      this.#database.run('UPDATE threads SET referred = max(referred, ?) WHERE id = ?', length, id);
      const row = this.#database.first<{ revision: number; begunAtMs: number }>(REVISION, id);
      return { thread: id, begunAtMs: row?.begunAtMs ?? 0, revision: row?.revision ?? 0, length };
    });
  }

  itemsAt({ thread, begunAtMs, revision, length }: ThreadSnapshot): StoredItem[] | undefined {
    const row = this.#database.first<{ begunAtMs: number }>(REVISION, thread);
    if (row?.begunAtMs !== begunAtMs) return undefined;
    const found = this.#database.all<{ body: string; at: number }>(
      // SQLite takes body and at from the row with the least revision.
      `SELECT body, at, min(revision) FROM (
         SELECT position, 1e18 AS revision, body, at FROM items WHERE thread = ?1 AND position < ?2
         UNION ALL
         SELECT position, revision, body, at FROM replaced_items WHERE thread = ?1 AND position < ?2 AND revision >= ?3
       ) GROUP BY position ORDER BY position`,
      ...[thread, length, revision],
    );
    return found.length < length ? undefined : found.map(storedItemOf);
  }

  remotes(id: string): { place: RemoteKey; remote: RemoteThread }[] {
    return this.#database
      .all<RemoteThread & { place: RemoteKey }>(
        'SELECT place, remote_id AS id, synced FROM remotes WHERE thread = ? ORDER BY place',
        id,
      )
      .map(({ place, ...remote }) => ({ place, remote }));
  }

  remote(id: string, remoteKey: RemoteKey): RemoteThread | undefined {
    return this.#database.first<RemoteThread>(
      'SELECT remote_id AS id, synced FROM remotes WHERE thread = ? AND place = ?',
      id,
      remoteKey,
    );
  }

  setRemote(id: string, remoteKey: RemoteKey, { id: remoteId, synced }: RemoteThread): void {
    this.#database.run(
      `INSERT INTO remotes (thread, place, remote_id, synced) VALUES (?, ?, ?, ?)
       ON CONFLICT (thread, place) DO UPDATE SET remote_id = excluded.remote_id, synced = excluded.synced`,
      ...[id, remoteKey, remoteId, synced],
    );
  }

  forgetRemote(id: string, remoteKey: RemoteKey): void {
    this.#database.run('DELETE FROM remotes WHERE thread = ? AND place = ?', id, remoteKey);
  }

  object(remoteKey: RemoteKey, kind: string, key: string, atMs: number): RemoteObject | undefined {
    const sql = `${OBJECT} AND key = ? AND (expires_at IS NULL OR expires_at > ?)`;
    const row = this.#database.first<ObjectRow>(sql, remoteKey, kind, key, atMs);
    return row && objectOf(row);
  }

  objects(remoteKey: RemoteKey, kind: string): (RemoteObject & { key: string })[] {
    return this.#database.all<ObjectRow>(`${OBJECT} ORDER BY key`, remoteKey, kind).map(objectOf);
  }

  setObject(remoteKey: RemoteKey, kind: string, key: string, { id, data, createdAtMs, expiresAtMs }: RemoteObject): void {
    this.#database.run(
      `INSERT INTO objects (place, kind, key, remote_id, data, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (place, kind, key) DO UPDATE SET remote_id = excluded.remote_id, data = excluded.data,
         created_at = excluded.created_at, expires_at = excluded.expires_at`,
      ...[remoteKey, kind, key, id, JSON.stringify(data), createdAtMs, expiresAtMs],
    );
  }

  forgetObject(remoteKey: RemoteKey, kind: string, key: string): void {
    this.#database.run('DELETE FROM objects WHERE place = ? AND kind = ? AND key = ?', remoteKey, kind, key);
  }

  together<Result>(work: () => Result): Result {
    return this.#database.transaction(work);
  }

  close(): void {
    this.#database.close();
  }

  #count(id: string): number {
    const row = this.#database.first<{ next: number }>(
      'SELECT coalesce(max(position) + 1, 0) AS next FROM items WHERE thread = ?',
      id,
    );
    return row?.next ?? 0;
  }

  /** What a snapshot has of the items from that position on stays readable. */
  #keepReferred(id: string, position: number): void {
    const kept = this.#database.run(
      `INSERT INTO replaced_items (thread, position, revision, at, body)
       SELECT thread, position, revision, at, body FROM items JOIN threads ON threads.id = items.thread
       WHERE thread = ? AND position >= ? AND position < referred`,
      id,
      position,
    );
    if (kept > 0) this.#database.run('UPDATE threads SET revision = revision + 1, referred = ? WHERE id = ?', position, id);
  }

  #insert(id: string, position: number, items: readonly StoredItem[]): void {
    for (const [index, { item, atMs }] of items.entries())
      this.#database.run(
        'INSERT INTO items (thread, position, at, body) VALUES (?, ?, ?, ?)',
        ...[id, position + index, atMs, JSON.stringify(item)],
      );
  }
}

function threadOf(row: ThreadRow | undefined): Thread | undefined {
  if (!row) return undefined;
  const { prompt_tokens, completion_tokens, total_tokens, cost_usd, metadata, keyName, keyOwner, ...thread } = row;
  return {
    ...thread,
    key: keyName === null ? null : { name: keyName, workflow: keyOwner || null },
    metadata: parseJson(metadata),
    usage: { prompt_tokens, completion_tokens, total_tokens, cost_usd },
  };
}

const storedItemOf = ({ body, at }: { body: string; at: number }): StoredItem => ({ item: parseJson(body), atMs: at });

const ownerOf = ({ workflow }: ThreadKey): string => workflow ?? '';

const objectOf = (row: ObjectRow): RemoteObject & { key: string } => ({ ...row, data: parseJson(row.data) });
