/** The only owner of sessions: loads each model once, lends it out, unloads it when nobody uses it. */
import type { Model } from "../catalog/manifest/manifest.ts";
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { untilAborted } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { ModelUsage } from "../memory/snapshot.ts";
import { LeaseQueue } from "./lease-queue.ts";
import type { ClaimRequest } from "./lease-queue.ts";
import { HeapAccount } from "./heap-account.ts";
import { systemTimers } from "../core/timers.ts";
import { IdleTimers } from "./idle-timer.ts";
import type { ModelLease, ModelSource } from "./lease.ts";
import type { ModelLoader } from "./load-model.ts";
import type { ManagerOptions, ManagerSettings } from "./manager-options.ts";
import { ModelTable, messageOf, settleAll } from "./model-table.ts";
import type { Claim, Loaded, ModelSlot } from "./model-slot.ts";
import { Preflight } from "./preflight.ts";
import { chooseVictims } from "./victims.ts";

ensureDisposeSymbols();

export class ModelManager implements ModelSource {
  readonly #shelf: ModelTable;
  readonly #heap: HeapAccount;
  readonly #idle: IdleTimers;
  readonly #preflight: Preflight;
  readonly #line: LeaseQueue;
  readonly #onChange: () => void;
  /** The task of claims that name none. */
  readonly #nobody = {};
  /** Counts uses, to tell which is the oldest. */
  #uses = 0;
  /** No load may begin. */
  #closed = false;

