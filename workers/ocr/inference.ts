/** What a worker computes with: the runtime, the device, and the models on them. */
import type { Model } from "../../src/catalog/manifest/manifest.ts";
import { chooseVariant } from "../../src/catalog/manifest/variant.ts";
import type { BackendChoice } from "../../src/gpu/backend.ts";
import type { GpuDevice } from "../../src/gpu/device.ts";
import { estimateDriverOverhead, estimatePeakOverhead } from "../../src/gpu/overhead.ts";
import { trim } from "../../src/gpu/reclaim.ts";
import type { Runtime } from "../../src/gpu/runtime.ts";
import { createSession } from "../../src/gpu/session.ts";
import type { WorkerMemory } from "../../src/memory/snapshot.ts";
import type { ModelLoader } from "../../src/models/load-model.ts";
import type { ManagerOptions, ManagerSettings } from "../../src/models/manager-options.ts";
import { ModelManager } from "../../src/models/model-manager.ts";
import { DeviceRenewal } from "./device-renewal.ts";

export interface InferenceOptions extends Pick<
  ManagerOptions,
  "budget" | "idleTimeout" | "idleTimeouts" | "onLoad" | "onChange"
> {
  readonly runtime: Runtime;
  readonly choice: BackendChoice;
  /** Verified bytes of a model's file. */
  readonly openModel: ModelLoader["openModel"];
}

/** Bytes of weights that a device gets before it is replaced, once it is empty. */
const UPLOADS_PER_DEVICE = 128 * 2 ** 20;

export class Inference {
  readonly models: ModelManager;
  readonly #runtime: Runtime;
  readonly #backend: "webgpu" | "wasm";
  #device: GpuDevice | undefined;
  readonly #heapAtStart: number;
  /** Bytes for models and runs; Infinity: no limit. */
  #budget: number;
  readonly #renewal = new DeviceRenewal({
    limit: UPLOADS_PER_DEVICE,
    isEmpty: () => this.models.models.every(({ state }) => state === "unloaded"),
    renew: () => this.recycleDevice(),
  });

  constructor({ runtime, choice, openModel, onChange, ...options }: InferenceOptions) {
    const { backend, device, adapter } = choice;
    this.#runtime = runtime;
    this.#heapAtStart = runtime.heap.bytes;
    this.#budget = options.budget ?? Number.POSITIVE_INFINITY;
    this.#backend = backend;
    this.#device = device;
    // Graphs with operators that WebGPU lacks say so in their manifest.
    const backendOf = (model: Model): "webgpu" | "wasm" => model.backend ?? backend;
    const shaderF16 = adapter?.f16 ?? false;
    this.models = new ModelManager(
      {
        backendOf,
        chooseFile: (model) => chooseVariant(model, { shaderF16, backend: backendOf(model) }).onnx,
        openModel,
        createSession: async (bytes, model, edits) => {
          const session = await createSession(runtime, bytes, {
            name: model.id,
            edits,
            device: model.backend === "wasm" ? undefined : this.#device,
          });
          this.#renewal.loaded(session.memory().gpuBytes);
          return session;
        },
      },
      {
        ...options,
        onChange: () => {
          this.#limitDevice();
          onChange?.();
          // In Deno the runtime holds on to what a device had compiled: there a new one costs more than it gives.
          if (!("Deno" in globalThis)) this.#renewal.check();
        },
        heapBytes: () => runtime.heap.bytes,
        otherBytes: () => this.#otherBytes(),
      },
    );
  }

  /** Changes settings of the models; what is absent stays. */
  configure(settings: ManagerSettings): void {
    this.#budget = settings.budget ?? this.#budget;
    this.models.configure(settings);
    this.#limitDevice();
  }

  get memory(): WorkerMemory {
    const device = this.#device;
    const gpu = device?.ledger.usage;
    return {
      backend: this.#backend,
      ...(gpu ? { gpu } : {}),
      gpuOverhead: device && gpu ? estimateDriverOverhead(gpu, device.adapter) : 0,
      gpuOverheadPeak: device && gpu ? estimatePeakOverhead(gpu, device.adapter) : 0,
      wasmHeap: this.#runtime.heap.bytes,
      wasmShared: this.models.wasmShared,
      models: this.models.models,
    };
  }

  /** Gives back what is kept only for speed: buffers of the last run. Models stay. */
  async trim(): Promise<void> {
    const runtime = this.#runtime;
    await runtime.mutex.run(() => (this.#device ? trim(runtime, this.#device) : undefined));
    // Only where the platform was started with --expose-gc, as servers may be.
    (globalThis as { gc?: () => void }).gc?.();
  }

  /**
   * Puts a new device in the place of the present one: whatever the driver held for it comes back.
   *
   * @returns false on wasm, and while a model is in use
   * @throws GlyphpoolError `BACKEND_UNAVAILABLE` when there is no other device; the worker cannot
   *   compute any more then, and its next read fails with `DEVICE_LOST`
   */
  async recycleDevice(): Promise<boolean> {
    if (!this.#device) return false;
    return await this.models.whileEmpty("device recycled", () =>
      this.#runtime.mutex.run(async () => {
        this.#device = await this.#device?.reopen();
        this.#limitDevice();
      }),
    );
  }

  /** What the budget leaves for buffers: the driver would give more, but this is what was agreed on. */
  #limitDevice(): void {
    if (!this.#device) return;
    const left = this.#budget - (this.#runtime.heap.bytes - this.#heapAtStart);
    this.#device.ledger.budget = left === Infinity ? undefined : Math.max(0, left);
  }

  /** GPU bytes that belong to no model. What a load has taken so far is set aside for it already. */
  #otherBytes(): number {
    if (!this.#device) return 0;
    const { ledger } = this.#device;
    const ofModels = this.models.models.map(({ id, state, gpuBytes }) =>
      state === "loading" ? ledger.of(id).used : gpuBytes,
    );
    return Math.max(0, ledger.usage.used - ofModels.reduce((sum, bytes) => sum + bytes, 0));
  }
}
