import type { AdapterInfo } from "../options/backend.ts";
import { Breaker } from "../core/breaker.ts";
import { GlyphpoolError } from "../errors.ts";
import { GpuLedger } from "./ledger.ts";

/** Faults of GPU drivers that we can work around because the device is ours. */

/** The expression that sets the number of tiles in onnxruntime's matrix products and convolutions. */
const TILES = "let num_tiles = (uniforms.dim_inner - 1) / tileInner + 1;";
const TILES_HIDDEN = TILES.replace(";", " + (num_workgroups[0] >> 31u);");

/**
 * Mesa's lavapipe (seen in 22.3, gone in 25.0) compiles a large shader anew at every dispatch when a
 * loop's end comes from a uniform alone, and never gives the code back: 0.7 MB for each convolution. A
 * term that is always 0 but comes from elsewhere keeps it from doing so.
 *
 * @param description the adapter's
 */
function avoidRecompilation(device: GPUDevice, description: string): void {
  if (!description.startsWith("llvmpipe")) return;
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) =>
    create({ ...descriptor, code: hideTileCount(descriptor.code) });
}

/** The same shader, whose number of tiles no driver takes for a uniform's value. */
export function hideTileCount(code: string): string {
  return code.includes("num_workgroups") ? code.replace(TILES, TILES_HIDDEN) : code;
}

/** Owner of our GPUDevice: requests it, watches it, destroys it. onnxruntime only borrows it. */

const SOFTWARE_NAMES = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** onnxruntime emits subgroup and f16 code only where the device was requested with them. */
const FEATURES = ["shader-f16", "subgroups", "subgroup-size-control"] as const;

/** Limits that onnxruntime sizes its shaders and buffers by; the defaults are too small for big pages. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** Returns the adapter, or nothing where WebGPU is absent or blocked. */
export async function requestAdapter(): Promise<GPUAdapter | undefined> {
  // In a worker without WebGPU `navigator.gpu` is undefined, whatever the types say.
  const gpu = navigator.gpu as GPU | undefined;
  try {
    return (await gpu?.requestAdapter({ powerPreference: "high-performance" })) ?? undefined;
  } catch {
    return undefined;
  }
}

export function describeAdapter(adapter: GPUAdapter): AdapterInfo {
  const { vendor, architecture, description } = adapter.info;
  // Chromium of 2024 had the flag on the adapter; newer ones and Deno have it in the info.
  const flags = [adapter.info, adapter] as { isFallbackAdapter?: boolean }[];
  return {
    vendor,
    architecture,
    description,
    software:
      flags.some((holder) => holder.isFallbackAdapter === true) ||
      SOFTWARE_NAMES.test(`${architecture} ${description}`),
    f16: adapter.features.has("shader-f16"),
    maxBufferSize: adapter.limits.maxBufferSize,
  };
}

export class GpuDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterInfo;
  /** Counts what the device holds, by owner. */
  readonly ledger: GpuLedger;
  readonly #lost = new Breaker();
  /** An out-of-memory error that arrived outside of any guard; the next guard reports it. */
  #lateError: GPUError | undefined;

  private constructor(device: GPUDevice, adapter: AdapterInfo) {
    this.device = device;
    this.adapter = adapter;
    this.ledger = new GpuLedger(device);
    void this.#watch();
    device.addEventListener("uncapturederror", (event) => {
      if (isOutOfMemory(event.error)) this.#lateError = event.error;
    });
  }

  /** @throws GlyphpoolError `BACKEND_UNAVAILABLE` when the adapter gives no device */
  static async open(adapter: GPUAdapter): Promise<GpuDevice> {
    const requiredLimits: Record<string, number> = {};
    for (const name of LIMITS) {
      const limit = adapter.limits[name];
      if (limit !== undefined) requiredLimits[name] = limit;
    }
    const requiredFeatures = FEATURES.filter((name) =>
      adapter.features.has(name as GPUFeatureName),
    ) as GPUFeatureName[];
    try {
      const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
      const info = describeAdapter(adapter);
      avoidRecompilation(device, info.description);
      return new GpuDevice(device, info);
    } catch (cause) {
      const message = `The WebGPU adapter gave no device: ${String(cause)}`;
      throw new GlyphpoolError("BACKEND_UNAVAILABLE", message, { cause });
    }
  }

  /**
   * Runs GPU work and fails when the GPU did, even where the work itself claims success: an
   * out-of-memory while weights are uploaded shows only in the error scopes, and work on a lost
   * device may never settle.
   *
   * @throws GlyphpoolError `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`, or whatever the work throws
   */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#lost.error) throw this.#lost.error;
    this.device.pushErrorScope("validation");
    this.device.pushErrorScope("out-of-memory");
    const [result] = await this.#lost.guard(Promise.allSettled([work()]));
    const errors = await this.#lost.guard(
      Promise.all([this.#popErrorScope(), this.#popErrorScope()]),
    );
    const outOfMemory = [this.#lateError, ...errors].find(isOutOfMemory);
    this.#lateError = undefined;
    const refusal = this.ledger.takeRefusal() ?? outOfMemory?.message;
    if (refusal !== undefined) {
      const message = `The GPU has not enough free memory: ${refusal}`;
      throw new GlyphpoolError("GPU_OUT_OF_MEMORY", message, { cause: outOfMemory });
    }
    if (result.status === "rejected") throw result.reason;
    const invalid = errors.find((error) => error);
    if (invalid) throw new GlyphpoolError("INFERENCE_FAILED", invalid.message, { cause: invalid });
    return result.value;
  }

  /** Destroyed buffers go back to the system only with the next submit. */
  flush(): void {
    if (!this.#lost.error) this.device.queue.submit([]);
  }

  /** Gives everything on the device back at once. Sessions on it can only be released afterwards. */
  destroy(): void {
    this.device.destroy();
  }

  /**
   * Destroys this device and opens another. In browsers all its memory goes back, that of compiled
   * pipelines included. In Deno its buffers and staging memory go, but the runtime holds on to the
   * pipelines for as long as the worker lives, and compiles them anew for the next device: there this
   * costs memory as soon as models are loaded again, and a new worker is the better way.
   *
   * Release every session first. One that lives on must not be run any more: in Deno a run on a lost
   * device corrupts the runtime.
   *
   * @returns the new device, with the same budget
   * @throws GlyphpoolError `BACKEND_UNAVAILABLE`; this device is gone all the same
   */
  async reopen(request: typeof requestAdapter = requestAdapter): Promise<GpuDevice> {
    this.destroy();
    await this.device.lost;
    // An adapter gives one device only.
    const adapter = await request();
    if (!adapter) {
      const message = "WebGPU has no adapter any more.";
      throw new GlyphpoolError("BACKEND_UNAVAILABLE", message);
    }
    const device = await GpuDevice.open(adapter);
    device.ledger.budget = this.ledger.budget;
    return device;
  }

  async #watch(): Promise<void> {
    const { message, reason } = await this.device.lost;
    const text = `The GPU device was lost: ${message || reason || "unknown reason"}`;
    this.#lost.trip(new GlyphpoolError("DEVICE_LOST", text));
  }

  async #popErrorScope(): Promise<GPUError | null> {
    try {
      return await this.device.popErrorScope();
    } catch {
      // The stack is empty or the device is gone; the latter is reported through `lost`.
      return null;
    }
  }
}

function isOutOfMemory(error: GPUError | null | undefined): error is GPUError {
  return error?.constructor.name === "GPUOutOfMemoryError";
}
