/** Where tasks live: the queue, the inputs, the pages that were read, and what happened to each task. */
import type { TaskEvent, TaskEventData, TaskFailure, TaskState } from "../../client/wire.ts";

/** Options of a task as they came in, checked. */
export type TaskOptions = Readonly<Record<string, unknown>>;

export interface StoredTask {
  readonly id: string;
  /** Name of the token that sent it. */
  readonly owner: string;
  readonly state: TaskState;
  readonly name: string | undefined;
  readonly options: TaskOptions;
  /** Of the input. */
  readonly bytes: number;
  /** How often it was begun and not given back by a shutdown. */
  readonly attempts: number;
  readonly pagesDone: number;
  readonly pagesTotal: number | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly error: TaskFailure | undefined;
}

export interface NewTask {
  readonly owner: string;
  readonly name: string | undefined;
  readonly options: TaskOptions;
  /** A file on this machine; the store takes it away in any case. */
  readonly input: { readonly path: string; readonly bytes: number };
  /** Another task of this owner with the same key is the same task. */
  readonly idempotencyKey: string | undefined;
  /** Hash of input and options: the same key with another one is a mistake of the caller. */
  readonly fingerprint: string;
}

/** Bounds that hold at the moment of a `create`; counts and bytes are of tasks that have not ended. */
export interface Admission {
  readonly maxTasks: number;
  readonly maxBytes: number;
  readonly ownerMaxTasks: number;
  readonly ownerMaxBytes: number;
  /** Bytes of all inputs and results, of ended tasks too. */
  readonly maxStoredBytes: number;
}

/** The right to work on a task. It ends with the task, with a redelivery, and with a cancellation. */
export interface Claim {
  readonly id: string;
  /** Rises with each delivery: what an earlier owner writes later is refused. */
  readonly fence: number;
}

export interface ClaimedTask {
  readonly claim: Claim;
  readonly task: StoredTask;
}

/** How a task ends. */
export interface Outcome {
  readonly state: "succeeded" | "failed" | "cancelled";
  readonly error?: TaskFailure;
}

/** A page as it is stored, with what the events tell of it. */
export interface StoredPage {
  /** From 1 on, in the document. */
  readonly number: number;
  /** See stored-page.ts. */
  readonly json: string;
  readonly ms: number;
  readonly error: string | undefined;
  /** Pages of the task, where that is known. */
  readonly total: number | undefined;
}

export interface StoreLoad {
  readonly tasks: Readonly<Record<TaskState, number>>;
  /** Inputs of tasks that have not ended. */
  readonly queuedBytes: number;
  /** Inputs and results of all tasks. */
  readonly storedBytes: number;
}

/** An input as a file on this machine. Disposing gives up what was copied for it. */
export interface InputFile extends AsyncDisposable {
  readonly path: string;
}

export type RefusalReason = "tasks" | "bytes" | "owner-tasks" | "owner-bytes" | "disk" | "key";

/** A task that the store does not take: `key` for good, the others until there is room. */
export class StoreRefusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.name = "StoreRefusal";
    this.reason = reason;
  }
}

/**
 * A durable queue of tasks. What a call has resolved survives the end of the process. A task that a process was
 * working on when it ended is delivered again, and when that has happened `maxAttempts` times it has failed as
 * poison with the next `claim`.
 */
export interface TaskStore extends AsyncDisposable {
  /** For people: where the tasks are. */
  readonly location: string;
  /** Milliseconds after which one has to look again, because others may have changed something. */
  readonly pollInterval: number;

  /** Whether an input of so many bytes would be taken now. @throws StoreRefusal */
  admits(owner: string, bytes: number, admission: Admission): Promise<void>;
  /** @throws StoreRefusal */
  create(task: NewTask, admission: Admission): Promise<{ task: StoredTask; created: boolean }>;
  get(id: string): Promise<StoredTask | undefined>;
  /** Place in the queue, 1 for the next; undefined when it is not queued. */
  position(id: string): Promise<number | undefined>;
  load(): Promise<StoreLoad>;

  /** Takes the next task. */
  claim(): Promise<ClaimedTask | undefined>;
  /** Says that somebody still works on these. @returns those that are ours no more */
  heartbeat(claims: readonly Claim[]): Promise<readonly Claim[]>;
  input(id: string): Promise<InputFile>;
  /** @returns false when the task is ours no more */
  addPage(claim: Claim, page: StoredPage): Promise<boolean>;
  /** @returns false when the task is ours no more */
  note(claim: Claim, event: TaskEventData): Promise<boolean>;
  /** Ends a task, once. @returns false when it was ours no more */
  finish(claim: Claim, outcome: Outcome): Promise<boolean>;
  /**
   * Gives a task back to the queue.
   *
   * @param counts whether this was an attempt: no for a shutdown
   * @param delay milliseconds before it is delivered again
   */
  release(claim: Claim, reason: string, counts: boolean, delay?: number): Promise<boolean>;
  /** Ends a task that has not ended; who works on it learns that with the next heartbeat. */
  cancel(id: string): Promise<StoredTask | undefined>;
  /** Deletes a task that has ended, with its input and pages. */
  remove(id: string): Promise<boolean>;

  /** Stored pages in the order in which they were read. */
  pages(id: string): AsyncIterable<string>;
  events(id: string, after: number): Promise<readonly TaskEvent[]>;
  /** Resolves when something about the task changes here, when the time is over, or when the signal fires. */
  changed(id: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Resolves when there may be something to claim, or as above. */
  workArrived(milliseconds: number, signal: AbortSignal): Promise<void>;

  /** Deletes ended tasks that are older, and the oldest ones while more bytes are stored. @returns how many */
  sweep(retention: number, maxStoredBytes: number): Promise<number>;
}

export interface StoreOptions {
  /** How often a task may be begun. */
  readonly maxAttempts: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The same key came with something else than before. */
export function reusedKey(): StoreRefusal {
  return new StoreRefusal(
    "key",
    "This Idempotency-Key was used for another file or other options.",
  );
}

/** What a task fails with that ended its process too often. */
export function poisoned(attempts: number): TaskFailure {
  const message =
    `The task was begun ${attempts} times, and each time the process or the worker that read it ended. ` +
    "It is not tried again.";
  return { code: "TASK_POISONED", message };
}
