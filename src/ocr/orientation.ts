/** 180° line orientation: which crops stand on their heads. */
import type { OrientationModel, OrientationParams } from "../catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../errors.ts";
import { resizeToPlanes } from "../image/pixels/resize.ts";
import { warpQuad } from "../image/pixels/warp.ts";
import type { ModelLease } from "../models/lease.ts";
import type { Quad, RgbaImage } from "../types.ts";
import { quadSize } from "./geometry.ts";

/** Crops classified in one run. */
const BATCH = 8;

/**
 * Classifies line crops.
 *
 * Network input `[N, 3, height, width]`, output `[N, labels]` softmax.
 *
 * @returns for each quad whether its text is upside down
 */
export async function findUpsideDown(
  image: RgbaImage,
  quads: readonly Quad[],
  lease: ModelLease<OrientationModel>,
): Promise<boolean[]> {
  const { params, id } = lease.model;
  const { session } = lease;
  const upsideDown = params.labels.indexOf(180);
  const size = 3 * params.width * params.height;
  const results: boolean[] = [];
  for (let start = 0; start < quads.length; start += BATCH) {
    const group = quads.slice(start, start + BATCH);
    const data = new Float32Array(group.length * size);
    group.forEach((quad, i) => {
      cropToPlanes(image, quad, params, data.subarray(i * size, (i + 1) * size));
    });
    const dims = [group.length, 3, params.height, params.width];
    const outputs = await session.run({ [session.inputNames[0] as string]: { data, dims } });
    const output = outputs[session.outputNames[0] as string];
    if (output?.data.length !== group.length * params.labels.length) {
      throw new GlyphpoolError(
        "MODEL_INVALID",
        `${id} is not a classifier of ${params.labels.length} orientations: it returned [${output?.dims.join(", ") ?? ""}].`,
      );
    }
    for (let i = 0; i < group.length; i++) {
      const probability = output.data[i * params.labels.length + upsideDown] as number;
      results.push(probability >= params.threshold);
    }
  }
  return results;
}

function cropToPlanes(
  image: RgbaImage,
  quad: Quad,
  params: OrientationParams,
  target: Float32Array,
): void {
  const { width, height } = quadSize(quad);
  const scaled = Math.ceil((params.height * width) / Math.max(height, 1));
  const used = params.resize === "pad" ? Math.min(Math.max(scaled, 1), params.width) : params.width;
  const crop = warpQuad(
    image,
    quad,
    Math.max(1, Math.round(width)),
    Math.max(1, Math.round(height)),
  );
  const whole = { x: 0, y: 0, width: crop.width, height: crop.height };
  resizeToPlanes(crop, whole, used, params.height, params, target, params.width);
}
