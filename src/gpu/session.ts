/** Sessions: a model's bytes loaded into the runtime, with typed errors and no tensor left behind. */
import { GlyphpoolError } from "../errors.ts";
import { ACTIVATIONS } from "./ledger.ts";
import type { GpuDevice } from "./device.ts";
import type { GraphEdits } from "./graph/edits.ts";
import { fromFloat16, toFloat16 } from "./float16.ts";
import { reclaim } from "./reclaim.ts";
import type { Ort, Runtime } from "./runtime.ts";
import { openModel } from "./session-options.ts";
import type { Feeds, Session, Tensor } from "./tensor.ts";

/** A session together with the right to release it; only the ModelManager holds one. */
export interface OwnedSession extends Session {
  /** The declared size of an output's last dimension, where the graph fixes it. */
  outputWidth(name: string): number | undefined;
  /**
   * Frees the session's memory. Runs that are under way finish first.
   *
   * @throws GlyphpoolError `INTERNAL` when the GPU still holds some of it afterwards
   */
  release(): Promise<void>;
  memory(): SessionMemory;
  /** Called after every run. */
  onRun?: ((run: RunUsage) => void) | undefined;
}

/** What one run took. */
export interface RunUsage {
  /** N × H × W of its inputs of four dimensions. */
  readonly pixels: number;
  /** Bytes by which the wasm heap grew. */
  readonly heapGrowth: number;
}

/** What a session holds, in bytes. */
export interface SessionMemory {
  /** Buffers on the GPU that outlive a run: exact. */
  readonly gpuBytes: number;
  /** Growth of the wasm heap during the load. What runs take is not a part of it: see {@link RunUsage}. */
  readonly wasmBytes: number;
}

export interface SessionOptions {
  /** Absent: the graph runs on wasm. */
  readonly device?: GpuDevice | undefined;
  /** Named in error messages. */
  readonly name?: string;
  /** Changes to its graph. */
  readonly edits?: GraphEdits | undefined;
}

/**
 * Loads a model.
 *
 * @throws GlyphpoolError `MODEL_INVALID`, `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`
 */
export async function createSession(
  runtime: Runtime,
  model: Uint8Array | Blob,
  options: SessionOptions = {},
): Promise<OwnedSession> {
  const { device, name = "model", edits } = options;
  const { bytes, options: handed } = await openModel(model, device, edits);
  const owner = device?.ledger.claim(name) ?? name;
  let heapGrowth = 0;
  let session: Ort.InferenceSession | undefined;
  try {
    await locked(runtime, device, owner, async () => {
      const heapBefore = runtime.heap.bytes;
      session = await runtime.ort.InferenceSession.create(bytes, handed);
      heapGrowth = runtime.heap.bytes - heapBefore;
    });
    return new RuntimeSession(runtime, session!, device, name, owner, heapGrowth);
  } catch (cause) {
    // Out of GPU memory: the runtime believes that the session is fine, so it must be told. Whether
    // that works is not what the caller has to know: the load failed for the first reason.
    await runtime.mutex.run(() => dispose(runtime, session, device, owner)).catch(() => undefined);
    if (GlyphpoolError.is(cause) && cause.code !== "INFERENCE_FAILED") throw cause;
    const message = `${name} cannot be loaded by the model runtime: ${reason(cause)}`;
    throw new GlyphpoolError("MODEL_INVALID", message, { cause });
  }
}

