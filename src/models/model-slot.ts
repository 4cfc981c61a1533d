/** The place of one model in the manager: its state, its claims, its session. */
import type { Model } from "../catalog/manifest/manifest.ts";
import type { OwnedSession, SessionMemory } from "../gpu/session.ts";
import type { ModelState, ModelUsage } from "../memory/snapshot.ts";
import { sumOf } from "./estimate.ts";
import { RunCost } from "./run-cost.ts";

export interface Loaded {
  readonly session: OwnedSession;
  readonly alphabet: readonly string[];
  /** Bytes of the wasm heap that the load took: its growth, and shared bytes that were used again. */
  readonly wasmBytes: number;
}

/** One task's hold on a model; it exists from before the load until the end of the lease. */
export interface Claim {
  readonly task: object;
  readonly load: Promise<Loaded>;
}

const NOTHING: SessionMemory = { gpuBytes: 0, wasmBytes: 0 };

export class ModelSlot {
  readonly model: Model;
  state: ModelState = "unloaded";
  reason = "never used";
  readonly claims: Set<Claim> = new Set();
  /** Set while the state is `loading`, `ready` or `unloading`. */
  load: Promise<Loaded> | undefined;
  loaded: Loaded | undefined;
  /** Set while the state is `unloading`: bytes that were freed. */
  unload: Promise<number> | undefined;
  /** Bytes set aside for a load that has not ended. */
  reserved = 0;
  lastUse = 0;
  /** Of its runs on wasm; kept when the model is unloaded. */
  readonly cost: RunCost;

  constructor(model: Model) {
    this.model = model;
    this.cost = new RunCost(model.role);
  }

  /** Whether a claim needs no memory, because the model is there or will be. */
  get open(): boolean {
    return this.state === "loading" || this.state === "ready";
  }

  get idle(): boolean {
    return this.state === "ready" && this.claims.size === 0;
  }

  isHeldBy(task: object): boolean {
    return [...this.claims].some((claim) => claim.task === task);
  }

  get held(): SessionMemory {
    if (!this.loaded) return NOTHING;
    const { session, wasmBytes } = this.loaded;
    return { gpuBytes: session.memory().gpuBytes, wasmBytes };
  }

  /** GPU and wasm bytes that count against the budget. */
  get bytes(): number {
    return this.loaded ? sumOf(this.held) : this.reserved;
  }

  get usage(): ModelUsage {
    const { model, state, reason, claims, loaded } = this;
    return {
      id: model.id,
      role: model.role,
      state,
      reason,
      leases: claims.size,
      ...(loaded ? { backend: loaded.session.backend } : {}),
      ...(loaded?.session.backend === "wasm" ? { bytesPerPixel: this.cost.bytesPerPixel } : {}),
      ...this.held,
    };
  }

  set(state: ModelState, reason: string): void {
    this.state = state;
    this.reason = reason;
  }

  /** After an unload or a failed load: nothing is held any more. */
  clear(state: "unloaded" | "failed", reason: string): void {
    this.set(state, reason);
    this.load = undefined;
    this.loaded = undefined;
    this.unload = undefined;
    this.reserved = 0;
    this.claims.clear();
  }
}
