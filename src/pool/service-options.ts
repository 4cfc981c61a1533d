/** What one worker slot is made with. */
import type { WorkerMemory } from "../memory/snapshot.ts";
import type { KeeperOptions } from "../rpc/keeper.ts";
import type { WorkerLike } from "../rpc/worker-like.ts";
import type { OcrState, WorkerApi, WorkerConfig } from "./worker-types.ts";

export interface OcrServiceOptions extends Pick<
  KeeperOptions<WorkerApi, OcrState>,
  "respawn" | "onEvent" | "now" | "random"
> {
  /** Makes a new worker. It must serve the worker API. */
  readonly spawn: (name: string) => WorkerLike;
  /** Shown by developer tools. */
  readonly name: string;
  readonly config: WorkerConfig;
  /** Milliseconds for the start of a worker, 0 for no end. */
  readonly startDeadline: number;
  readonly onMemory?: ((memory: WorkerMemory) => void) | undefined;
  /**
   * Milliseconds for a read that names no deadline of its own, 0 for no end. Default 120000. The first
   * read of a worker compiles shaders.
   */
  readonly deadline?: number | undefined;
  /**
   * The same for the worker's part of a read with models that it has read with before. A read that
   * exceeds it can be run again within what is left of `deadline`. Default `deadline`.
   */
  readonly warmDeadline?: number | undefined;
  /** Milliseconds for a question of the pool's own, from when the worker has nothing else to do. Default 60000. */
  readonly controlDeadline?: number | undefined;
}
