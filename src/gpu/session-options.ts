/** How a model is handed to the runtime. */
import type { GpuDevice } from "./device.ts";
import { detachWeights } from "./external-data.ts";
import { type GraphEdits, NO_EDITS, readEdited } from "./graph/edits.ts";
import { concat } from "./protobuf.ts";
import type { Ort } from "./runtime.ts";
import { WeightsBlob } from "./weights-blob.ts";

type Options = Ort.InferenceSession.SessionOptions;

/** Under which the runtime finds the file that a graph's weights lie in. */
const WEIGHTS = "weights";

/**
 * The runtime's defaults otherwise: memory arena, memory pattern, optimisation level, prepacking and
 * spinning showed no difference on wasm that stood out from the noise.
 */
export function sessionOptions(device: GpuDevice | undefined): Options {
  // Errors only: every WebGPU session warns that shape arithmetic stays on the CPU, which is as it
  // should be.
  const logSeverityLevel = 3;
  if (!device) return { executionProviders: ["wasm"], logSeverityLevel };
  // lazyRelease keeps no buffers between runs. `bucket`, the default, keeps tens of megabytes,
  // `simple` grows with every new shape, and `disabled` destroys buffers that are still in use.
  const provider: Ort.InferenceSession.WebGpuExecutionProviderOption = {
    name: "webgpu",
    device: device.device,
    storageBufferCacheMode: "lazyRelease",
  };
  return { executionProviders: [provider], logSeverityLevel };
}

/**
 * For the GPU, weights go from the Blob to their buffers and never through the wasm heap, which would
 * keep two to three times their size for good. On wasm they have to be in that heap anyway.
 *
 * @throws GlyphpoolError `MODEL_INVALID`
 */
export async function openModel(
  model: Uint8Array | Blob,
  device: GpuDevice | undefined,
  edits: GraphEdits = NO_EDITS,
): Promise<{ bytes: Uint8Array; options: Options }> {
  const options = sessionOptions(device);
  if (!device || !(model instanceof Blob)) {
    const file = model instanceof Blob ? model : new Blob([model as Uint8Array<ArrayBuffer>]);
    return { bytes: await readEdited(file, edits), options };
  }
  const { graph, externalBytes } = await detachWeights(model, WEIGHTS, edits.changes);
  const bytes = concat([graph, edits.addition]);
  if (externalBytes === 0) return { bytes, options };
  return {
    bytes,
    options: { ...options, externalData: [{ path: WEIGHTS, data: new WeightsBlob(model) }] },
  };
}
