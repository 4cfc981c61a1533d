/** All models of a manager and the only ways into and out of memory for them; knows no claims' rules. */
import type { Model } from "../catalog/manifest/manifest.ts";
import type { ModelUsage } from "../memory/snapshot.ts";
import { MeasuredPeaks, estimateFromFile, sumOf } from "./estimate.ts";
import type { HeapAccount } from "./heap-account.ts";
import { loadModel } from "./load-model.ts";
import type { ModelLoader } from "./load-model.ts";
import { ModelSlot } from "./model-slot.ts";
import type { Loaded } from "./model-slot.ts";

export interface ShelfListener {
  /** A model's load begins or has succeeded. */
  onLoad(model: Model, done: boolean): void;
  /** A model became ready, failed, or is gone. */
  onSettled(slot: ModelSlot): void;
  /** A model begins to leave. */
  onLeaving(slot: ModelSlot): void;
  /** The GPU has no room for a load: what can be unloaded has to be. */
  makeRoom(): Promise<void>;
}

export class ModelTable {
  /** By id of the model. */
  readonly slots: ReadonlyMap<string, ModelSlot>;
  readonly #slots = new Map<string, ModelSlot>();
  readonly #loader: ModelLoader;
  readonly #heap: HeapAccount;
  readonly #listener: ShelfListener;
  readonly #peaks = new MeasuredPeaks();

  constructor(loader: ModelLoader, heap: HeapAccount, listener: ShelfListener) {
    this.slots = this.#slots;
    this.#loader = loader;
    this.#heap = heap;
    this.#listener = listener;
  }

  get usage(): ModelUsage[] {
    return [...this.#slots.values()].map((slot) => slot.usage);
  }

  slotOf(model: Model): ModelSlot {
    let slot = this.#slots.get(model.id);
    if (!slot) this.#slots.set(model.id, (slot = new ModelSlot(model)));
    return slot;
  }

  some(test: (slot: ModelSlot) => boolean): boolean {
    return [...this.#slots.values()].some(test);
  }

  get idle(): ModelSlot[] {
    return [...this.#slots.values()].filter(({ idle }) => idle);
  }

  /** Bytes of the wasm heap that loaded models took. */
  get wasmHeld(): number {
    return [...this.#slots.values()].reduce((sum, { held }) => sum + held.wasmBytes, 0);
  }

  /** Bytes of the wasm heap that no loaded model took. */
  get wasmShared(): number {
    return this.#heap.shared(this.wasmHeld);
  }

  backendOf({ model }: ModelSlot): "webgpu" | "wasm" {
    return this.#loader.backendOf(model);
  }

  /**
   * Bytes that the model will take: what it took when it was loaded last, or else a multiple of its
   * file, which is opened where its length is not known.
   *
   * @throws GlyphpoolError `MODEL_*`
   */
  async estimate({ model }: ModelSlot): Promise<number> {
    const peak = this.#peaks.of(model.id);
    if (peak) return sumOf(peak);
    const file = this.#loader.chooseFile(model);
    const fileBytes =
      file.bytes ?? file.data?.byteLength ?? (await this.#loader.openModel(file)).size;
    return estimateFromFile(fileBytes, this.#loader.backendOf(model));
  }

  /** Remembers what the model holds now, for the next estimate. */
  measure(slot: ModelSlot): void {
    this.#peaks.note(slot.model.id, slot.held);
  }

  /** Begins a load; only for slots that are not open. `reserve` bytes count as used until it ends. */
  load(slot: ModelSlot, reserve: number): void {
    slot.set("loading", "asked for");
    slot.reserved = reserve;
    slot.load = this.#fill(slot);
    // Every claim may have been given up before the load fails.
    slot.load.catch(() => undefined);
  }

  /** The one way out of memory; only for idle models. Resolves with the bytes freed, measured. */
  unload(slot: ModelSlot, reason: string): Promise<number> {
    slot.set("unloading", reason);
    slot.unload = this.#release(slot, slot.loaded as Loaded, reason);
    this.#listener.onLeaving(slot);
    return slot.unload;
  }

  /** Unloads all idle models, and waits for the unloads that are under way. */
  async unloadIdle(reason: string): Promise<void> {
    const slots = [...this.#slots.values()];
    for (const slot of slots) if (slot.state === "failed") slot.clear("unloaded", reason);
    const leaving = slots.filter((slot) => slot.idle || slot.state === "unloading");
    await settleAll(leaving.map((slot) => slot.unload ?? this.unload(slot, reason)));
  }

  async #fill(slot: ModelSlot): Promise<Loaded> {
    // Not before the caller has its claim.
    await Promise.resolve();
    try {
      const loaded = await this.#open(slot.model);
      slot.loaded = loaded;
      slot.set("ready", "loaded");
      this.#peaks.begin(slot.model.id, slot.held);
      return loaded;
    } catch (error) {
      slot.clear("failed", messageOf(error));
      throw error;
    } finally {
      this.#listener.onSettled(slot);
    }
  }

  async #open(model: Model): Promise<Loaded> {
    this.#listener.onLoad(model, false);
    const makeRoom = (): Promise<void> => this.#listener.makeRoom();
    const { session, alphabet, fileBytes } = await loadModel(model, this.#loader, makeRoom);
    const growth = session.memory().wasmBytes;
    const guess = session.backend === "wasm" ? estimateFromFile(fileBytes, "wasm") : 0;
    const expected = this.#peaks.of(model.id)?.wasmBytes ?? guess;
    const wasmBytes = this.#heap.taken(expected, growth, this.wasmHeld);
    for (const { cost } of this.#slots.values()) cost.lost(wasmBytes - growth);
    if (session.backend === "wasm") {
      const { cost } = this.slotOf(model);
      session.onRun = (run) => cost.ran(run, Math.max(0, this.wasmShared - run.heapGrowth));
    }
    this.#listener.onLoad(model, true);
    return { session, alphabet, wasmBytes };
  }

  async #release(slot: ModelSlot, { session }: Loaded, reason: string): Promise<number> {
    const { gpuBytes, wasmBytes } = slot.held;
    this.measure(slot);
    try {
      await session.release();
      slot.clear("unloaded", reason);
      return gpuBytes - session.memory().gpuBytes + wasmBytes;
    } catch (error) {
      slot.clear("failed", `not released: ${messageOf(error)}`);
      throw error;
    } finally {
      this.#listener.onSettled(slot);
    }
  }
}

/** Waits for all, also when one fails, and then fails with the first error. */
export async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
