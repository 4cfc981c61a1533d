import type { Model } from "../catalog/manifest/manifest.ts";
import type { Timers } from "../core/timers.ts";
import type { IdleOptions } from "./idle-timer.ts";

export interface ManagerOptions extends IdleOptions {
  /** GPU and wasm bytes that models may hold together. Absent: no limit. */
  readonly budget?: number | undefined;
  readonly timers?: Timers;
  /** Size of the wasm heap at this moment. */
  readonly heapBytes?: () => number;
  /** Bytes that count against the budget and belong to no model: activations, staging. */
  readonly otherBytes?: () => number;
  readonly onLoad?: (model: Model, done: boolean) => void;
  /** After every change of a model's state or leases. */
  readonly onChange?: () => void;
}

/** Settings that can change while models are loaded; what is absent stays. */
export interface ManagerSettings {
  /** Bytes; Infinity: no limit. */
  readonly budget?: number;
  /** Milliseconds. */
  readonly idleTimeout?: number;
}
