/**
 * Keeps what the runtime has compiled for a device. It drops all of its pipelines with the last session
 * on the device and compiles them anew for the next one, and the browser does not give the old ones back
 * before the device ends: with SwiftShader in Chromium 28 MB for each load of three models that were all
 * unloaded before. So a session without weights, which holds nothing on the GPU, stays.
 */
import type { GpuDevice } from "./device.ts";
import { encodeModel } from "./onnx-writer.ts";
import type { Ort, Runtime } from "./runtime.ts";
import { sessionOptions } from "./session-options.ts";

const keepers = new WeakMap<GpuDevice, Ort.InferenceSession>();

/** Makes sure that the device has a session that stays. The caller holds the runtime's lock. */
export async function keepPipelines(runtime: Runtime, device: GpuDevice): Promise<void> {
  if (keepers.has(device)) return;
  const session = await runtime.ort.InferenceSession.create(identity(), sessionOptions(device));
  keepers.set(device, session);
}

/** Lets the runtime forget the device, which is about to end. The caller holds the runtime's lock. */
export async function dropPipelines(device: GpuDevice): Promise<void> {
  const session = keepers.get(device);
  keepers.delete(device);
  await session?.release();
}

function identity(): Uint8Array {
  const dims = [1];
  return encodeModel({
    input: { name: "x", dims },
    output: { name: "y", dims },
    weights: [],
    nodes: [{ op: "Relu", inputs: ["x"], output: "y" }],
  });
}
