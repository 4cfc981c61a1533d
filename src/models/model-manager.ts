/** The only owner of sessions: loads each model once, lends it out, unloads it when nobody uses it. */
import type { Model, ModelFile, RecognitionModel } from "../catalog/manifest.ts";
import { untilAborted } from "../core/wait.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { OwnedSession } from "../gpu/session.ts";
import type { ModelLease, ModelSource } from "./lease.ts";

/** What the manager needs from outside. */
export interface ModelLoader {
  /** The file of the variant that suits the backend. */
  chooseFile(model: Model): ModelFile;
  /** Verified bytes, backed by a disk where there is one. */
  openModel(file: ModelFile): Promise<Blob>;
  /** Class index → text, the blank as an empty string. */
  loadAlphabet(model: RecognitionModel, onnx: Blob): Promise<readonly string[]>;
  createSession(bytes: Blob, model: Model): Promise<OwnedSession>;
}

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
    entry.ready.then(
      ({ session }) => {
        entry.state = "ready";
        entry.reason = "loaded";
        entry.backend = session.backend;
      },
      (error: unknown) => {
        entry.state = "failed";
        entry.reason = error instanceof Error ? error.message : String(error);
      },
    );
    return entry;
  }

  async #open(model: Model): Promise<Loaded> {
    this.#onLoad?.(model, false);
    const bytes = await this.#loader.openModel(this.#loader.chooseFile(model));
    const alphabet =
      model.role === "recognition" ? await this.#loader.loadAlphabet(model, bytes) : [];
    const session = await this.#loader.createSession(bytes, model);
    try {
      checkAlphabet(model, session, alphabet);
    } catch (error) {
      await session.release();
      throw error;
    }
    this.#onLoad?.(model, true);
    return { session, alphabet };
  }

  /** A model that was loaded anew in the meantime has another entry, which stays. */
  #forget(entry: Entry): void {
    if (this.#entries.get(entry.model.id) === entry) this.#entries.delete(entry.model.id);
  }
}

/** Where the graph does not fix its class count, the pipeline finds a mismatch at the first run. */
function checkAlphabet(model: Model, session: OwnedSession, alphabet: readonly string[]): void {
  if (model.role !== "recognition") return;
  const classes = session.outputWidth(session.outputNames[0] as string);
  if (classes === undefined || classes === alphabet.length) return;
  const message =
    `The dictionary of ${model.id} has ${alphabet.length} entries (blank and space included), ` +
    `but the model knows ${classes} characters. They do not belong together.`;
  throw new GlyphpoolError("MODEL_INVALID", message);
}
