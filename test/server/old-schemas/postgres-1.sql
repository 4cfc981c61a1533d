CREATE SCHEMA IF NOT EXISTS glyphpool;
CREATE TABLE IF NOT EXISTS glyphpool.version (version integer NOT NULL);
CREATE TABLE IF NOT EXISTS glyphpool.tasks (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  owner text NOT NULL,
  state text NOT NULL,
  name text,
  options text NOT NULL,
  bytes bigint NOT NULL,
  result_bytes bigint NOT NULL DEFAULT 0,
  idempotency_key text,
  fingerprint text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  fence integer NOT NULL DEFAULT 0,
  job uuid NOT NULL,
  job_retry integer NOT NULL DEFAULT 0,
  pages_done integer NOT NULL DEFAULT 0,
  pages_total integer,
  created_at bigint NOT NULL,
  started_at bigint,
  ended_at bigint,
  error_code text,
  error_message text,
  UNIQUE (owner, idempotency_key)
);
CREATE INDEX IF NOT EXISTS tasks_active ON glyphpool.tasks (owner, bytes) WHERE state IN ('queued', 'running');
CREATE INDEX IF NOT EXISTS tasks_queued ON glyphpool.tasks (seq) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS tasks_ended ON glyphpool.tasks (ended_at, seq) WHERE ended_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS glyphpool.inputs (
  task uuid NOT NULL,
  nr integer NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (task, nr)
);
CREATE TABLE IF NOT EXISTS glyphpool.pages (
  task uuid NOT NULL REFERENCES glyphpool.tasks (id) ON DELETE CASCADE,
  nr integer NOT NULL,
  json text NOT NULL,
  PRIMARY KEY (task, nr)
);
CREATE TABLE IF NOT EXISTS glyphpool.events (
  task uuid NOT NULL REFERENCES glyphpool.tasks (id) ON DELETE CASCADE,
  nr integer NOT NULL,
  at bigint NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (task, nr)
);

CREATE SCHEMA glyphpool_queue;
INSERT INTO glyphpool.version VALUES (1);
INSERT INTO glyphpool.tasks (id, owner, state, options, bytes, result_bytes, fingerprint, attempts, fence, job, pages_done,
  created_at, started_at, ended_at) VALUES
  ('00000000-0000-4000-8000-000000000001', 'alice', 'succeeded', '{"dpi":100}', 5, 12, 'f', 1, 1, gen_random_uuid(), 1, 1, 2, 3),
  ('00000000-0000-4000-8000-000000000002', 'alice', 'running', '{}', 7, 0, 'f', 1, 1, gen_random_uuid(), 0, 1, 2, NULL),
  ('00000000-0000-4000-8000-000000000003', 'bob', 'queued', '{}', 9, 0, 'f', 0, 0, gen_random_uuid(), 0, 1, NULL, NULL);
INSERT INTO glyphpool.pages VALUES ('00000000-0000-4000-8000-000000000001', 1, '{"number":1}');
INSERT INTO glyphpool.events VALUES
  ('00000000-0000-4000-8000-000000000001', 1, 1, '{"type":"queued","attempts":0}'),
  ('00000000-0000-4000-8000-000000000001', 2, 3, '{"type":"done","state":"succeeded","pages":1}');
INSERT INTO glyphpool.inputs VALUES ('00000000-0000-4000-8000-000000000001', 0, 'input');
