/**
 * Makes the release of a session free its bytes. Where another session lives on the same device, the
 * runtime only marks the buffers of a released one, and frees what is marked when the next session
 * uploads the weights of a convolution. So such a session is made, of 150 bytes, and thrown away. One
 * device for each session would free at once too, but compiles the shaders that models share again
 * for each of them, and again after each load.
 */
import { GlyphpoolError } from "../errors.ts";
import type { GpuDevice } from "./device.ts";
import { encodeModel } from "./onnx-writer.ts";
import type { Runtime } from "./runtime.ts";
import { sessionOptions } from "./session-options.ts";

/** Owner of the few bytes that the reclaiming itself leaves until the next one. */
const HOUSEKEEPING = "housekeeping";

/**
 * Frees what a released session left behind and checks that nothing is left. The caller holds the
 * runtime's lock.
 *
 * @throws GlyphpoolError `INTERNAL` when the device still holds bytes of that owner
 */
export async function reclaim(runtime: Runtime, device: GpuDevice, owner: string): Promise<void> {
  const { ledger } = device;
  device.flush();
  if (ledger.of(owner).used > 0) await trim(runtime, device);
  const { used } = ledger.of(owner);
  if (used > 0) {
    // The name stays claimed: a later session of that name must not inherit these bytes.
    throw new GlyphpoolError(
      "INTERNAL",
      `${owner} was released, but ${used} bytes stay on the GPU.`,
    );
  }
  ledger.unclaim(owner);
}

/**
 * Frees everything on the device that no living session needs, down to the buffers of the last run.
 * The caller holds the runtime's lock. Failures are not told: the ledger says what was achieved.
 */
export async function trim(runtime: Runtime, device: GpuDevice): Promise<void> {
  const work = async (): Promise<void> => {
    const session = await runtime.ort.InferenceSession.create(
      convolution(),
      sessionOptions(device),
    );
    await session.release();
  };
  try {
    await device.guard(() => device.ledger.attribute(HOUSEKEEPING, work));
  } catch {
    // A full or lost device: a release must not fail for that.
  }
  device.flush();
}

function convolution(): Uint8Array {
  const dims = [1, 1, 1, 1];
  return encodeModel({
    input: { name: "x", dims },
    output: { name: "y", dims },
    weights: [{ name: "w", dims, data: Float32Array.of(1) }],
    nodes: [{ op: "Conv", inputs: ["x", "w"], output: "y", attributes: { kernel_shape: [1, 1] } }],
  });
}
