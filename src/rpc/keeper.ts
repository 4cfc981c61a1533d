/** Keeps one worker at hand: starts it when it is needed, and again when it has gone. */
import type { ModelSet } from "../catalog/manifest/manifest.ts";
import { deferred } from "../core/deferred.ts";
import type { Deferred } from "../core/deferred.ts";
import { GlyphpoolError, engineClosed } from "../errors.ts";
import type { WorkerMemory } from "../memory/snapshot.ts";
import { DEFAULT_RESPAWN, RespawnPolicy } from "./respawn.ts";
import type { RespawnOptions } from "./respawn.ts";
import { WorkerLink, died } from "./link.ts";
import type { ManagerSettings, WorkerConfig, WorkerInfo } from "./link.ts";
import type { WorkerLike } from "./worker-like.ts";

/** What happened to a worker. */
export interface WorkerEvent {
  /** `died`: by itself or for a fault; `recycled`: on purpose; `respawned`: in place of an earlier one. */
  readonly type: "spawned" | "died" | "recycled" | "respawned";
  readonly reason: string;
  /** Of a start: milliseconds from the need to readiness, back-off included. Of an end: its life. */
  readonly ms: number;
}

export interface KeeperOptions {
  /** Makes a new worker. It must serve the worker API. */
  readonly spawn: (name: string) => WorkerLike;
  /** Shown by developer tools. */
  readonly name: string;
  readonly config: WorkerConfig;
  /** Milliseconds for the start of a worker, 0 for no end. */
  readonly startDeadline: number;
  readonly respawn?: Partial<RespawnOptions> | undefined;
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
  readonly onMemory?: ((memory: WorkerMemory) => void) | undefined;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A worker that is ready. */
export interface Running {
  readonly link: WorkerLink;
  readonly info: WorkerInfo;
  /** Model sets that this worker has read with: their shaders are compiled. */
  readonly warm: Set<ModelSet>;
}

interface Present extends Running {
  readonly startedAt: number;
}

/** How often workers came and went. */
export interface WorkerCounts {
  readonly spawns: number;
  readonly deaths: number;
  readonly recycles: number;
}

export class WorkerKeeper {
  readonly policy: RespawnPolicy;
  readonly #options: KeeperOptions;
  #config: WorkerConfig;
  readonly #now: () => number;
  readonly #counts = { spawns: 0, deaths: 0, recycles: 0 };
  readonly #closing = deferred<void>();
  #closed = false;
  #starting: Promise<Running> | undefined;
  #present: Present | undefined;
  /** The worker that starts or runs. */
  #link: WorkerLink | undefined;
  /** Set while a recycle waits for the last work; resolves when the worker has gone. */
  #retiring: Deferred<void> | undefined;
  /** Set while no worker may be started. */
  #suspended: Deferred<void> | undefined;
  /** Why the previous worker has gone. */
  #lastEnd: string | undefined;
  #info: WorkerInfo | undefined;
  /** The runtime's wasm as the first worker has compiled it: the next ones start without compiling. */
  #module: WebAssembly.Module | undefined;
  #memory: WorkerMemory | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#now = options.now ?? (() => performance.now());
    const respawn = { ...DEFAULT_RESPAWN, ...options.respawn };
    this.policy = new RespawnPolicy(respawn, this.#now, options.random ?? Math.random);
  }

  /** What the latest worker found out while it started. */
  get info(): WorkerInfo | undefined {
    return this.#info;
  }

  /** What the worker told last of its memory; absent without a worker, which holds nothing. */
  get memory(): WorkerMemory | undefined {
    return this.#memory;
  }

