/** Text recognition: line crops in, characters out. */
import type { RecognitionModel, RecognitionParams } from "../catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import { CTC_HEAD, ctcOutputs } from "../gpu/ctc-head.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { resizeToPlanes } from "../image/pixels/resize.ts";
import { warpQuad } from "../image/pixels/warp.ts";
import type { ModelLease } from "../models/lease.ts";
import { faintSpaceClass } from "../models/recogniser.ts";
import type { Quad, RgbaImage } from "../types.ts";
import { type Batch, bucketWidth, halve, MAX_BATCH_WIDTH, planBatches } from "./batches.ts";
import {
  bestClasses,
  type CtcSteps,
  type CtcSymbol,
  decodeCtc,
  sliceSteps,
  type SpaceRule,
} from "./ctc.ts";
import { quadSize } from "./geometry.ts";
import { spaceRuleFor } from "./spaces.ts";
import { cutCrops, joinPieces, type Recognition } from "./long-lines.ts";

interface BatchOutput {
  /** Of all lines, one after the other: `[N, T]`. */
  readonly steps: CtcSteps;
  /** T */
  readonly stepsPerLine: number;
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

/**
 * Reads line crops.
 *
 * Network input `[N, 3, height, W]`, zero-padded on the right; output `[N, T, classes]` softmax, or what
 * decoding needs of it where the graph has a head for that (`gpu/ctc-head`).
 *
 * @param crops corners clockwise from the top-left of the text
 * @param onBatch called with the number of lines done after each batch; may throw to stop
 * @param maxBatchWidth bound for N × W that saves memory
 * @returns one entry per crop, in the same order
 */
export async function recognizeLines(
  image: RgbaImage,
  crops: readonly Quad[],
  lease: ModelLease<RecognitionModel>,
  onBatch?: (done: number) => void,
  maxBatchWidth: number = MAX_BATCH_WIDTH,
): Promise<Recognition[]> {
  const { params } = lease.model;
  const pieces = cutCrops(crops, params);
  const quads = pieces.map(({ quad }) => quad);
  const widths = quads.map((quad) => contentWidth(quad, params));
  const results: Recognition[] = new Array(quads.length);
  const crowd = quads.length / Math.max(1, crops.length);
  let done = 0;
  const { backend } = lease.session;
  const widest = Math.max(
    0,
    ...widths.map((width) => bucketWidth(width, params.maxWidth, backend)),
  );
  const wanted = Math.max(widest, maxBatchWidth) * params.height;
  const room = (await lease.fitRun?.(wanted, widest * params.height)) ?? wanted;
  const batchWidth = Math.min(maxBatchWidth, Math.floor(room / params.height));
  const queue = planBatches(widths, params.maxWidth, backend, batchWidth);
  for (let batch = queue.shift(); batch; batch = queue.shift()) {
    const input = batchInput(image, quads, widths, batch, params);
    const { items, width } = batch;
    let read: BatchOutput;
    try {
      read = await runBatch(lease, input, batch);
    } catch (error) {
      const halves = items.length > 1 && isOutOfMemory(error) ? halve(batch) : [];
      if (halves.length === 0) throw error;
      queue.unshift(...halves);
      continue;
    }
    items.forEach((index, row) => {
      const { steps, stepsPerLine } = read;
      const used = Math.ceil((stepsPerLine * (widths[index] as number)) / width);
      const start = row * stepsPerLine;
      const own = sliceSteps(steps, start, start + used);
      const decode = (rule?: SpaceRule): CtcSymbol[] =>
        decodeCtc(own, lease.alphabet, params.blank, rule);
      const { faintSpace } = params;
      results[index] = {
        symbols: decode(faintSpace && spaceRuleFor(faintSpace, decode())),
        stepWidth: width / (stepsPerLine * (widths[index] as number)),
      };
    });
    done += items.length;
    onBatch?.(Math.floor(done / crowd));
  }
  return joinPieces(crops, pieces, results);
}

function batchInput(
  image: RgbaImage,
  crops: readonly Quad[],
  widths: readonly number[],
  { items, width }: Batch,
  params: RecognitionParams,
): Float32Array {
  const rowLength = 3 * params.height * width;
  const input = new Float32Array(items.length * rowLength);
  items.forEach((index, row) => {
    const plane = input.subarray(row * rowLength, (row + 1) * rowLength);
    cropToPlanes(image, crops[index] as Quad, widths[index] as number, width, params, plane);
  });
  return input;
}

function isOutOfMemory(error: unknown): boolean {
  return GlyphpoolError.is(error) && error.code === "GPU_OUT_OF_MEMORY";
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
): Promise<BatchOutput> {
  const { session, model, alphabet } = lease;
  const count = batch.items.length;
  const dims = [count, 3, model.params.height, batch.width];
  const feeds = { [session.inputNames[0] as string]: { data: input, dims } };
  const head = ctcOutputs(session.outputNames);
  const wanted = head.length > 0 ? head : session.outputNames.slice(0, 1);
  const outputs = await session.run(feeds, wanted);
  const softmax = outputs[session.outputNames[0] as string];
  const shape = head.length > 0 ? [...(outputs[CTC_HEAD.shape]?.data ?? [])] : softmax?.dims;
  const [n, stepsPerLine, classes] = shape ?? [];
  if (n !== count || stepsPerLine === undefined || classes !== alphabet.length) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `${model.id} and its dictionary do not fit: the model returned [${shape?.join(", ") ?? ""}], the dictionary has ${alphabet.length} classes.`,
    );
  }
  if (softmax) {
    const space = faintSpaceClass(model.params, alphabet);
    return { steps: bestClasses(softmax.data, classes, space), stepsPerLine };
  }
  return { steps: headSteps(outputs), stepsPerLine };
}

function headSteps(outputs: Readonly<Record<string, Tensor>>): CtcSteps {
  const { best, probability, space } = CTC_HEAD;
  return {
    best: (outputs[best] as Tensor).data,
    probability: (outputs[probability] as Tensor).data,
    space: outputs[space]?.data,
  };
}
