/** One row of a table of tasks, the same in both stores, and what it means. */
import type { TaskState } from "../../client/wire.ts";
import type { StoredTask, TaskOptions } from "./task-store.ts";

export interface TaskRow {
  readonly seq: number;
  readonly id: string;
  readonly owner: string;
  readonly state: TaskState;
  readonly name: string | null;
  readonly options: string;
  readonly bytes: number;
  readonly result_bytes: number;
  readonly fingerprint: string;
  readonly attempts: number;
  readonly fence: number;
  readonly pages_done: number;
  readonly pages_total: number | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly priority: number;
  readonly turns: number;
  readonly alone: number;
  readonly blame: number;
  readonly runner: string | null;
  readonly beat: number;
  readonly webhook: string | null;
}

export function toTask(row: TaskRow): StoredTask {
  const { error_code: code, error_message: message } = row;
  return {
    id: row.id,
    owner: row.owner,
    state: row.state,
    name: row.name ?? undefined,
    options: JSON.parse(row.options) as TaskOptions,
    bytes: row.bytes,
    attempts: row.attempts,
    priority: row.priority,
    turns: row.turns,
    alone: row.alone > 0,
    blame: row.blame,
    webhook: row.webhook ?? undefined,
    seq: row.seq,
    pagesDone: row.pages_done,
    pagesTotal: row.pages_total ?? undefined,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    error: code === null ? undefined : { code, message: message ?? "" },
  };
}
