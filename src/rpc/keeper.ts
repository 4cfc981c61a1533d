/** Keeps one worker at hand: starts it when it is needed, and again when it has gone. */
import { deferred } from "../core/deferred.ts";
import type { Deferred } from "../core/deferred.ts";
import { GlyphpoolError, engineClosed } from "../errors.ts";
import { Link } from "./link.ts";
import type { LinkOptions } from "./link.ts";
import { DEFAULT_RESPAWN, RespawnPolicy } from "./respawn.ts";
import type { RespawnOptions } from "./respawn.ts";
import type { WorkerLike } from "./worker-like.ts";

/** What happened to a worker. */
export interface WorkerEvent {
  /** `died`: by itself or for a fault; `recycled`: on purpose; `respawned`: in place of an earlier one. */
  readonly type: "spawned" | "died" | "recycled" | "respawned";
  readonly reason: string;
  /** Of a start: milliseconds from the need to readiness, back-off included. Of an end: its life. */
  readonly ms: number;
}

/** `State` is what the owner keeps of one worker: it goes with it. */
export interface KeeperOptions<Api, State> extends Pick<LinkOptions, "title" | "explainExit"> {
  readonly spawn: () => WorkerLike;
  /**
   * Starts what runs inside a new worker.
   *
   * @param failure why the first try of this start has failed
   */
  readonly start: (link: Link<Api>, failure: GlyphpoolError | undefined) => Promise<State>;
  /** Whether a start that failed so is tried once more, at once. Default: no. */
  readonly retry?: ((failure: GlyphpoolError) => boolean) | undefined;
  readonly respawn?: Partial<RespawnOptions> | undefined;
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
  /** Gets what the present worker posts past its calls. */
  readonly onMessage?: ((data: unknown) => void) | undefined;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A worker that is ready. */
export interface Running<Api, State> {
  readonly link: Link<Api>;
  readonly state: State;
}

interface Present<Api, State> extends Running<Api, State> {
  readonly startedAt: number;
}

/** How often workers came and went. */
export interface WorkerCounts {
  readonly spawns: number;
  readonly deaths: number;
  readonly recycles: number;
}

export class WorkerKeeper<Api, State> {
  readonly policy: RespawnPolicy;
  readonly #options: KeeperOptions<Api, State>;
  readonly #now: () => number;
  readonly #counts = { spawns: 0, deaths: 0, recycles: 0 };
  readonly #closing = deferred<void>();
  #closed = false;
  #starting: Promise<Running<Api, State>> | undefined;
  #present: Present<Api, State> | undefined;
  /** The worker that starts or runs. */
  #link: Link<Api> | undefined;
  /** Set while a recycle waits for the last work; resolves when the worker has gone. */
  #retiring: Deferred<void> | undefined;
  /** Set while no worker may be started. */
  #suspended: Deferred<void> | undefined;
  /** Workers that were ended on purpose. */
  readonly #ended = new WeakSet<Link<Api>>();
  /** Why the previous worker has gone. */
  #lastEnd: string | undefined;

  constructor(options: KeeperOptions<Api, State>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    const respawn = { ...DEFAULT_RESPAWN, ...options.respawn };
    this.policy = new RespawnPolicy(respawn, this.#now, options.random ?? Math.random);
  }

  get counts(): WorkerCounts {
    return { ...this.#counts };
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The worker that is ready. */
  get present(): Running<Api, State> | undefined {
    return this.#present;
  }

  /** The worker that runs, or starts; absent when there is none. */
  get current(): Promise<Running<Api, State>> | undefined {
    return this.#present ? Promise.resolve(this.#present) : this.#starting;
  }

  /** The worker, started if there is none. @throws GlyphpoolError */
  async ensure(): Promise<Running<Api, State>> {
    for (let wait = this.#wait; wait; wait = this.#wait) await wait.promise;
    if (this.#closed) throw engineClosed();
    if (this.#present) return this.#present;
    this.#starting ??= this.#launch().finally(() => (this.#starting = undefined));
    return await this.#starting;
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
    if (alive) this.#retire(old.link, old.startedAt, `it was replaced (${reason})`, reason);
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
    const startedAt = this.#present?.startedAt ?? this.#now();
    this.#retire(link, startedAt, `it was ended (${reason})`, reason);
    this.#retiring?.resolve();
  }

  /** Starts workers again after {@link suspend}. */
  resume(): void {
    this.#suspended?.resolve();
    this.#suspended = undefined;
  }

  /** Ends the worker in this very turn; the next call starts a new one. */
  end(reason: string): void {
    this.suspend(reason);
    this.resume();
  }

  /** Ends the worker at once; what waits for it is rejected with `ENGINE_CLOSED`. */
  close(): void {
    this.#closed = true;
    this.#present = undefined;
    this.#link?.kill(engineClosed());
    this.#closing.resolve();
    this.resume();
  }

  /** What a start has to wait for. */
  get #wait(): Deferred<void> | undefined {
    return this.#retiring ?? this.#suspended;
  }

  async #launch(): Promise<Running<Api, State>> {
    const needed = this.#now();
    let failure: GlyphpoolError | undefined;
    for (;;) {
      const { delay } = this.policy;
      // The second try of one start comes at once.
      if (delay > 0 && !failure) await this.#sleep(delay);
      // Whatever happened during the back-off, or since the last try.
      for (let wait = this.#wait; wait; wait = this.#wait) await wait.promise;
      if (this.#closed) throw engineClosed();
      const link = this.#spawn();
      const startedAt = this.#now();
      try {
        const state = await this.#options.start(link, failure);
        // It can die between its answer and this line.
        if (link.death) throw link.death;
        this.#present = { link, state, startedAt };
        const type = this.#lastEnd === undefined ? "spawned" : "respawned";
        this.#tell(type, this.#lastEnd ?? "first use", this.#now() - needed);
        return this.#present;
      } catch (error) {
        // One that we have ended ourselves says nothing about the platform: it is started again.
        if (this.#ended.has(link)) continue;
        // The runtime refuses a second start in the same realm.
        link.kill(GlyphpoolError.is(error) ? error : link.died(String(error)));
        const again = !failure && !this.#closed && GlyphpoolError.is(error);
        if (!again || !this.#options.retry?.(error)) throw error;
        failure = error;
      }
    }
  }

  #spawn(): Link<Api> {
    const { spawn, title, explainExit, onMessage } = this.#options;
    const startedAt = this.#now();
    const link: Link<Api> = new Link(spawn(), {
      title,
      explainExit,
      onDeath: (reason) => this.#onDeath(link, startedAt, reason),
      onMessage: (data) => {
        if (link === this.#link) onMessage?.(data);
      },
    });
    this.#link = link;
    this.#counts.spawns++;
    return link;
  }

  /** Of whatever cause; a recycled or closed worker has been put away before. */
  #onDeath(link: Link<Api>, startedAt: number, reason: GlyphpoolError): void {
    if (this.#closed || link !== this.#link) return;
    this.#counts.deaths++;
    this.policy.died();
    this.#gone(startedAt, "died", reason.message);
    this.#retiring?.resolve();
  }

  #retire(link: Link<Api>, startedAt: number, why: string, reason: string): void {
    this.#counts.recycles++;
    this.#ended.add(link);
    this.#gone(startedAt, "recycled", reason);
    link.kill(link.died(why));
  }

  #gone(startedAt: number, type: "died" | "recycled", reason: string): void {
    this.#link = this.#present = undefined;
    this.#lastEnd = reason;
    this.#tell(type, reason, this.#now() - startedAt);
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
