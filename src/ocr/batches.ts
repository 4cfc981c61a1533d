/** Which line crops go through the recogniser together, and at which width. */

/**
 * Input widths on WebGPU, where every new shape costs shader compiles and cached buffers: a fixed set.
 * Padding is compute that the network really does, so no step is larger than a quarter.
 */
const WIDTHS: readonly number[] = [
  48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536,
  1792, 2048, 2560, 3200,
];

/** Step of the widths on wasm, where a new shape costs nothing: two of the network's time steps. */
const WASM_STEP = 16;

/** Largest sum of widths in one batch: bounds the activations (about 20 MB for the tiny model). */
export const MAX_BATCH_WIDTH: number = 2560;

/** What a run costs beyond its crops, in columns. */
const RUN_COST = 8;

/** Crops that go through the network together. */
export interface Batch {
  readonly width: number;
  readonly items: number[];
}

/** The width at which a crop of `content` pixels goes through the network. */
export function bucketWidth(content: number, maxWidth: number, backend: "webgpu" | "wasm"): number {
  const width =
    backend === "wasm"
      ? Math.ceil(content / WASM_STEP) * WASM_STEP
      : (WIDTHS.find((w) => w >= content) ?? maxWidth);
  return Math.min(Math.max(width, WIDTHS[0] as number), maxWidth);
}

/**
 * Groups crops of like width so that the network's time is least. Every index appears exactly once.
 *
 * The best split of the crops, sorted by width, by dynamic programming. On WebGPU only crops of one
 * bucket share a batch.
 */
export function planBatches(
  widths: readonly number[],
  maxWidth: number,
  backend: "webgpu" | "wasm",
  maxBatchWidth: number = MAX_BATCH_WIDTH,
): Batch[] {
  const order = widths
    .map((_, i) => i)
    .sort((a, b) => (widths[a] as number) - (widths[b] as number) || a - b);
  const buckets = order.map((index) => bucketWidth(widths[index] as number, maxWidth, backend));
  // least[end]: columns that the first `end` crops cost at best; from[end]: where their last batch starts.
  const least = [0];
  const from = [0];
  for (let end = 1; end <= order.length; end++) {
    const width = buckets[end - 1] as number;
    least[end] = Number.POSITIVE_INFINITY;
    for (let start = end - 1; start >= 0; start--) {
      const count = end - start;
      const apart = backend === "webgpu" && buckets[start] !== width;
      if (count > 1 && (apart || count * width > maxBatchWidth)) break;
      const cost = (least[start] as number) + RUN_COST + width * (count + oddCost(count, backend));
      if (cost >= (least[end] as number)) continue;
      least[end] = cost;
      from[end] = start;
    }
  }
  const batches: Batch[] = [];
  for (let end = order.length; end > 0; end = from[end] as number) {
    const items = order.slice(from[end], end);
    batches.unshift({ width: buckets[end - 1] as number, items });
  }
  return batches;
}

/** What an odd batch costs beyond its crops: wasm threads share a convolution crop by crop. */
function oddCost(count: number, backend: "webgpu" | "wasm"): number {
  if (backend === "webgpu" || count % 2 === 0) return 0;
  return count === 1 ? 0.15 : 0.45;
}

/** Half a batch needs half the activations. */
export function halve({ width, items }: Batch): Batch[] {
  const middle = Math.ceil(items.length / 2);
  return [
    { width, items: items.slice(0, middle) },
    { width, items: items.slice(middle) },
  ];
}
