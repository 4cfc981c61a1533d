/**
 * Which tabs of this origin hold a worker on the same GPU.
 *
 * Web Locks are the truth: a tab holds a lock of its own for as long as it has a worker, and a second one while
 * it is busy. The browser releases the locks of a tab that crashes, so the dead are never counted. The channel
 * only says "count again"; a message that is lost costs time, not correctness.
 */
import { deferred } from "../../core/deferred.ts";
import { Mutex } from "../../core/mutex.ts";

/** The part of a BroadcastChannel that is needed. */
export interface TabChannel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: () => void): void;
  close(): void;
}

/** What tabs of one origin have in common. */
export interface TabPlatform {
  readonly locks: Pick<LockManager, "request" | "query">;
  openChannel(name: string): TabChannel;
}

export interface TabCount {
  /** Tabs that hold a worker, this one included. */
  readonly tabs: number;
  /** Those of them that work on something. */
  readonly busy: number;
  /** Whether this tab is one of the busy ones. */
  readonly selfBusy: boolean;
}

const PRESENT = "";
const BUSY = ":busy";

export class TabPresence {
  readonly #platform: TabPlatform;
  readonly #prefix: string;
  readonly #id: string;
  readonly #onCount: (count: TabCount) => void;
  readonly #mutex = new Mutex();
  #wanted = { present: false, busy: false };
  /** What this tab holds, by the end of the lock's name; each entry gives its lock back. */
  readonly #held = new Map<string, () => Promise<void>>();
  #channel: TabChannel | undefined;
  /** Ends the waits for other tabs' locks. */
  #watch = new AbortController();
  readonly #watched = new Set<string>();
  #counting: Promise<void> | undefined;
  #stale = false;

  /**
   * @param key tabs with the same key share
   * @param id unique among the tabs; no colon in it
   * @param onCount hears of every count, changed or not
   */
  constructor(platform: TabPlatform, key: string, id: string, onCount: (count: TabCount) => void) {
    this.#platform = platform;
    this.#prefix = `glyphpool-tab:${encodeURIComponent(key)}:`;
    this.#id = id;
    this.#onCount = onCount;
  }

  /**
   * Says what this tab is from now on. Resolves when the other tabs can see it and they are counted.
   *
   * @throws whatever the platform throws: an opaque origin has no locks
   */
  async set(present: boolean, busy: boolean): Promise<void> {
    this.#wanted = { present, busy: present && busy };
    // In this very turn, because a page that is put aside may get no other.
    if (!present) this.#stopListening();
    try {
      await this.#mutex.run(() => this.#apply());
    } catch (error) {
      this.#stopListening();
      throw error;
    }
  }

  /** Brings the locks in line with what is wanted now, which may be newer than what was asked for. */
  async #apply(): Promise<void> {
    const { present, busy } = this.#wanted;
    if (present && !this.#channel) this.#listen();
    // Nobody is seen busy who is not there.
    const changes = present
      ? [await this.#setLock(PRESENT, present), await this.#setLock(BUSY, busy)]
      : [await this.#setLock(BUSY, busy), await this.#setLock(PRESENT, present)];
    // Of a tab that leaves, the released lock itself tells the others.
    if (changes.includes(true)) this.#channel?.postMessage("count");
    if (present) await this.#count();
  }

  /** @returns whether anything had to be done */
  async #setLock(suffix: string, wanted: boolean): Promise<boolean> {
    const release = this.#held.get(suffix);
    if (wanted === Boolean(release)) return false;
    if (!release) this.#held.set(suffix, await this.#hold(suffix));
    else {
      this.#held.delete(suffix);
      await release();
    }
    return true;
  }

  #listen(): void {
    this.#watch = new AbortController();
    this.#channel = this.#platform.openChannel(this.#prefix);
    this.#channel.addEventListener("message", () => this.#countLater());
  }

  #stopListening(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#watch.abort();
    this.#watched.clear();
  }

  /** Takes a lock that nobody else wants. The result gives it back and waits until it is free. */
  async #hold(suffix: string): Promise<() => Promise<void>> {
    const granted = deferred<void>();
    const released = deferred<void>();
    const name = this.#prefix + this.#id + suffix;
    const over = this.#platform.locks.request(name, () => {
      granted.resolve();
      return released.promise;
    });
    // A failure before the grant is told by `granted`; after it the lock is lost, and so is its use.
    const ended = over.then(() => undefined, granted.reject);
    await granted.promise;
    return async () => {
      released.resolve();
      await ended;
    };
  }

  #countLater(): void {
    // Without its locks a page cannot share; the next `set` says so to its caller.
    this.#count().catch(() => undefined);
  }

  /** Counts, once more when something changes meanwhile. */
  async #count(): Promise<void> {
    this.#stale = true;
    this.#counting ??= this.#countWhileStale();
    await this.#counting;
  }

  async #countWhileStale(): Promise<void> {
    try {
      while (this.#stale) await this.#countOnce();
    } finally {
      // In the same turn as the last look at `#stale`, so that no call falls in between.
      this.#counting = undefined;
    }
  }

  async #countOnce(): Promise<void> {
    this.#stale = false;
    const { held = [] } = await this.#platform.locks.query();
    // Left meanwhile: who has no worker has nothing to share.
    if (!this.#wanted.present) return;
    const names = held
      // Those who only wait for a tab's end hold its lock for a moment, in shared mode.
      .filter(({ name, mode }) => name?.startsWith(this.#prefix) && mode === "exclusive")
      .map(({ name = "" }) => name.slice(this.#prefix.length));
    const ids = new Set(names.filter((name) => !name.endsWith(BUSY)));
    const busy = [...ids].filter((id) => names.includes(id + BUSY));
    for (const id of ids) this.#watchFor(id);
    const tabs = Math.max(1, ids.size);
    this.#onCount({ tabs, busy: busy.length, selfBusy: busy.includes(this.#id) });
  }

  /** Counts again when that tab has left or died: then its lock becomes free. */
  #watchFor(id: string): void {
    if (id === this.#id || this.#watched.has(id)) return;
    const { signal } = this.#watch;
    this.#watched.add(id);
    const gone = this.#platform.locks.request(this.#prefix + id, { mode: "shared", signal }, () => {
      this.#watched.delete(id);
    });
    // Rejected when this tab leaves first.
    gone.then(
      () => this.#countLater(),
      () => undefined,
    );
  }
}
