/** The thread of the embedded store: SQLite is synchronous, and a disk or another writer may keep it waiting. */
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import type { Answer, Question } from "./database.ts";

/** Milliseconds to wait for another connection, such as a backup. */
const BUSY_TIMEOUT = 5_000;

let db: DatabaseSync | undefined;
const statements = new Map<string, StatementSync>();

function open(path: string): unknown[] {
  db = new DatabaseSync(path);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  // Before the first table, or it has no effect.
  db.exec("PRAGMA auto_vacuum = INCREMENTAL");
  db.exec("PRAGMA journal_mode = WAL");
  // A commit survives a power cut too; NORMAL would survive only the end of the process.
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA foreign_keys = ON");
  return [];
}

function query({ sql, values }: Extract<Question, { kind: "query" }>): unknown[] {
  if (!db) throw new Error("The database is not open.");
  let statement = statements.get(sql);
  if (!statement) statements.set(sql, (statement = db.prepare(sql)));
  return statement.all(...values);
}

function answer(question: Question): unknown[] {
  switch (question.kind) {
    case "open":
      return open(question.path);
    case "query":
      return query(question);
    case "close":
    default:
      statements.clear();
      db?.close();
      db = undefined;
      return [];
  }
}

globalThis.addEventListener(
  "message",
  (event: MessageEvent<{ id: number; question: Question }>) => {
    const { id, question } = event.data;
    let result: Answer;
    try {
      result = { id, rows: answer(question) };
    } catch (error) {
      result = { id, error: error instanceof Error ? error.message : String(error) };
    }
    globalThis.postMessage(result);
  },
);
