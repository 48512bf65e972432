import { untoldTokens } from '../database/untold-tokens.ts';

/** The tables of the thread store: steps are added at the end, never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE threads (
    id TEXT PRIMARY KEY,
    key TEXT UNIQUE,
    tenant TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER,
    -- The usage of all steps on the thread. cost_usd is null once a step had no price.
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    total_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX threads_by_use ON threads (last_used_at);

  CREATE TABLE items (
    thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (thread, position)
  ) STRICT, WITHOUT ROWID;

  -- synced: how many of the items, from the first, the server has.
  CREATE TABLE remotes (
    thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    place TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    synced INTEGER NOT NULL,
    PRIMARY KEY (thread, place)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX remotes_by_id ON remotes (remote_id);

  -- Files, vector stores and assistants that we created at servers.
  CREATE TABLE objects (
    place TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (place, kind, key)
  ) STRICT, WITHOUT ROWID;
  `,
  // A key was the whole folder's; now it is that of the workflow whose thread has it. `threads.key` is not read any more.
  `
  -- owner: a workflow; empty where all workflows share the key.
  CREATE TABLE keys (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    PRIMARY KEY (owner, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_thread ON keys (thread);
  INSERT INTO keys (owner, key, thread) SELECT tenant, key, id FROM threads WHERE key IS NOT NULL;
  UPDATE threads SET key = NULL;
  `,
  // Results of steps refer to the items of a thread as they stood at a revision: what is replaced afterwards is kept for them.
  `
  ALTER TABLE threads ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
  -- How many of the items, from the first, are referred to.
  ALTER TABLE threads ADD COLUMN referred INTEGER NOT NULL DEFAULT 0;
  -- revision: the last one in which the item stood there.
  CREATE TABLE replaced_items (
    thread TEXT NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (thread, position, revision)
  ) STRICT, WITHOUT ROWID;
  `,
  untoldTokens('threads'),
];
