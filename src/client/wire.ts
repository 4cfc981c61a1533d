/** What the task server and its client say to each other, as JSON. Times are ISO 8601, durations milliseconds. */

export type TaskState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

/** Why a task did not succeed. */
export interface TaskFailure {
  /** An `ErrorCode` of Glyphpool, or one of the server's own: `TASK_POISONED`, `TASK_CANCELLED`. */
  readonly code: string;
  readonly message: string;
}

/** A task as `GET /v1/tasks/:id` shows it. */
export interface TaskView {
  readonly id: string;
  readonly state: TaskState;
  /** The file's name as it was sent. */
  readonly name?: string;
  /** Bytes of the input. */
  readonly bytes: number;
  /** Place in the queue, 1 for the next one; while it is queued. */
  readonly position?: number;
  readonly pages: { readonly done: number; readonly total?: number };
  /** How often it was begun. */
  readonly attempts: number;
  /** Higher ones come first among the tasks of one token; where it is not 0. */
  readonly priority?: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly timings: {
    /** Until it was begun the last time, or until now. */
    readonly queued: number;
    /** Since it was begun the last time. */
    readonly running?: number;
  };
  readonly error?: TaskFailure;
}

/** What `GET /v1/tasks` answers, the newest task first. */
export interface TaskList {
  readonly tasks: readonly TaskView[];
  /** `cursor` of the next page; absent on the last one. */
  readonly next?: string;
}

/** What `GET /v1/tasks/:id/events` sends; `id` is what `Last-Event-ID` resumes after. */
export type TaskEvent = { readonly id: number; readonly at: string } & TaskEventData;

export type TaskEventData =
  /** Accepted, or returned to the queue. */
  | { readonly type: "queued"; readonly attempts: number; readonly reason?: string }
  /** One more page is stored. `error` is the code of one that could not be read. */
  | {
      readonly type: "page";
      readonly number: number;
      readonly done: number;
      readonly total?: number;
      readonly ms: number;
      readonly error?: string;
    }
  /** The engine saves memory while it reads this task: names of the savings in force. */
  | { readonly type: "degraded"; readonly level: string; readonly actions: readonly string[] }
  /** The last event, once for each task. */
  | {
      readonly type: "done";
      readonly state: "succeeded" | "failed" | "cancelled";
      readonly pages: number;
      readonly error?: TaskFailure;
    };

/** Body of every answer that is an error, `application/problem+json` (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  /** Whether the same request may succeed later; `Retry-After` says when. */
  readonly retryable: boolean;
}

/** Formats of a result. */
export const RESULT_FORMATS = [
  "json",
  "jsonl",
  "text",
  "md",
  "html",
  "hocr",
  "alto",
  "tsv",
  "csv",
  "pdf",
] as const;

export type ResultFormat = (typeof RESULT_FORMATS)[number];
