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
  /** How often it was begun, apart from turns that a shutdown or other tasks have ended. */
  readonly attempts: number;
  /** Higher ones come first among the tasks of one owner. */
  readonly priority: number;
  /** How often its turn was over before it was done. */
  readonly turns: number;
  /** Runs while nothing else does: it may be what has ended a process, or needs all of the memory. */
  readonly alone: boolean;
  /** How often a worker or process ended that read nothing but this task. */
  readonly blame: number;
  /** Where to send its end. */
  readonly webhook: string | undefined;
  /** Position in the list of all tasks. */
  readonly seq: number;
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
  readonly priority?: number;
  readonly webhook?: string | undefined;
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

/** An input as a file on this machine. Disposing gives up what was copied for it. */
export interface InputFile extends AsyncDisposable {
  readonly path: string;
}

export type RefusalReason =
  | "tasks"
  | "bytes"
  | "owner-tasks"
  | "owner-bytes"
  | "disk"
  | "key"
  | "state";

/** A task that the store does not take: `key` and `state` for good, the others until there is room. */
export class StoreRefusal extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.name = "StoreRefusal";
    this.reason = reason;
  }
}

/** `full`: no space on the disk. `away`: cannot be reached. `busy`: somebody else keeps it locked. */
export type UnavailableReason = "full" | "away" | "busy";

/** The store cannot do it now. Nothing was changed, and the same call may succeed later. */
export class StoreUnavailable extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StoreUnavailable";
    this.reason = reason;
  }
}

/** Whose tasks wait. */
export interface Waiting {
  readonly owner: string;
  readonly tasks: number;
}

/** How a task goes back to the queue. */
export interface Release {
  /** For the task's events. */
  readonly reason: string;
  /** Whether this was an attempt: not for a shutdown, nor where the store has failed. */
  readonly counts: boolean;
  /** Milliseconds before it is delivered again; at most {@link MAX_DELAY}. */
  readonly delay?: number;
  /** Its turn is over: tasks that had fewer turns come first. */
  readonly turn?: boolean;
  /** It is to run while nothing else does. */
  readonly alone?: boolean;
  /** It has ended what read it. */
  readonly blame?: boolean;
}

/** Milliseconds. A task that seems to be put off for longer is due: the clock was set back. */
export const MAX_DELAY = 60_000;

/** Which tasks to list; the newest come first. */
export interface TaskFilter {
  readonly owner?: string | undefined;
  readonly state?: TaskState | undefined;
  /** Code of the failure. */
  readonly error?: string | undefined;
  /** Only tasks before this `seq`. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What one owner, or all of them, have in the store. */
export interface Usage {
  readonly tasks: Readonly<Record<TaskState, number>>;
  /** Inputs of tasks that have not ended. */
  readonly queuedBytes: number;
  /** Inputs and results of all tasks. */
  readonly storedBytes: number;
}

/** A message about the end of a task that still has to be sent. */
export interface Delivery {
  readonly seq: number;
  readonly task: string;
  readonly owner: string;
  readonly url: string;
  readonly body: string;
  /** How often it was tried before. */
  readonly attempts: number;
}

/**
 * A durable queue of tasks. What a call has resolved survives the end of the process. A task that a process was
 * working on when it ended is delivered again, from the first page that is not stored. One that was alone in its
 * process `maxAttempts` times when that ended has failed as poison.
 *
 * Every call may reject with {@link StoreUnavailable}.
 */
export interface TaskStore extends AsyncDisposable {
  /** For people: where the tasks are. */
  readonly location: string;
  /** Milliseconds after which one has to look again, because others may have changed something. */
  readonly pollInterval: number;

  /** Whether an input of so many bytes would be taken now. @throws StoreRefusal */
  admits(owner: string, bytes: number, admission: Admission): Promise<void>;
  /** Whether the owner has a task of this key. */
  knows(owner: string, idempotencyKey: string): Promise<boolean>;
  /** @throws StoreRefusal */
  create(task: NewTask, admission: Admission): Promise<{ task: StoredTask; created: boolean }>;
  get(id: string): Promise<StoredTask | undefined>;
  list(filter: TaskFilter): Promise<readonly StoredTask[]>;
  /** Tasks that were queued before this one, and itself; undefined when it is not queued. */
  position(id: string): Promise<number | undefined>;
  /** @param owner nothing for all */
  usage(owner?: string): Promise<Usage>;
  /** Writes something small. @throws StoreUnavailable where that is not possible */
  probe(): Promise<void>;

  /** Owners of tasks that are due. */
  waiting(): Promise<readonly Waiting[]>;
  /** Takes the next task. @param owner nothing for anybody's */
  claim(owner?: string): Promise<ClaimedTask | undefined>;
  /** Says that somebody still works on these. @returns those that are ours no more */
  heartbeat(claims: readonly Claim[]): Promise<readonly Claim[]>;
  input(id: string): Promise<InputFile>;
  /** Deletes the pages that are stored, to read them once more. @returns false when the task is ours no more */
  restart(claim: Claim): Promise<boolean>;
  /** @returns false when the task is ours no more */
  addPage(claim: Claim, page: StoredPage): Promise<boolean>;
  /** @returns false when the task is ours no more */
  note(claim: Claim, event: TaskEventData): Promise<boolean>;
  /** Ends a task, once. @returns false when it was ours no more */
  finish(claim: Claim, outcome: Outcome): Promise<boolean>;
  /** Gives a task back to the queue. @returns false when it was ours no more */
  release(claim: Claim, release: Release): Promise<boolean>;
  /** Ends a task that has not ended; who works on it learns that with the next heartbeat. */
  cancel(id: string): Promise<StoredTask | undefined>;
  /** Queues a task again that has failed or was cancelled. @returns nothing when there is no such task */
  retry(id: string, admission: Admission): Promise<StoredTask | undefined>;
  /** Deletes a task that has ended, with its input and pages. */
  remove(id: string): Promise<boolean>;

  /**
   * Stored pages in the order in which they were read.
   *
   * @throws Error when the task is deleted meanwhile: what has come so far is not the whole of it
   */
  pages(id: string): AsyncIterable<string>;
  events(id: string, after: number): Promise<readonly TaskEvent[]>;
  /** Resolves when something about the task changes here, when the time is over, or when the signal fires. */
  changed(id: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Resolves when there may be something to claim, or as above. */
  workArrived(milliseconds: number, signal: AbortSignal): Promise<void>;

  /** Takes a message that is due; unless it is told of, it is due again after the milliseconds. */
  nextDelivery(lease: number): Promise<Delivery | undefined>;
  /** Puts a message off, or, without a delay, is done with it. */
  settleDelivery(seq: number, delay?: number): Promise<void>;

  /** Deletes ended tasks that are older, and the oldest ones while more bytes are stored. @returns how many */
  sweep(retention: number, maxStoredBytes: number): Promise<number>;
}

export interface StoreOptions {
  /** How often a task that is alone may end its process. */
  readonly maxAttempts: number;
  /** Milliseconds since 1970; never goes back. */
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
