/** Tables of the embedded store, and how those of earlier versions become them. */
import type { Migration } from "../sql/migrate.ts";

const FIRST: readonly string[] = [
  `CREATE TABLE tasks (
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
  ) STRICT`,
  "CREATE UNIQUE INDEX tasks_key ON tasks (owner, idempotency_key) WHERE idempotency_key IS NOT NULL",
  "CREATE INDEX tasks_queued ON tasks (seq, available_at) WHERE state = 'queued'",
  "CREATE INDEX tasks_active ON tasks (owner, bytes) WHERE state IN ('queued', 'running')",
  "CREATE INDEX tasks_ended ON tasks (ended_at, seq) WHERE ended_at IS NOT NULL",
  `CREATE TABLE pages (
    task INTEGER NOT NULL REFERENCES tasks (seq) ON DELETE CASCADE,
    nr INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (task, nr)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE events (
    task INTEGER NOT NULL REFERENCES tasks (seq) ON DELETE CASCADE,
    nr INTEGER NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (task, nr)
  ) STRICT, WITHOUT ROWID`,
];

/** Adds to the counters what a row is now, and takes off what it was. */
const count = (rows: string): string => `INSERT INTO counts (owner, state, tasks, bytes, results)
  ${rows} ON CONFLICT (owner, state) DO UPDATE SET
    tasks = tasks + excluded.tasks, bytes = bytes + excluded.bytes, results = results + excluded.results`;
const NEW_ROW = "SELECT NEW.owner, NEW.state, 1, NEW.bytes, NEW.result_bytes WHERE true";
const OLD_ROW = "SELECT OLD.owner, OLD.state, -1, -OLD.bytes, -OLD.result_bytes WHERE true";

const SECOND: readonly string[] = [
  "ALTER TABLE tasks ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE tasks ADD COLUMN turns INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE tasks ADD COLUMN alone INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE tasks ADD COLUMN blame INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE tasks ADD COLUMN runner TEXT",
  "ALTER TABLE tasks ADD COLUMN beat INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE tasks ADD COLUMN webhook TEXT",
  "DROP INDEX tasks_queued",
  "DROP INDEX tasks_active",
  "CREATE INDEX tasks_queued ON tasks (owner, priority DESC, turns, seq) WHERE state = 'queued'",
  "CREATE INDEX tasks_running ON tasks (runner) WHERE state = 'running'",
  "CREATE INDEX tasks_owner ON tasks (owner, seq)",
  `CREATE TABLE counts (
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    tasks INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    results INTEGER NOT NULL,
    PRIMARY KEY (owner, state)
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO counts SELECT owner, state, count(*), sum(bytes), sum(result_bytes) FROM tasks GROUP BY owner, state`,
  `CREATE TRIGGER tasks_added AFTER INSERT ON tasks BEGIN ${count(NEW_ROW)}; END`,
  `CREATE TRIGGER tasks_removed AFTER DELETE ON tasks BEGIN ${count(OLD_ROW)}; END`,
  `CREATE TRIGGER tasks_changed AFTER UPDATE OF state, result_bytes ON tasks BEGIN
    ${count(OLD_ROW)}; ${count(NEW_ROW)};
  END`,
  "CREATE TABLE probe (at INTEGER NOT NULL) STRICT",
  "INSERT INTO probe VALUES (0)",
  `CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    task TEXT NOT NULL,
    url TEXT NOT NULL,
    owner TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
  ) STRICT`,
];

export const MIGRATIONS: readonly Migration[] = [{ script: FIRST }, { script: SECOND }];
