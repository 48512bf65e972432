import { untoldTokens } from '../database/untold-tokens.ts';

/** The tables of the run store: steps are added at the end, never changed. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE runs (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL, file TEXT NOT NULL,
     status TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, wake_at INTEGER, waits_for TEXT,
     request TEXT NOT NULL, sources TEXT NOT NULL, outputs TEXT, error TEXT, offline INTEGER NOT NULL, seal TEXT NOT NULL,
     prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0, total_tokens INTEGER NOT NULL DEFAULT 0,
     cost_usd REAL, rerun_of TEXT, owner TEXT, cancel_asked INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX runs_by_workflow ON runs (workflow, number);
   CREATE INDEX runs_by_status ON runs (status, number);
   CREATE INDEX runs_by_end ON runs (ended_at) WHERE ended_at IS NOT NULL;
   CREATE TABLE entries (
     run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE, position INTEGER NOT NULL, kind TEXT NOT NULL,
     path TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL, is_blob INTEGER NOT NULL, PRIMARY KEY (run, position)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX entries_in_blobs ON entries (data) WHERE is_blob = 1;
   CREATE TABLE signals (
     number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE, name TEXT NOT NULL,
     data TEXT NOT NULL, at INTEGER NOT NULL, taken_at TEXT
   ) STRICT;
   CREATE INDEX signals_by_run ON signals (run, name);
   CREATE TABLE texts (hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE owners (id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  // Indexes for lists by time, and by workflow and status at once; the time of the last pruning.
  `CREATE INDEX runs_by_start ON runs (started_at);
   CREATE INDEX runs_by_workflow_and_status ON runs (workflow, status, number);
   CREATE TABLE prunings (only INTEGER PRIMARY KEY CHECK (only = 1), at INTEGER NOT NULL) STRICT`,
  untoldTokens('runs'),
];
