import { GlyphpoolError } from "../errors.ts";
import type { ModelSlot } from "./model-slot.ts";
import { chooseVictims } from "./victims.ts";

interface Shortage {
  readonly id: string;
  /** All in bytes. */
  readonly need: number;
  readonly used: number;
  readonly budget: number;
}

/** The refusal of a load or a run for which nothing was allocated. */
function memoryExhausted({ id, need, used, budget }: Shortage, what = ""): GlyphpoolError {
  const why =
    need > budget
      ? "it can never fit"
      : "nothing else can be unloaded or will be given back while it waits";
  return new GlyphpoolError(
    "MEMORY_EXHAUSTED",
    `${id} needs about ${megabytes(need)}${what}; ${megabytes(used)} of the memory budget of ` +
      `${megabytes(budget)} are in use, and ${why}. Raise the budget or use smaller models.`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Whether a load fits the budget, asked before anything is allocated for it. */

export class Preflight {
  /** Bytes; Infinity: no limit. */
  budget: number;
  readonly #slots: ReadonlyMap<string, ModelSlot>;
  readonly #otherBytes: () => number;
  readonly #unload: (slot: ModelSlot, reason: string) => void;

  constructor(
    budget: number,
    slots: ReadonlyMap<string, ModelSlot>,
    otherBytes: () => number,
    unload: (slot: ModelSlot, reason: string) => void,
  ) {
    this.budget = budget;
    this.#slots = slots;
    this.#otherBytes = otherBytes;
    this.#unload = unload;
  }

  /**
   * GPU and wasm bytes in use or set aside. Shared bytes of the wasm heap are not part of it: the next
   * load uses them again before the heap grows.
   */
  get used(): number {
    return sumBytes(this.#slots.values()) + this.#otherBytes();
  }

  /**
   * Whether `need` bytes fit now. When they do not, idle models are unloaded if that makes them fit,
   * and none of them in vain.
   *
   * @param free bytes that can be had without taking any from the system
   */
  fits(id: string, need: number, free: number): boolean {
    if (this.budget === Infinity || need <= free) return true;
    const short = this.used + need - this.budget;
    if (short <= 0) return true;
    this.#free(short, `evicted for ${id}`, false);
    return false;
  }

  /** Unloads idle models while the budget is exceeded: a model can turn out larger than estimated. */
  keep(): void {
    if (this.budget === Infinity) return;
    this.#free(this.used - this.budget, "evicted for the memory budget", true);
  }

  refusal(id: string, need: number): GlyphpoolError {
    return memoryExhausted({ id, need, used: this.used, budget: this.budget });
  }

  runRefusal(id: string, need: number): GlyphpoolError {
    const { used, budget } = this;
    return memoryExhausted({ id, need, used, budget }, " for a run on the smallest input");
  }

  /** GPU bytes in use. */
  get gpuBytes(): number {
    let sum = this.#otherBytes();
    for (const { held } of this.#slots.values()) sum += held.gpuBytes;
    return sum;
  }

  /** @param partly whether to unload also when that frees less than `bytes` */
  #free(bytes: number, reason: string, partly: boolean): void {
    const slots = [...this.#slots.values()];
    const coming = sumBytes(slots.filter(({ state }) => state === "unloading"));
    const victims = chooseVictims(
      slots.filter(({ idle }) => idle),
      bytes - coming,
    );
    if (!partly && sumBytes(victims) + coming < bytes) return;
    for (const slot of victims) this.#unload(slot, reason);
  }
}

function sumBytes(slots: Iterable<ModelSlot>): number {
  let sum = 0;
  for (const { bytes } of slots) sum += bytes;
  return sum;
}