  constructor(loader: ModelLoader, options: ManagerOptions = {}) {
    const { budget = Infinity, timers = systemTimers } = options;
    const { heapBytes = () => 0, otherBytes = () => 0, onChange = () => undefined } = options;
    this.#onChange = onChange;
    this.#heap = new HeapAccount(heapBytes);
    this.#shelf = new ModelTable(loader, this.#heap, {
      onLoad: (model, done) => options.onLoad?.(model, done),
      onSettled: (slot) => this.#settled(slot),
      onLeaving: (slot) => this.#leaving(slot),
      makeRoom: async () => {
        await this.evict(Infinity).catch(() => undefined);
      },
    });
    const { slots } = this.#shelf;
    this.#idle = new IdleTimers(timers, (id) => this.#timeOut(slots.get(id)), options);
    this.#preflight = new Preflight(budget, slots, otherBytes, (slot, reason) =>
      this.#unload(slot, reason),
    );
    this.#line = new LeaseQueue({
      decide: (request, blocked) => this.#decide(request, blocked),
      hasHope: (waiting) => this.#hasHope(waiting),
      holdsLease: (task) => this.#shelf.some((slot) => slot.isHeldBy(task)),
      refusal: ({ slot, need }) => this.#preflight.refusal(slot.model.id, need),
    });
  }

  /** All models that were ever asked for, with their states. */
  get models(): ModelUsage[] {
    return this.#shelf.usage.map((usage) => {
      const idleLeft = this.#idle.left(usage.id);
      return idleLeft === undefined ? usage : { ...usage, idleLeft };
    });
  }

  /** Bytes of the wasm heap that no loaded model took: runs work in them, and unloaded models left them. */
  get wasmShared(): number {
    return this.#shelf.wasmShared;
  }

  /**
   * Claims a model, loading it when needed; concurrent claims share one load. An abort ends only the
   * wait: a load that has begun goes on, and its result stays for the next claim.
   *
   * Where the budget has no room, idle models are unloaded, and else the claim waits, first come
   * first served, for as long as a task that does not wait itself holds a model. When all that hold
   * models wait, the youngest of their claims is refused. Claims made here, not through
   * {@link forTask}, count as one task, so none of them waits for another.
   *
   * @throws GlyphpoolError `ABORTED`, `MEMORY_EXHAUSTED`, `MODEL_*`, `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`
   */
  acquire<M extends Model>(model: M, signal?: AbortSignal): Promise<ModelLease<M>> {
    return this.#acquire(model, signal, this.#nobody);
  }

  /** The same models, for one task: its claims may wait for the leases of other tasks. */
  forTask(): ModelSource {
    const task = {};
    return { acquire: (model, signal) => this.#acquire(model, signal, task) };
  }

  /**
   * Unloads the fewest idle models that hold `bytes` together, those least recently used first; all
   * idle ones when they hold less.
   *
   * @returns bytes that they held and hold no more, measured. GPU bytes are the driver's again; wasm
   *   bytes are free inside the heap, which does not shrink
   */
  async evict(bytes: number): Promise<number> {
    const reason = bytes === Infinity ? "evicted with all idle ones" : `evicted for ${bytes} bytes`;
    const victims = chooseVictims(this.#shelf.idle, bytes);
    const freed = victims.map((slot) => this.#shelf.unload(slot, reason));
    return (await settleAll(freed)).reduce((sum, part) => sum + part, 0);
  }

  /**
   * Bytes of the smallest budget that does for models that are used together, each for runs on so many pixels: what
   * they were measured to take, or are estimated to take.
   *
   * @throws GlyphpoolError `MODEL_*`
   */
  async bytesFor(models: readonly (readonly [Model, pixels: number])[]): Promise<number> {
    let bytes = 0;
    for (const [model, pixels] of models) {
      const slot = this.#shelf.slotOf(model);
      bytes += (await this.#shelf.estimate(slot)) + pixels * slot.cost.bytesPerPixel;
    }
    return Math.ceil(bytes);
  }

  configure({ budget, idleTimeout }: ManagerSettings): void {
    if (idleTimeout !== undefined) this.#idle.setTimeout(idleTimeout);
    if (budget !== undefined) this.#preflight.budget = budget;
    this.#changed();
  }

  /** Unloads every model without a lease. Models in use stay, and so do models that still load. */
  async teardown(): Promise<void> {
    await this.#shelf.unloadIdle("teardown");
  }

  /**
   * Runs `work` while no model is loaded; claims wait meanwhile.
   *
   * @returns false, without having done anything, while a model is in use or loads
   */
  async whileEmpty(reason: string, work: () => Promise<void>): Promise<boolean> {
    const inUse = this.#shelf.some(({ state, claims }) => state === "loading" || claims.size > 0);
    if (inUse || this.#closed) return false;
    this.#closed = true;
    try {
      // A session that cannot be released is a reason to go on: the model's state tells it.
      await this.#shelf.unloadIdle(reason).catch(() => undefined);
      await work();
      return true;
    } finally {
      this.#closed = false;
      this.#changed();
    }
  }

  async #acquire<M extends Model>(
    model: M,
    signal: AbortSignal | undefined,
    task: object,
  ): Promise<ModelLease<M>> {
    throwIfAborted(signal);
    const slot = this.#shelf.slotOf(model);
    const claim = slot.open ? this.#claim(slot, task) : await this.#queue(slot, task, signal);
    try {
      const { session, alphabet } = await untilAborted(claim.load, signal);
      return {
        model,
        session,
        alphabet,
        fitRun: (wanted, least) => this.#fitRun(slot, wanted, least),
        [Symbol.dispose]: () => this.#end(slot, claim),
      };
    } catch (error) {
      this.#end(slot, claim);
      throw error;
    }
  }

  /** On a GPU the ledger of the device bounds the runs. */
  async #fitRun(slot: ModelSlot, wanted: number, least: number): Promise<number> {
    const { cost, loaded, model } = slot;
    const { budget } = this.#preflight;
    if (budget === Infinity || loaded?.session.backend !== "wasm") return wanted;
    const room = (): number =>
      cost.room(this.wasmShared, budget - this.#preflight.gpuBytes - this.#heap.growth);
    while (room() < least) {
      // A little more than is missing, because free bytes do not lie in one piece.
      if ((await this.evict((least - room()) * cost.bytesPerPixel * 1.2)) === 0) break;
    }
    if (room() < least) throw this.#preflight.runRefusal(model.id, least * cost.bytesPerPixel);
    return Math.min(wanted, room());
  }

  async #queue(slot: ModelSlot, task: object, signal: AbortSignal | undefined): Promise<Claim> {
    const limited = this.#preflight.budget !== Infinity;
    const need = limited ? await this.#estimate(slot, signal) : 0;
    return await this.#line.join({ slot, need, task }, signal);
  }

  async #estimate(slot: ModelSlot, signal: AbortSignal | undefined): Promise<number> {
    try {
      return await untilAborted(this.#shelf.estimate(slot), signal);
    } catch (error) {
      const aborted = GlyphpoolError.is(error) && error.code === "ABORTED";
      if (slot.state === "unloaded" && !aborted) slot.clear("failed", messageOf(error));
      throw error;
    }
  }

  #decide({ slot, need, task }: ClaimRequest, blocked: boolean): Claim | undefined {
    if (slot.open) return this.#claim(slot, task);
    const { budget } = this.#preflight;
    // Whatever the budget is: what the heap has already costs nothing.
    const free = this.#shelf.backendOf(slot) === "wasm" ? this.wasmShared : 0;
    if (need > budget && need > free) throw this.#preflight.refusal(slot.model.id, need);
    // Without a limit nobody waits for memory, only for an unload of the same model.
    const behind = blocked && budget !== Infinity;
    if (this.#closed || slot.state === "unloading" || behind) return undefined;
    if (!this.#preflight.fits(slot.model.id, need, free)) return undefined;
    this.#shelf.load(slot, need);
    return this.#claim(slot, task);
  }

  /** Loads and unloads end by themselves, and so do the leases of tasks that are at work. */
  #hasHope(waiting: ReadonlySet<object>): boolean {
    const moving = ({ state }: ModelSlot): boolean => state === "loading" || state === "unloading";
    return (
      this.#closed ||
      this.#shelf.some(
        (slot) => moving(slot) || [...slot.claims].some(({ task }) => !waiting.has(task)),
      )
    );
  }

  #claim(slot: ModelSlot, task: object): Claim {
    const claim: Claim = { task, load: slot.load as Promise<Loaded> };
    slot.claims.add(claim);
    slot.lastUse = ++this.#uses;
    this.#idle.stop(slot.model.id);
    this.#onChange();
    return claim;
  }

  #end(slot: ModelSlot, claim: Claim): void {
    if (!slot.claims.delete(claim)) return;
    slot.lastUse = ++this.#uses;
    this.#settled(slot);
  }

  /** Memory or leases are not what they were: others may have to go, or may come. */
  #settled(slot: ModelSlot): void {
    if (slot.idle) {
      this.#shelf.measure(slot);
      this.#idle.start(slot.model.id);
    }
    this.#changed();
  }

  #leaving(slot: ModelSlot): void {
    this.#idle.stop(slot.model.id);
    this.#onChange();
  }

  #changed(): void {
    this.#preflight.keep();
    this.#line.advance();
    this.#onChange();
  }

  #timeOut(slot: ModelSlot | undefined): void {
    if (slot?.idle) this.#unload(slot, "idle timeout");
  }

  /** Nobody waits for this unload; when it fails the model's state tells why. */
  #unload(slot: ModelSlot, reason: string): void {
    this.#shelf.unload(slot, reason).catch(() => undefined);
  }
}
