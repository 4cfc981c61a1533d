/** One step of the recovery ladder on one worker, judged by what a meter shows afterwards. */
import type { WorkerMemory } from "./snapshot.ts";
import { wait, type Timers } from "../core/timers.ts";

/** A worker as the ladder sees it. */
export interface RecoveryTarget {
  readonly id: string;
  /** Whether a task runs on it now. */
  readonly busy: boolean;
  /** Its latest word; absent if no worker lives or it could not tell. */
  memory(): WorkerMemory | undefined;
  /** Drops caches that can be had again. */
  trim(): Promise<void>;
  /** Unloads idle models, the least recently used first. @returns bytes that they held */
  evict(bytes: number): Promise<number>;
  /** Destroys the GPU device and everything on it. @returns whether it could */
  recycleDevice(): Promise<boolean>;
  /** Ends the worker; a new one starts with its next task. @returns whether it could */
  respawn(reason: string): Promise<boolean>;
}

/** In the order in which they are tried. */
export const STEPS = ["trim", "evict", "recycle", "respawn"] as const;
export type RecoveryStep = (typeof STEPS)[number];

export interface StepResult {
  readonly worker: string;
  readonly step: RecoveryStep;
  /** `skipped`: there was nothing that it could do. `failed`: the bytes did not come back in time. */
  readonly outcome: "recovered" | "failed" | "skipped";
  /** Why it was skipped or failed. */
  readonly reason?: string;
  /** Bytes that had to come back for it to count as recovered, before {@link RECOVERED}. */
  readonly expected: number;
  /** Bytes that came back: less GPU memory and a smaller heap, measured. */
  readonly givenBack: number;
  /** Milliseconds until it was judged. */
  readonly took: number;
}

/** A step has worked when this part of what was expected of it has come back. */
export const RECOVERED = 0.75;
/** What a new worker holds before it has done anything: the heap of its runtime, and on a GPU some of its driver's. */
export const FRESH_WORKER_BYTES: Readonly<Record<WorkerMemory["backend"], number>> = {
  wasm: 17 * 2 ** 20,
  webgpu: 48 * 2 ** 20,
};

export interface StepLimits {
  /** Milliseconds for a step and for its bytes to come back. */
  readonly deadline: number;
  /** Milliseconds between two looks. */
  readonly poll: number;
}

/** All bytes that a worker holds; 0 without a worker. */
export function heldBytes(memory: WorkerMemory | undefined): number {
  if (!memory) return 0;
  return (memory.gpu?.allocated ?? 0) + memory.gpuOverhead + memory.wasmHeap;
}

interface Plan {
  readonly expected: number;
  readonly skip?: string;
  readonly act: () => Promise<number | boolean | void>;
}

/**
 * Takes one step and waits until its bytes are back or the deadline is over. Never rejects.
 *
 * @param need bytes that are to come back
 */
export async function takeStep(
  target: RecoveryTarget,
  step: RecoveryStep,
  need: number,
  timers: Timers,
  limits: StepLimits,
): Promise<StepResult> {
  const start = timers.now();
  const before = target.memory();
  const plan = planStep(target, step, need, before);
  let expected = plan.expected;
  const givenBack = (): number => Math.max(0, heldBytes(before) - heldBytes(target.memory()));
  const result = (outcome: StepResult["outcome"], reason?: string): StepResult => ({
    worker: target.id,
    step,
    outcome,
    expected,
    givenBack: outcome === "skipped" ? 0 : givenBack(),
    took: timers.now() - start,
    ...(reason === undefined ? {} : { reason }),
  });
  if (plan.skip !== undefined) return result("skipped", plan.skip);

  const answer = await inTime(Promise.resolve().then(plan.act), timers, limits.deadline);
  if (answer instanceof Error) return result("failed", answer.message);
  if (answer === false) return result("skipped", "it is not possible here");
  if (typeof answer === "number") {
    if (answer <= 0) return result("skipped", "no idle model");
    expected = answer;
  }
  while (givenBack() < expected * RECOVERED) {
    if (timers.now() - start >= limits.deadline) {
      return result("failed", `not enough came back within ${limits.deadline} ms`);
    }
    await wait(timers, limits.poll);
  }
  return result("recovered");
}

function planStep(
  target: RecoveryTarget,
  step: RecoveryStep,
  need: number,
  memory: WorkerMemory | undefined,
): Plan {
  const held = heldBytes(memory);
  const device = (memory?.gpu?.allocated ?? 0) + (memory?.gpuOverhead ?? 0);
  const skip = memory ? {} : { skip: "no worker, or one that cannot tell what it holds" };
  switch (step) {
    case "trim":
      // What caches hold beyond the GPU cannot be told apart beforehand, so nothing is expected of it.
      return { expected: trimmable(memory), act: () => target.trim(), ...skip };
    case "evict":
      if (memory?.backend === "wasm") {
        // It would free room inside the heap, but the heap would stay as large as it is.
        return { expected: 0, act: () => target.evict(need), skip: "a wasm heap never shrinks" };
      }
      return { expected: need, act: () => target.evict(need), ...skip };
    case "recycle":
      return {
        expected: device,
        act: () => target.recycleDevice(),
        ...(target.busy ? { skip: "a task is running" } : {}),
        ...(memory?.gpu ? {} : { skip: "no GPU device" }),
      };
    case "respawn":
      break;
  }
  return {
    expected: Math.max(0, held - FRESH_WORKER_BYTES[memory?.backend ?? "wasm"]),
    act: () => target.respawn(`memory: ${Math.round(need / 2 ** 20)} MiB too much`),
  };
}

/** What the driver can give back at once: buffers that were destroyed and not yet returned. */
function trimmable(memory: WorkerMemory | undefined): number {
  return memory?.gpu ? Math.max(0, memory.gpu.allocated - memory.gpu.used) : 0;
}

/** The promise's value, or the error that it or the deadline ends with. */
async function inTime<T>(
  promise: Promise<T>,
  timers: Timers,
  milliseconds: number,
): Promise<T | Error> {
  let cancel = (): void => undefined;
  const late = new Promise<Error>((resolve) => {
    cancel = timers.after(milliseconds, () =>
      resolve(new Error(`no end within ${milliseconds} ms`)),
    );
  });
  const settled = promise.catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  const outcome = await Promise.race([settled, late]);
  cancel();
  return outcome;
}
