/** What a read consists of, on its way to a worker. */
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import type { Page, Progress } from "../types.ts";
import type { StructureStage } from "../options/structure.ts";
import type { WireInput, WorkerReadOptions } from "../rpc/link.ts";

/** An input that can cross to the worker. */
export interface OpenInput {
  readonly input: WireInput;
  /** What the host gives away. */
  readonly transfer: Transferable[];
}

/** Work on one picture: when it can begin, and what it holds until then. */
export interface ImageJob {
  /** Called when a worker is free, so that waiting jobs hold no pixels that they need not hold. */
  readonly open: (signal: AbortSignal | undefined) => Promise<OpenInput>;
  /** Image of a multi-page file, from 0. Default 0. */
  readonly frame?: number | undefined;
  /**
   * Whether `open` may be called a second time, so that the job can be run again when its worker dies.
   * Default false: what was transferred to the dead worker is gone with it.
   */
  readonly repeatable?: boolean | undefined;
  /** What the job holds while it waits, in bytes. Default 0. */
  readonly bytes?: number | undefined;
  /** Higher goes first. Default 0. */
  readonly priority?: number | undefined;
  /** The pages of one document share a group: groups take turns. */
  readonly group?: unknown;
}

export interface ReadJob extends ImageJob {
  readonly models: ModelSet;
  readonly options: WorkerReadOptions;
}

export interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds for everything after the queue, the start of a worker included; 0 for no end. Default:
   * the service's deadlines.
   */
  readonly deadline?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Waits for the share of a structure stage. Default: there is no limit. */
  readonly permit?: AcquireStage | undefined;
}

/** Waits for the share of a structure stage; disposing the result gives it back. */
export type AcquireStage = (stage: StructureStage, signal: AbortSignal) => Promise<Disposable>;

/** Anything that reads: a service, or a pool of them. */
export interface Reader {
  read(job: ReadJob, limits: CallLimits): Promise<Page>;
}