class RuntimeSession implements OwnedSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly backend: "webgpu" | "wasm";
  readonly #runtime: Runtime;
  readonly #session: Ort.InferenceSession;
  readonly #device: GpuDevice | undefined;
  readonly #name: string;
  /** Its name in the device's ledger. */
  readonly #owner: string;
  readonly #heapGrowth: number;
  onRun: ((run: RunUsage) => void) | undefined;
  /** Element types of the inputs. */
  readonly #types: ReadonlyMap<string, string>;

  constructor(
    runtime: Runtime,
    session: Ort.InferenceSession,
    device: GpuDevice | undefined,
    name: string,
    owner: string,
    heapGrowth: number,
  ) {
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.backend = device ? "webgpu" : "wasm";
    this.#runtime = runtime;
    this.#session = session;
    this.#device = device;
    this.#name = name;
    this.#owner = owner;
    this.#heapGrowth = heapGrowth;
    this.#types = new Map(
      session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : "float32"]),
    );
  }

  outputWidth(name: string): number | undefined {
    const output = this.#session.outputMetadata.find((candidate) => candidate.name === name);
    const width = output?.isTensor ? output.shape.at(-1) : undefined;
    return typeof width === "number" && width > 0 ? width : undefined;
  }

  async run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Tensor>> {
    try {
      return await locked(this.#runtime, this.#device, ACTIVATIONS, () =>
        this.#measured(feeds, outputs ?? this.outputNames),
      );
    } catch (cause) {
      if (GlyphpoolError.is(cause)) throw cause;
      const shapes = Object.entries(feeds).map(([name, { dims }]) => `${name}[${dims.join("×")}]`);
      const message = `${this.#name} failed on ${shapes.join(", ")}: ${reason(cause)}`;
      throw new GlyphpoolError("INFERENCE_FAILED", message, { cause });
    }
  }

  async release(): Promise<void> {
    await this.#runtime.mutex.run(() =>
      dispose(this.#runtime, this.#session, this.#device, this.#owner),
    );
  }

  memory(): SessionMemory {
    const gpuBytes = this.#device?.ledger.of(this.#owner).used ?? 0;
    return { gpuBytes, wasmBytes: this.#heapGrowth };
  }

  async #measured(feeds: Feeds, names: readonly string[]): Promise<Record<string, Tensor>> {
    const before = this.#runtime.heap.bytes;
    try {
      return await this.#run(feeds, names);
    } finally {
      this.onRun?.({ pixels: pixelsOf(feeds), heapGrowth: this.#runtime.heap.bytes - before });
    }
  }

  async #run(feeds: Feeds, names: readonly string[]): Promise<Record<string, Tensor>> {
    const inputs: Ort.Tensor[] = [];
    const outputs: Ort.Tensor[] = [];
    try {
      const wire: Record<string, Ort.Tensor> = {};
      for (const [name, feed] of Object.entries(feeds)) {
        inputs.push((wire[name] = this.#toWire(name, feed)));
      }
      const fetched = await this.#session.run(wire, names);
      outputs.push(...Object.values<Ort.Tensor>(fetched));
      const result: Record<string, Tensor> = {};
      for (const [name, output] of Object.entries<Ort.Tensor>(fetched)) {
        result[name] = await fromWire(output);
      }
      return result;
    } finally {
      for (const tensor of [...inputs, ...outputs]) tensor.dispose();
    }
  }

  #toWire(name: string, tensor: Tensor): Ort.Tensor {
    return toWire(this.#runtime.ort, this.#types.get(name) ?? "float32", tensor);
  }
}

function pixelsOf(feeds: Feeds): number {
  let pixels = 0;
  for (const { dims } of Object.values(feeds)) {
    const [n = 0, , height = 0, width = 0] = dims;
    if (dims.length === 4) pixels += n * height * width;
  }
  return pixels;
}

/** Token ids, shapes and masks are whole numbers that floats hold exactly. */
function toWire({ Tensor }: typeof Ort, type: string, { data, dims }: Tensor): Ort.Tensor {
  switch (type) {
    case "float16":
      return new Tensor("float16", toFloat16(data), dims);
    case "int64":
      return new Tensor("int64", BigInt64Array.from(data, BigInt), dims);
    case "int32":
      return new Tensor("int32", Int32Array.from(data), dims);
    case "bool":
      return new Tensor("bool", Uint8Array.from(data), dims);
    default:
      return new Tensor("float32", data, dims);
  }
}

/** getData, rather than `data`: it also fetches what still lies on the GPU. */
async function fromWire(tensor: Ort.Tensor): Promise<Tensor> {
  const data = await tensor.getData();
  const dims = [...tensor.dims];
  // The runtime copies outputs out of its heap, so a Float32Array is already the caller's own.
  if (data instanceof Float32Array) return { data, dims };
  if (tensor.type === "float16") return { data: fromFloat16(data as ArrayLike<number>), dims };
  return { data: Float32Array.from(data as ArrayLike<number | bigint>, Number), dims };
}

/** Holds the lock, and where there is a GPU its guard; buffers made meanwhile belong to the owner. */
function locked<T>(
  runtime: Runtime,
  device: GpuDevice | undefined,
  owner: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!device) return runtime.mutex.run(work);
  return runtime.mutex.run(() => device.guard(() => device.ledger.attribute(owner, work)));
}

/** The one way out for a session, whole or half made. The caller holds the lock. */
async function dispose(
  runtime: Runtime,
  session: Ort.InferenceSession | undefined,
  device: GpuDevice | undefined,
  owner: string,
): Promise<void> {
  await session?.release();
  if (device) await reclaim(runtime, device, owner);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