  get counts(): WorkerCounts {
    return { ...this.#counts };
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The worker that runs, or starts; absent when there is none. */
  get current(): Promise<Running> | undefined {
    return this.#present ? Promise.resolve(this.#present) : this.#starting;
  }

  /** The worker, started if there is none. @throws GlyphpoolError */
  async ensure(): Promise<Running> {
    for (let wait = this.#wait; wait; wait = this.#wait) await wait.promise;
    if (this.#closed) throw engineClosed();
    if (this.#present) return this.#present;
    this.#starting ??= this.#launch().finally(() => (this.#starting = undefined));
    return await this.#starting;
  }

  get #wait(): Deferred<void> | undefined {
    return this.#retiring ?? this.#suspended;
  }

  /** Settings of the models for every worker that starts from now on; what is absent stays. */
  configure(settings: ManagerSettings): void {
    this.#config = { ...this.#config, models: { ...this.#config.models, ...settings } };
  }

  /**
   * Replaces the worker when its work is done; what comes meanwhile waits for the new one. False when
   * there is no worker, when it is too young or replaced already, or when it died before.
   */
  async recycle(reason: string, whenIdle: () => Promise<void>): Promise<boolean> {
    const old = this.#present;
    if (!old || this.#retiring || !this.policy.isMature(old.startedAt)) return false;
    const retiring = (this.#retiring = deferred<void>());
    // A death in the meantime ends the wait: its work may need the new worker to come to an end.
    await Promise.race([whenIdle(), retiring.promise]);
    const alive = !old.link.death;
    if (alive) {
      this.#counts.recycles++;
      this.#gone(old, "recycled", reason);
      old.link.kill(died(`it was replaced (${reason})`));
    }
    this.#retiring = undefined;
    retiring.resolve();
    return alive;
  }

  /** Ends the worker in this very turn. Who needs one waits until {@link resume}. */
  suspend(reason: string): void {
    if (this.#closed || this.#suspended) return;
    this.#suspended = deferred<void>();
    const link = this.#link;
    if (!link) return;
    this.#counts.recycles++;
    this.#gone({ startedAt: this.#present?.startedAt ?? this.#now() }, "recycled", reason);
    link.kill(died(`it was ended (${reason})`));
    this.#retiring?.resolve();
  }

  /** Starts workers again after {@link suspend}. */
  resume(): void {
    this.#suspended?.resolve();
    this.#suspended = undefined;
  }

  /** Ends the worker at once; what waits for it is rejected with `ENGINE_CLOSED`. */
  close(): void {
    this.#closed = true;
    this.#present = undefined;
    this.#memory = this.#module = undefined;
    this.#link?.kill(engineClosed());
    this.#closing.resolve();
    this.resume();
  }

  async #launch(): Promise<Running> {
    const config = this.#config;
    const needed = this.#now();
    const { delay } = this.policy;
    if (delay > 0) await this.#sleep(delay);
    if (this.#closed) throw engineClosed();
    try {
      return await this.#spawn(config, needed);
    } catch (error) {
      if (config.backend !== "auto" || this.#closed || !GlyphpoolError.is(error)) throw error;
      if (!error.retryable) throw error;
      // A driver that hangs or crashes takes the worker with it, before it can fall back by itself.
      const why = `the worker did not survive its start with WebGPU: ${error.message}`;
      return await this.#spawn({ ...config, backend: "wasm" }, needed, why);
    }
  }

  async #spawn(config: WorkerConfig, needed: number, why?: string): Promise<Running> {
    const startedAt = this.#now();
    const worker = this.#options.spawn(this.#options.name);
    const link: WorkerLink = new WorkerLink(worker, {
      onDeath: (reason) => this.#onDeath(link, startedAt, reason),
      onMemory: (memory) => this.#onMemory(link, memory),
    });
    this.#link = link;
    this.#counts.spawns++;
    try {
      // Modules cross between workers, but not to another process.
      const compiled = this.#module ? { module: this.#module } : {};
      const full = worker.announcesDeath
        ? { ...config, ownProcess: true }
        : { ...config, compiled };
      const { module, ...told } = await link.init(full, this.#options.startDeadline);
      this.#module ??= module;
      // It can die between its answer and this line.
      if (link.death) throw link.death;
      const info = (this.#info = why === undefined ? told : { ...told, reason: why });
      this.#present = { link, info, startedAt, warm: new Set() };
      const type = this.#lastEnd === undefined ? "spawned" : "respawned";
      this.#tell(type, this.#lastEnd ?? "first use", this.#now() - needed);
      return this.#present;
    } catch (error) {
      // The runtime refuses a second start in the same realm.
      link.kill(error as GlyphpoolError);
      throw error;
    }
  }

  /** Of whatever cause; a recycled or closed worker has been put away before. */
  #onDeath(link: WorkerLink, startedAt: number, reason: GlyphpoolError): void {
    if (this.#closed || link !== this.#link) return;
    this.#counts.deaths++;
    this.policy.died();
    this.#gone({ startedAt }, "died", reason.message);
    this.#retiring?.resolve();
  }

  #gone({ startedAt }: { startedAt: number }, type: "died" | "recycled", reason: string): void {
    this.#link = this.#present = this.#memory = undefined;
    this.#lastEnd = reason;
    this.#tell(type, reason, this.#now() - startedAt);
  }

  #onMemory(link: WorkerLink, memory: WorkerMemory): void {
    if (link !== this.#link) return;
    const ready = new Set(memory.models.filter(isReady).map(({ id }) => id));
    const before = this.#memory?.models.filter(isReady) ?? [];
    // What has to be loaded again may have to be compiled again.
    if (before.some(({ id }) => !ready.has(id))) this.#present?.warm.clear();
    this.#memory = memory;
    this.#options.onMemory?.(memory);
  }

  #tell(type: WorkerEvent["type"], reason: string, ms: number): void {
    this.#options.onEvent?.({ type, reason, ms });
  }

  /** Until the time is over or the engine is closed. */
  async #sleep(milliseconds: number): Promise<void> {
    const over = deferred<void>();
    const timer = setTimeout(over.resolve, milliseconds);
    await Promise.race([over.promise, this.#closing.promise]);
    clearTimeout(timer);
  }
}

function isReady({ state }: { state: string }): boolean {
  return state === "ready";
}
