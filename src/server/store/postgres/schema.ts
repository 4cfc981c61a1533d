/** Tables of the store in PostgreSQL, beside those of the queue, which pg-boss makes itself. */

/** Raised with every change; a database of another version is refused rather than guessed at. */
export const SCHEMA_VERSION = 1;

/** Of our tables; the queue's are in a schema of their own. */
export const SCHEMA_NAME = "glyphpool";
export const QUEUE_SCHEMA_NAME = "glyphpool_queue";

/** Held while tables are made, and while a task is admitted: counting and inserting must not come apart. */
export const LOCK_KEY = 0x61_79_70;

/** Texts hold JSON as `text`: its own types refuse the character U+0000, which pages may contain. */
export const SCHEMA: string = `
CREATE SCHEMA IF NOT EXISTS ${SCHEMA_NAME};
CREATE TABLE IF NOT EXISTS ${SCHEMA_NAME}.version (version integer NOT NULL);
CREATE TABLE IF NOT EXISTS ${SCHEMA_NAME}.tasks (
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
CREATE INDEX IF NOT EXISTS tasks_active ON ${SCHEMA_NAME}.tasks (owner, bytes) WHERE state IN ('queued', 'running');
CREATE INDEX IF NOT EXISTS tasks_queued ON ${SCHEMA_NAME}.tasks (seq) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS tasks_ended ON ${SCHEMA_NAME}.tasks (ended_at, seq) WHERE ended_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS ${SCHEMA_NAME}.inputs (
  task uuid NOT NULL,
  nr integer NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (task, nr)
);
CREATE TABLE IF NOT EXISTS ${SCHEMA_NAME}.pages (
  task uuid NOT NULL REFERENCES ${SCHEMA_NAME}.tasks (id) ON DELETE CASCADE,
  nr integer NOT NULL,
  json text NOT NULL,
  PRIMARY KEY (task, nr)
);
CREATE TABLE IF NOT EXISTS ${SCHEMA_NAME}.events (
  task uuid NOT NULL REFERENCES ${SCHEMA_NAME}.tasks (id) ON DELETE CASCADE,
  nr integer NOT NULL,
  at bigint NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (task, nr)
);
`;
