/** What becomes of a task after one attempt. */
import { GlyphpoolError, toWireError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { poisoned } from "../store/task-store.ts";
import type { Outcome } from "../store/task-store.ts";

export type Verdict =
  | ({ readonly kind: "end" } & Outcome)
  /** Given back to the queue; `counts` as an attempt. */
  | {
      readonly kind: "again";
      readonly reason: string;
      readonly counts: boolean;
      readonly delay: number;
    };

/** How an attempt has gone. */
export interface Attempt {
  /** How many there were, with this one. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Whether its pages were read once more by the engine after a worker had died. */
  readonly rerun: boolean;
  readonly pages: number;
  readonly failed: number;
  /** Why the first page that could not be read could not be read. */
  readonly firstFailure: GlyphpoolError | undefined;
  /** What ended the attempt before its end. */
  readonly thrown: unknown;
}

/** A failure of the place, not of the document: later it may go well. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "MODEL_DOWNLOAD_FAILED",
  "GPU_OUT_OF_MEMORY",
  "DEVICE_LOST",
  "QUEUE_FULL",
  "MEMORY_EXHAUSTED",
]);

/** Milliseconds before the second attempt; each further one waits twice as long. */
const FIRST_DELAY = 2_000;
const LAST_DELAY = 60_000;

export function decideRetry(attempt: Attempt): Verdict {
  const { attempts, pages, failed, firstFailure, thrown } = attempt;
  const error = thrown ?? (pages > 0 && failed === pages ? firstFailure : undefined);
  if (GlyphpoolError.is(error) && error.code === "ENGINE_CLOSED") {
    return { kind: "again", reason: "the server is shutting down", counts: false, delay: 0 };
  }
  const killed = [thrown, firstFailure].some(
    (failure) => GlyphpoolError.is(failure) && failure.code === "WORKER_DIED",
  );
  if (killed) {
    if (attempt.rerun || attempts > 1) return fail(poisoned(attempts));
    return again(attempt, "its worker has died");
  }
  const passing = [error, firstFailure].find(
    (failure) => GlyphpoolError.is(failure) && PASSING.has(failure.code),
  );
  if (passing && attempts < attempt.maxAttempts) {
    return again(attempt, (passing as GlyphpoolError).code);
  }
  if (error === undefined) return { kind: "end", state: "succeeded" };
  const { code, message } = toWireError(error);
  return fail({ code, message: code === "INTERNAL" ? "The engine failed." : message });
}

function fail(error: NonNullable<Outcome["error"]>): Verdict {
  return { kind: "end", state: "failed", error };
}

function again({ attempts }: Attempt, reason: string): Verdict {
  const delay = Math.min(FIRST_DELAY * 2 ** (attempts - 1), LAST_DELAY);
  return { kind: "again", reason, counts: true, delay };
}
