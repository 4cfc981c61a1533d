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

PRAGMA user_version = 1;
INSERT INTO tasks (id, owner, state, options, bytes, result_bytes, fingerprint, attempts, fence, available_at, pages_done,
  created_at, started_at, ended_at) VALUES
  ('00000000-0000-4000-8000-000000000001', 'alice', 'succeeded', '{"dpi":100}', 5, 12, 'f', 1, 1, 1, 1, 1, 2, 3),
  ('00000000-0000-4000-8000-000000000002', 'alice', 'running', '{}', 7, 0, 'f', 1, 1, 1, 0, 1, 2, NULL),
  ('00000000-0000-4000-8000-000000000003', 'bob', 'queued', '{}', 9, 0, 'f', 0, 0, 1, 0, 1, NULL, NULL);
INSERT INTO pages VALUES (1, 1, '{"number":1}');
INSERT INTO events VALUES (1, 1, 1, '{"type":"queued","attempts":0}'), (1, 2, 3, '{"type":"done","state":"succeeded","pages":1}');
