/** What the runs of one model take in the wasm heap, so that a run's cost is known before it begins. */
import type { ModelRole } from "../catalog/manifest/manifest.ts";
import type { RunUsage } from "../gpu/session.ts";

/**
 * Bytes of activations for each pixel of the input (N × H × W), until the model's own are known. Measured on wasm:
 * detectors of PP-OCRv3 to v6 94 to 152 and 193 with int8 weights; recognisers 107 to 200, beside what their load left
 * free.
 */
const BYTES_PER_PIXEL = { detection: 160, others: 250 } as const;

/** The part of the heap's free bytes that a run can use: they do not lie in one piece. */
const USABLE = 0.9;

export class RunCost {
  readonly #guess: number;
  /** Bounds of the model's true figure, from runs that made the heap grow. */
  #least = 0;
  #most = Number.POSITIVE_INFINITY;
  /** Pixels of the largest run for which the heap is known to be large enough. */
  #fitting = 0;

  constructor(role: ModelRole) {
    this.#guess = role === "detection" ? BYTES_PER_PIXEL.detection : BYTES_PER_PIXEL.others;
  }

  get bytesPerPixel(): number {
    return Math.max(this.#least, Math.min(this.#guess, this.#most));
  }

  /**
   * @param free bytes of the heap that nobody uses
   * @param growth bytes by which the heap may grow
   * @returns pixels of the largest input that a run may have
   */
  room(free: number, growth: number): number {
    const grown = Math.max(0, growth) / this.bytesPerPixel;
    return Math.floor(grown + Math.max(this.#fitting, (free * USABLE) / this.bytesPerPixel));
  }

  /** @param free bytes of the heap that nobody used before the run */
  ran({ pixels, heapGrowth }: RunUsage, free: number): void {
    if (pixels <= 0) return;
    this.#fitting = Math.max(this.#fitting, pixels);
    if (heapGrowth <= 0) return;
    this.#least = Math.max(this.#least, heapGrowth / pixels);
    this.#most = Math.min(this.#most, (heapGrowth + free) / pixels);
  }

  /** A model was loaded into bytes that were free. */
  lost(bytes: number): void {
    this.#fitting = Math.max(0, this.#fitting - bytes / this.bytesPerPixel);
  }
}
