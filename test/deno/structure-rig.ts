/** Structure models as the engine runs them: bytes through a ModelManager into sessions of the real runtime. */
import type { Model, ModelFile, StructureModel } from "../../src/catalog/manifest/manifest.ts";
import type { GpuDevice } from "../../src/gpu/device.ts";
import { startRuntime } from "../../src/gpu/runtime.ts";
import { createSession } from "../../src/gpu/session.ts";
import { ModelManager } from "../../src/models/model-manager.ts";

export interface StructureRig {
  readonly manager: ModelManager;
  /** Bytes of the runtime's heap. */
  readonly heap: () => number;
}

/** @param device absent: everything runs on wasm */
export async function startStructure(device?: GpuDevice): Promise<StructureRig> {
  const runtime = await startRuntime();
  const backendOf = (model: Model): "webgpu" | "wasm" =>
    model.backend ?? (device ? "webgpu" : "wasm");
  const manager = new ModelManager(
    {
      backendOf,
      chooseFile: ({ variants }) => variants[0].onnx,
      openModel: (file) => Promise.resolve(new Blob([bytesOf(file)])),
      createSession: (bytes, model, edits) =>
        createSession(runtime, bytes, {
          name: model.id,
          device: backendOf(model) === "wasm" ? undefined : device,
          edits,
        }),
    },
    { heapBytes: () => runtime.heap.bytes, idleTimeout: Infinity },
  );
  return { manager, heap: () => runtime.heap.bytes };
}

function bytesOf({ name, data }: ModelFile): Uint8Array<ArrayBuffer> {
  if (!data) throw new Error(`${name} has no bytes`);
  return data as Uint8Array<ArrayBuffer>;
}

let made = 0;

/** The same model with other bytes in place of the published ones, and an id of its own. */
export function withBytes<M extends StructureModel>(model: M, bytes: Uint8Array): M {
  const [{ precision, onnx }] = model.variants;
  const id = `${model.id} ${++made}`;
  return {
    ...model,
    id,
    variants: [{ precision, onnx: { name: onnx.name, url: onnx.url, data: bytes } }],
  };
}

/** A vocabulary of a file's JSON. */
export function vocabularyOf(json: unknown): ModelFile {
  const data = new TextEncoder().encode(JSON.stringify(json));
  return { name: "vocabulary.json", url: "memory:vocabulary.json", data };
}
