/** Tables of the store in PostgreSQL, and how those of earlier versions become them. */
import type { Migration } from "../sql/migrate.ts";

/** Of our tables. */
export const SCHEMA_NAME = "glyphpool";

/** Held while tables are made, and while a task is admitted: counting and inserting must not come apart. */
export const LOCK_KEY = 0x61_79_70;

const S = SCHEMA_NAME;

/** JSON is kept as `text`: PostgreSQL's own types refuse the character U+0000, which pages may contain. */
const FIRST: readonly string[] = [
  `CREATE TABLE ${S}.tasks (
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
  )`,
  `CREATE INDEX tasks_active ON ${S}.tasks (owner, bytes) WHERE state IN ('queued', 'running')`,
  `CREATE INDEX tasks_queued ON ${S}.tasks (seq) WHERE state = 'queued'`,
  `CREATE INDEX tasks_ended ON ${S}.tasks (ended_at, seq) WHERE ended_at IS NOT NULL`,
  `CREATE TABLE ${S}.inputs (task uuid NOT NULL, nr integer NOT NULL, data bytea NOT NULL, PRIMARY KEY (task, nr))`,
  `CREATE TABLE ${S}.pages (
    task uuid NOT NULL REFERENCES ${S}.tasks (id) ON DELETE CASCADE,
    nr integer NOT NULL,
    json text NOT NULL,
    PRIMARY KEY (task, nr)
  )`,
  `CREATE TABLE ${S}.events (
    task uuid NOT NULL REFERENCES ${S}.tasks (id) ON DELETE CASCADE,
    nr integer NOT NULL,
    at bigint NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (task, nr)
  )`,
];

/** The queue was pg-boss's, with a job beside each row. Now a row that is queued is the queue. */
const SECOND: readonly string[] = [
  `DROP SCHEMA IF EXISTS glyphpool_queue CASCADE`,
  // The key of pages and events is the same in both stores.
  `ALTER TABLE ${S}.pages DROP CONSTRAINT pages_task_fkey, DROP CONSTRAINT pages_pkey, ADD COLUMN seq bigint`,
  `UPDATE ${S}.pages p SET seq = t.seq FROM ${S}.tasks t WHERE t.id = p.task`,
  `ALTER TABLE ${S}.pages DROP COLUMN task`,
  `ALTER TABLE ${S}.pages RENAME COLUMN seq TO task`,
  `ALTER TABLE ${S}.pages ADD PRIMARY KEY (task, nr),
    ADD FOREIGN KEY (task) REFERENCES ${S}.tasks (seq) ON DELETE CASCADE`,
  `ALTER TABLE ${S}.events DROP CONSTRAINT events_task_fkey, DROP CONSTRAINT events_pkey, ADD COLUMN seq bigint`,
  `UPDATE ${S}.events e SET seq = t.seq FROM ${S}.tasks t WHERE t.id = e.task`,
  `ALTER TABLE ${S}.events DROP COLUMN task`,
  `ALTER TABLE ${S}.events RENAME COLUMN seq TO task`,
  `ALTER TABLE ${S}.events ADD PRIMARY KEY (task, nr),
    ADD FOREIGN KEY (task) REFERENCES ${S}.tasks (seq) ON DELETE CASCADE`,
  `ALTER TABLE ${S}.tasks DROP COLUMN job, DROP COLUMN job_retry,
    ADD COLUMN available_at bigint NOT NULL DEFAULT 0,
    ADD COLUMN priority integer NOT NULL DEFAULT 0,
    ADD COLUMN turns integer NOT NULL DEFAULT 0,
    ADD COLUMN alone integer NOT NULL DEFAULT 0,
    ADD COLUMN blame integer NOT NULL DEFAULT 0,
    ADD COLUMN runner text,
    ADD COLUMN beat integer NOT NULL DEFAULT 0,
    ADD COLUMN webhook text`,
  `DROP INDEX ${S}.tasks_queued`,
  `DROP INDEX ${S}.tasks_active`,
  `CREATE INDEX tasks_queued ON ${S}.tasks (owner, priority DESC, turns, seq) WHERE state = 'queued'`,
  `CREATE INDEX tasks_running ON ${S}.tasks (runner) WHERE state = 'running'`,
  `CREATE INDEX tasks_owner ON ${S}.tasks (owner, seq)`,
  `CREATE TABLE ${S}.counts (
    owner text NOT NULL,
    state text NOT NULL,
    tasks bigint NOT NULL,
    bytes bigint NOT NULL,
    results bigint NOT NULL,
    PRIMARY KEY (owner, state)
  )`,
  `INSERT INTO ${S}.counts
    SELECT owner, state, count(*), sum(bytes), sum(result_bytes) FROM ${S}.tasks GROUP BY owner, state`,
  // Always in the order of the states: two transactions that lock two counters each never wait for each other.
  `CREATE FUNCTION ${S}.count_task() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO ${S}.counts AS c (owner, state, tasks, bytes, results)
        SELECT owner, state, sum(tasks), sum(bytes), sum(results) FROM (
          SELECT OLD.owner, OLD.state, -1 AS tasks, -OLD.bytes AS bytes, -OLD.result_bytes AS results
            WHERE TG_OP <> 'INSERT'
          UNION ALL
          SELECT NEW.owner, NEW.state, 1, NEW.bytes, NEW.result_bytes WHERE TG_OP <> 'DELETE'
        ) changes GROUP BY owner, state ORDER BY owner, state
      ON CONFLICT (owner, state) DO UPDATE SET tasks = c.tasks + excluded.tasks,
        bytes = c.bytes + excluded.bytes, results = c.results + excluded.results;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER tasks_counted AFTER INSERT OR DELETE OR UPDATE OF state, result_bytes ON ${S}.tasks
    FOR EACH ROW EXECUTE FUNCTION ${S}.count_task()`,
  `CREATE TABLE ${S}.probe (at bigint NOT NULL)`,
  `INSERT INTO ${S}.probe VALUES (0)`,
  `CREATE TABLE ${S}.deliveries (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task uuid NOT NULL,
    url text NOT NULL,
    owner text NOT NULL,
    body text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at bigint NOT NULL
  )`,
];

export const MIGRATIONS: readonly Migration[] = [{ script: FIRST }, { script: SECOND }];
