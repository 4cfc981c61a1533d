/** The only owner of sessions: loads each model once, lends it out, unloads it when nobody uses it. */
import { dictionaryKind, fitAlphabet, loadAlphabet } from "../catalog/dictionary.ts";
import type { Model, ModelFile, RecognitionModel } from "../catalog/manifest.ts";
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { untilAborted } from "../core/wait.ts";
import { throwIfAborted } from "../errors.ts";
import type { OwnedSession } from "../gpu/session.ts";
import type { ModelLease, ModelSource } from "./lease.ts";

/** What the manager needs from outside. */
export interface ModelLoader {
  /** The file of the variant that suits the backend. */
  chooseFile(model: Model): ModelFile;
  /** Verified bytes, backed by a disk where there is one. */
  openModel(file: ModelFile): Promise<Blob>;
  createSession(bytes: Blob, model: Model): Promise<OwnedSession>;
}

ensureDisposeSymbols();

export type ModelState = "loading" | "ready" | "failed" | "unloading";

/** One line of {@link ModelManager.models}. */
export interface ModelStatus {
  readonly id: string;
  readonly state: ModelState;
  /** Why the model is in this state. */
  readonly reason: string;
  readonly leases: number;
  readonly backend?: "webgpu" | "wasm";
}

interface Loaded {
  readonly session: OwnedSession;
  readonly alphabet: readonly string[];
}

interface Entry {
  readonly model: Model;
  readonly ready: Promise<Loaded>;
  state: ModelState;
  reason: string;
  leases: number;
  backend?: "webgpu" | "wasm";
}

export type LoadListener = (model: Model, done: boolean) => void;

export class ModelManager implements ModelSource {
  readonly #loader: ModelLoader;
  readonly #onLoad: LoadListener | undefined;
  /** Failed entries stay for their reason, until the next acquire replaces them. */
  readonly #entries = new Map<string, Entry>();

  constructor(loader: ModelLoader, onLoad?: LoadListener) {
    this.#loader = loader;
    this.#onLoad = onLoad;
  }

  /** All models that were asked for, with their states. */
  get models(): ModelStatus[] {
    return [...this.#entries.values()].map(({ model, state, reason, leases, backend }) => ({
      id: model.id,
      state,
      reason,
      leases,
      ...(backend ? { backend } : {}),
    }));
  }

  /**
   * Claims a model, loading it when needed; concurrent claims share one load. An abort ends only the
   * wait: the load goes on, and its result stays for the next claim.
   *
   * @throws GlyphpoolError `ABORTED`, `MODEL_*`, `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`
   */
  async acquire<M extends Model>(model: M, signal?: AbortSignal): Promise<ModelLease<M>> {
    throwIfAborted(signal);
    const known = this.#entries.get(model.id);
    const usable = known && (known.state === "loading" || known.state === "ready");
    const entry = usable ? known : this.#load(model);
    // Claimed before the wait, so that nothing unloads the model between load and hand-over.
    entry.leases++;
    try {
      const { session, alphabet } = await untilAborted(entry.ready, signal);
      let open = true;
      return {
        model,
        session,
        alphabet,
        [Symbol.dispose]: () => {
          if (open) entry.leases--;
          open = false;
        },
      };
    } catch (error) {
      entry.leases--;
      throw error;
    }
  }

  /** Unloads every model without a lease. Models in use stay, and so do models that still load. */
  async teardown(): Promise<void> {
    const idle = [...this.#entries.values()].filter(({ leases }) => leases === 0);
    await Promise.all(idle.map((entry) => this.#unload(entry, "teardown")));
  }

  /** The one way out of memory for a session. */
  async #unload(entry: Entry, reason: string): Promise<void> {
    if (entry.state === "failed") this.#forget(entry);
    if (entry.state !== "ready") return;
    entry.state = "unloading";
    entry.reason = reason;
    try {
      const { session } = await entry.ready;
      await session.release();
    } finally {
      this.#forget(entry);
    }
  }

  #load(model: Model): Entry {
    const entry: Entry = {
      model,
      ready: Promise.resolve().then(() => this.#open(model)),
      state: "loading",
      reason: "first use",
      leases: 0,
    };
    this.#entries.set(model.id, entry);
    void this.#follow(entry);
    return entry;
  }

  /** Keeps an entry's state in step with its load. */
  async #follow(entry: Entry): Promise<void> {
    try {
      const { session } = await entry.ready;
      entry.state = "ready";
      entry.reason = "loaded";
      entry.backend = session.backend;
    } catch (error) {
      entry.state = "failed";
      entry.reason = error instanceof Error ? error.message : String(error);
    }
  }

  async #open(model: Model): Promise<Loaded> {
    this.#onLoad?.(model, false);
    const file = this.#loader.chooseFile(model);
    const onnx = await this.#loader.openModel(file);
    const raw = model.role === "recognition" ? await this.#readAlphabet(model, file, onnx) : [];
    const session = await this.#loader.createSession(onnx, model);
    try {
      const alphabet = model.role === "recognition" ? fit(raw, session, model) : raw;
      this.#onLoad?.(model, true);
      return { session, alphabet };
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  async #readAlphabet(model: RecognitionModel, file: ModelFile, onnx: Blob): Promise<string[]> {
    const { dictionary = file, params } = model;
    const source = dictionary === file ? onnx : await this.#loader.openModel(dictionary);
    return await loadAlphabet(source, dictionaryKind(dictionary), params);
  }

  /** A model that was loaded anew in the meantime has another entry, which stays. */
  #forget(entry: Entry): void {
    if (this.#entries.get(entry.model.id) === entry) this.#entries.delete(entry.model.id);
  }
}

/** Where the graph does not fix its class count, the first run shows whether the alphabet fits. */
function fit(
  alphabet: readonly string[],
  session: OwnedSession,
  { params }: RecognitionModel,
): readonly string[] {
  const classes = session.outputWidth(session.outputNames[0] as string);
  return classes === undefined ? alphabet : fitAlphabet(alphabet, classes, params);
}
