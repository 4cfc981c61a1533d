/** A ModelManager over models of known size that live in a counted memory, with faults on demand. */
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import type { Model, ModelFile } from "../../../src/catalog/manifest/manifest.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import { BYTES_PER_FILE_BYTE } from "../../../src/models/estimate.ts";
import type { Timers } from "../../../src/core/timers.ts";
import type { ManagerOptions } from "../../../src/models/manager-options.ts";
import { ModelManager } from "../../../src/models/model-manager.ts";

/** A detection model that takes exactly `bytes` on the GPU, as estimated from its file. */
export function modelOf(id: string, bytes: number): Model {
  const onnx: ModelFile = {
    name: `${id}.onnx`,
    url: `https://models.test/${id}.onnx`,
    bytes: bytes / BYTES_PER_FILE_BYTE.webgpu,
  };
  return { ...EMBEDDED.detection, id, variants: [{ precision: "fp32", onnx }] };
}

export type Fault = "open" | "oom" | "release";

export interface World {
  /** Live sessions by model, in creation too. More than one would be a double load. */
  readonly live: Map<string, number>;
  readonly created: string[];
  readonly released: string[];
  /** Most bytes that ever lived at once. */
  peak: number;
  /** Asked before every step that can fail, with the model. */
  fault: (step: Fault, id: string) => boolean;
  /** Waited for inside every step. */
  step: (label: string) => Promise<void>;
  /** Called before a session is released. */
  onRelease: (id: string) => void;
}

export interface Rig {
  readonly manager: ModelManager;
  readonly world: World;
  readonly timers: FakeTimers;
}

export interface RigOptions extends ManagerOptions {
  /** What a model really takes; absent: what its file says. */
  readonly size?: (model: Model) => number;
}

const estimated = ({ variants }: Model): number =>
  (variants[0].onnx.bytes as number) * BYTES_PER_FILE_BYTE.webgpu;

export function rigOf({ size = estimated, ...options }: RigOptions = {}): Rig {
  const timers = new FakeTimers();
  const world: World = {
    live: new Map(),
    created: [],
    released: [],
    peak: 0,
    fault: () => false,
    step: () => Promise.resolve(),
    onRelease: () => undefined,
  };
  let used = 0;
  const change = (id: string, sessions: number, bytes: number): void => {
    world.live.set(id, (world.live.get(id) ?? 0) + sessions);
    used += bytes;
    world.peak = Math.max(world.peak, used);
  };
  const manager = new ModelManager(
    {
      chooseFile: (model) => model.variants[0].onnx,
      backendOf: () => "webgpu",
      openModel: async ({ name }) => {
        if (name.endsWith(".txt")) return new Blob(["a\nb\n"]);
        await world.step(`open ${name}`);
        const id = name.replace(".onnx", "");
        if (world.fault("open", id))
          throw new GlyphpoolError("MODEL_DOWNLOAD_FAILED", "no network");
        return new Blob(["onnx"]);
      },
      createSession: async (_bytes, model) => {
        const { id } = model;
        const bytes = size(model);
        change(id, 1, bytes);
        await world.step(`create ${id}`);
        if (world.fault("oom", id)) {
          change(id, -1, -bytes);
          throw new GlyphpoolError("GPU_OUT_OF_MEMORY", "the GPU is full");
        }
        world.created.push(id);
        let held = bytes;
        return {
          inputNames: ["x"],
          outputNames: ["y"],
          backend: "webgpu",
          outputWidth: () => undefined,
          run: async () => {
            if (held === 0) throw new Error(`${id} was used after its release`);
            return {};
          },
          memory: () => ({ gpuBytes: held, wasmBytes: 0 }),
          release: async () => {
            world.onRelease(id);
            await world.step(`release ${id}`);
            // The memory is gone also where the release reports a failure.
            change(id, -1, -held);
            held = 0;
            world.released.push(id);
            if (world.fault("release", id)) throw new GlyphpoolError("DEVICE_LOST", "gone");
          },
        };
      },
    },
    { timers, ...options },
  );
  return { manager, world, timers };
}

/** A clock that stands still until it is told to go on. */
export class FakeTimers implements Timers {
  #now = 0;
  #next = 1;
  readonly #pending = new Map<number, { readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  get pending(): number {
    return this.#pending.size;
  }

  after(milliseconds: number, callback: () => void): () => void {
    // The platforms' timers overflow and fire at once.
    const wait = milliseconds > 2 ** 31 - 1 ? 0 : milliseconds;
    const id = this.#next++;
    this.#pending.set(id, { at: this.#now + wait, callback });
    return () => void this.#pending.delete(id);
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#pending].filter(([, { at }]) => at <= end);
      const [first] = due.toSorted(([, a], [, b]) => a.at - b.at);
      if (!first) break;
      this.#pending.delete(first[0]);
      this.#now = Math.max(this.#now, first[1].at);
      first[1].callback();
      await turn();
    }
    this.#now = end;
    await turn();
  }
}

/** Everything that promises alone can do has been done. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** `id state leases`, one per model. */
export const states = (manager: ModelManager): string[] =>
  manager.models.map(({ id, state, leases }) => `${id} ${state} ${leases}`);

/** Loads the models one after the other and leaves them idle, the first the least recently used. */
export async function warm(manager: ModelManager, ...models: readonly Model[]): Promise<void> {
  for (const model of models) (await manager.acquire(model))[Symbol.dispose]();
}
