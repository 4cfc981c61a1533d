/** Tables of the embedded store. */

/** Raised with every change; a file of another version is refused rather than guessed at. */
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
CREATE TABLE tasks (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  name TEXT,
  options TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  result_bytes INTEGER NOT NULL DEFAULT 0,
  idempotency_key TEXT,
  fingerprint TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  fence INTEGER NOT NULL DEFAULT 0,
  available_at INTEGER NOT NULL,
  pages_done INTEGER NOT NULL DEFAULT 0,
  pages_total INTEGER,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  error_code TEXT,
  error_message TEXT
) STRICT;
CREATE UNIQUE INDEX tasks_key ON tasks (owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX tasks_queued ON tasks (seq, available_at) WHERE state = 'queued';
CREATE INDEX tasks_active ON tasks (owner, bytes) WHERE state IN ('queued', 'running');
CREATE INDEX tasks_ended ON tasks (ended_at, seq) WHERE ended_at IS NOT NULL;

CREATE TABLE pages (
  task INTEGER NOT NULL REFERENCES tasks (seq) ON DELETE CASCADE,
  nr INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (task, nr)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  task INTEGER NOT NULL REFERENCES tasks (seq) ON DELETE CASCADE,
  nr INTEGER NOT NULL,
  at INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (task, nr)
) STRICT, WITHOUT ROWID;
`;
