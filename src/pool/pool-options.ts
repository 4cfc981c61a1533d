/** The limits of a pool, and how far they are used. */
import type { StructureWeights } from "../options/memory.ts";

export interface PoolOptions {
  /** Reads that may wait for a worker. Default 1000. */
  readonly maxQueued?: number | undefined;
  /** Bytes that the waiting reads may hold together. Default 512 MiB. */
  readonly maxQueuedBytes?: number | undefined;
  /** Reads at the same time; more than there are services has no effect. Default: one per service. */
  readonly concurrency?: number | undefined;
  /** Sum of the weights of structure stages that run at the same time. Default 1. */
  readonly structureConcurrency?: number | undefined;
  /** Default: each stage counts 1. */
  readonly structureWeights?: StructureWeights | undefined;
}

/** What goes on in a semaphore. Peaks are the largest figures so far. */
export interface LimitLoad {
  readonly inUse: number;
  readonly capacity: number;
  readonly peak: number;
  readonly waiting: number;
}

export interface PoolLoad {
  readonly queued: number;
  readonly queuedBytes: number;
  /** Reads on workers; `waiting` is 0, because those who wait are in the queue. */
  readonly concurrency: LimitLoad;
  readonly structureConcurrency: LimitLoad;
  /** Why no read is started at the moment; empty while reads are started. */
  readonly paused: readonly string[];
}
