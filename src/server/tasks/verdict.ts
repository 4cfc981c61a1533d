/** What becomes of a task after one attempt. */
import { GlyphpoolError, toWireError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { poisoned, StoreUnavailable } from "../store/task-store.ts";
import type { Outcome, Release } from "../store/task-store.ts";

export type Verdict = ({ readonly kind: "end" } & Outcome) | ({ readonly kind: "again" } & Release);

/** Under which conditions an attempt is made. */
export interface Conditions {
  /** How many there were, with this one. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** How often a worker or process has ended that read nothing else. */
  readonly blame: number;
  /** Whether no other task ran at the same time. */
  readonly alone: boolean;
}

/** How an attempt has gone. */
export interface Attempt extends Conditions {
  /** Whether its pages were read once more by the engine after a worker had died. */
  readonly rerun: boolean;
  readonly pages: number;
  readonly failed: number;
  /** Why the first page that could not be read could not be read. */
  readonly firstFailure: GlyphpoolError | undefined;
  /** What ended the attempt before its end. */
  readonly thrown: unknown;
}

/** Thrown where the store has failed, so that nobody takes it for a fault of the document. */
export class StoreFailure extends Error {
  constructor(cause: unknown) {
    super("The store has failed.", { cause });
    this.name = "StoreFailure";
  }
}

/** Failures of the place, not of the document: later it may go well. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "MODEL_DOWNLOAD_FAILED",
  "GPU_OUT_OF_MEMORY",
  "DEVICE_LOST",
  "QUEUE_FULL",
  "MEMORY_EXHAUSTED",
]);
/** Of these, what another attempt cannot change where the task had all of the memory. */
const EXCESS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "GPU_OUT_OF_MEMORY",
  "MEMORY_EXHAUSTED",
]);

/** Milliseconds before the second attempt; each further one waits twice as long. */
const FIRST_DELAY = 2_000;
const LAST_DELAY = 60_000;
/** Workers that a task may end. */
const MAX_BLAME = 2;

/** Whether a page that failed like this is worth another attempt of the task. Its error is not stored then. */
export function isPassing(code: ErrorCode | undefined, conditions: Conditions): boolean {
  if (code === undefined || !PASSING.has(code)) return false;
  if (conditions.attempts >= conditions.maxAttempts) return false;
  return !(conditions.alone && EXCESS.has(code));
}

export function decideRetry(attempt: Attempt): Verdict {
  const { attempts, maxAttempts, pages, failed, firstFailure, thrown } = attempt;
  if (thrown instanceof StoreFailure) {
    const counts = !(thrown.cause instanceof StoreUnavailable);
    if (counts && attempts >= maxAttempts) return failure("INTERNAL", "The store failed.");
    return { kind: "again", reason: "the store failed", counts, delay: FIRST_DELAY };
  }
  const error = thrown ?? (pages > 0 && failed === pages ? firstFailure : undefined);
  if (GlyphpoolError.is(error) && error.code === "ENGINE_CLOSED") {
    return { kind: "again", reason: "the server is shutting down", counts: false };
  }
  const failures = [thrown, firstFailure].filter((each) => GlyphpoolError.is(each));
  if (failures.some(({ code }) => code === "WORKER_DIED")) {
    const blame = attempt.blame + (attempt.rerun ? MAX_BLAME : 1);
    if (blame >= MAX_BLAME) return { kind: "end", state: "failed", error: poisoned(attempts) };
    return { ...again(attempt, "its worker has died"), blame: true };
  }
  const passing = failures.find(({ code }) => isPassing(code, attempt));
  if (passing) {
    // Others may have had the memory that it needs.
    return { ...again(attempt, passing.code), alone: EXCESS.has(passing.code) };
  }
  if (error === undefined) return { kind: "end", state: "succeeded" };
  const { code, message } = toWireError(error);
  return failure(code, code === "INTERNAL" ? "The engine failed." : message);
}

function failure(code: string, message: string): Verdict {
  return { kind: "end", state: "failed", error: { code, message } };
}

function again({ attempts }: Attempt, reason: string): Extract<Verdict, { kind: "again" }> {
  const delay = Math.min(FIRST_DELAY * 2 ** (attempts - 1), LAST_DELAY);
  return { kind: "again", reason, counts: true, delay };
}
