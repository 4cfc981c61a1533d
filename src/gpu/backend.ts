/** Decides where inference runs, and says why. */
import { GlyphpoolError } from "../errors.ts";
import type { Backend } from "../types.ts";
import { describeAdapter, GpuDevice, requestAdapter } from "./device.ts";
import type { AdapterInfo } from "../options/backend.ts";
import { findDisagreement } from "./parity.ts";
import type { Runtime } from "./runtime.ts";

export interface BackendChoice {
  readonly backend: "webgpu" | "wasm";
  /** One sentence for people. */
  readonly reason: string;
  /** The adapter that was found, used or not. */
  readonly adapter?: AdapterInfo;
  /** Present for WebGPU; belongs to the caller. */
  readonly device?: GpuDevice;
}

/** What the decision needs of the outside; tests replace it. */
export interface BackendProbes {
  requestAdapter(): Promise<GPUAdapter | undefined>;
  openDevice(adapter: GPUAdapter): Promise<GpuDevice>;
  findDisagreement(runtime: Runtime, device: GpuDevice): Promise<string | undefined>;
}

const PROBES: BackendProbes = {
  requestAdapter,
  openDevice: (adapter) => GpuDevice.open(adapter),
  findDisagreement,
};

/**
 * `auto` takes WebGPU where it is real hardware and computes what wasm computes. `webgpu` takes any
 * adapter as it is, software ones too, without the self-test: the caller has decided.
 *
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE` for `webgpu` without an adapter or a device
 */
export async function chooseBackend(
  wanted: Backend,
  runtime: Runtime,
  probes: BackendProbes = PROBES,
): Promise<BackendChoice> {
  if (wanted === "wasm") return { backend: "wasm", reason: "wasm was asked for" };
  const gpuAdapter = await probes.requestAdapter();
  if (!gpuAdapter) {
    const reason = navigator.gpu
      ? "WebGPU found no adapter (blocked, disabled or without a driver)"
      : "this platform has no WebGPU";
    if (wanted === "auto") return { backend: "wasm", reason };
    throw new GlyphpoolError(
      "BACKEND_UNAVAILABLE",
      `backend: "webgpu" is not possible: ${reason}.`,
    );
  }
  const adapter = describeAdapter(gpuAdapter);
  if (wanted === "webgpu") {
    const device = await probes.openDevice(gpuAdapter);
    return { backend: "webgpu", reason: "webgpu was asked for", adapter, device };
  }
  if (adapter.software) {
    const name = adapter.description || adapter.architecture || adapter.vendor;
    const reason = `the WebGPU adapter (${name}) is emulated on the CPU, where wasm is faster`;
    return { backend: "wasm", reason, adapter };
  }
  let device: GpuDevice;
  try {
    device = await probes.openDevice(gpuAdapter);
  } catch (error) {
    return { backend: "wasm", reason: (error as Error).message, adapter };
  }
  const disagreement = await probes.findDisagreement(runtime, device);
  if (disagreement === undefined) {
    return {
      backend: "webgpu",
      reason: "a hardware adapter that agrees with wasm",
      adapter,
      device,
    };
  }
  device.destroy();
  const reason = `the WebGPU self-test failed on this adapter: ${disagreement}`;
  return { backend: "wasm", reason, adapter };
}
