/** Text recognition: line crops in, characters out. */
import type { RecognitionModel, RecognitionParams } from "../catalog/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import { resizeToPlanes } from "../image/resize.ts";
import { warpQuad } from "../image/warp.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Quad, RgbaImage } from "../types.ts";
import { type CtcSymbol, decodeCtc, type SpaceRule } from "./ctc.ts";
import { growQuad, quadSize } from "./geometry.ts";

/** What was read of one crop. */
export interface Recognition {
  readonly symbols: readonly CtcSymbol[];
  /** Width of a time step as a fraction of the crop's width. */
  readonly stepWidth: number;
}

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
const MAX_BATCH_WIDTH = 2560;

/** What a run costs beyond its crops, in columns. */
const RUN_COST = 8;

/** Crops that go through the network together. */
interface Batch {
  readonly width: number;
  readonly items: number[];
}

/** Width of a crop at the network's height, before padding. */
export function contentWidth(
  quad: Quad,
  params: Pick<RecognitionParams, "height" | "maxWidth">,
): number {
  const { width, height } = quadSize(quad);
  const scaled = Math.ceil((params.height * width) / Math.max(height, 1));
  return Math.min(Math.max(scaled, 1), params.maxWidth);
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

/**
 * Reads line crops.
 *
 * Network input `[N, 3, height, W]`, zero-padded on the right; output `[N, T, classes]` softmax.
 *
 * @param crops corners clockwise from the top-left of the text
 * @param onBatch called with the number of lines done after each batch; may throw to stop
 * @returns one entry per crop, in the same order
 */
export async function recognizeLines(
  image: RgbaImage,
  crops: readonly Quad[],
  lease: ModelLease<RecognitionModel>,
  onBatch?: (done: number) => void,
): Promise<Recognition[]> {
  const { params } = lease.model;
  const widths = crops.map((quad) => contentWidth(quad, params));
  const results: Recognition[] = new Array(crops.length);
  let done = 0;
  for (const batch of planBatches(widths, params.maxWidth, lease.session.backend)) {
    const rowLength = 3 * params.height * batch.width;
    const input = new Float32Array(batch.items.length * rowLength);
    batch.items.forEach((index, row) => {
      const plane = input.subarray(row * rowLength, (row + 1) * rowLength);
      cropToPlanes(
        image,
        crops[index] as Quad,
        widths[index] as number,
        batch.width,
        params,
        plane,
      );
    });
    const read = await runBatch(lease, input, batch);
    batch.items.forEach((index, row) => {
      const { probabilities, steps, classes } = read;
      const size = steps * classes;
      const used = Math.ceil((steps * (widths[index] as number)) / batch.width);
      results[index] = {
        symbols: decodeCtc(
          probabilities.subarray(row * size, (row + 1) * size),
          used,
          lease.alphabet,
          params.blank,
          spaceRule(lease),
        ),
        stepWidth: batch.width / (steps * (widths[index] as number)),
      };
    });
    done += batch.items.length;
    onBatch?.(done);
  }
  return results;
}

/** The part of the page that the network sees for a detected box. */
export function cropQuad(quad: Quad, { cropMargin }: RecognitionParams): Quad {
  if (cropMargin === undefined) return quad;
  const { height } = quadSize(quad);
  return growQuad(quad, cropMargin.along * height, cropMargin.across * height);
}

function spaceRule({ model, alphabet }: ModelLease<RecognitionModel>): SpaceRule | undefined {
  const index = alphabet.lastIndexOf(" ");
  const { faintSpace } = model.params;
  return faintSpace === undefined || index < 0 ? undefined : { index, ...faintSpace };
}

function cropToPlanes(
  image: RgbaImage,
  quad: Quad,
  width: number,
  stride: number,
  params: RecognitionParams,
  target: Float32Array,
): void {
  const size = quadSize(quad);
  const cropHeight = Math.max(1, Math.round(size.height));
  // Small text is enlarged by the warp itself; large text is cut out at its own size first, since the
  // warp samples points and would skip pixels. The reference enlarges in two steps, cubic and then
  // linear: on small print (12 px high) that read two words in a hundred worse than one linear step.
  const direct = cropHeight <= params.height;
  const crop = direct
    ? warpQuad(image, quad, width, params.height)
    : warpQuad(image, quad, Math.max(1, Math.round(size.width)), cropHeight);
  resizeToPlanes(
    crop,
    { x: 0, y: 0, width: crop.width, height: crop.height },
    width,
    params.height,
    params,
    target,
    stride,
  );
}

async function runBatch(
  lease: ModelLease<RecognitionModel>,
  input: Float32Array,
  batch: Batch,
): Promise<{ probabilities: Float32Array; steps: number; classes: number }> {
  const { session, model, alphabet } = lease;
  const count = batch.items.length;
  const dims = [count, 3, model.params.height, batch.width];
  const outputs = await session.run({ [session.inputNames[0] as string]: { data: input, dims } });
  const output = outputs[session.outputNames[0] as string];
  const [n, steps, classes] = output?.dims ?? [];
  if (output === undefined || n !== count || steps === undefined || classes !== alphabet.length) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${model.id} and its dictionary do not fit: the model returned [${output?.dims.join(", ") ?? ""}], the dictionary has ${alphabet.length} classes.`,
    );
  }
  return { probabilities: output.data, steps, classes };
}
