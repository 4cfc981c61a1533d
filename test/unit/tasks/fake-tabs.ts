import type { TabChannel, TabPlatform } from "../../../src/pool/tabs/presence.ts";

interface Request {
  readonly name: string;
  readonly mode: LockMode;
  readonly client: number;
  readonly run: () => void;
}

/** The Web Locks and channels of one origin, with tabs that can be killed. */
export class FakeOrigin {
  readonly #held = new Map<Request, () => void>();
  #queue: Request[] = [];
  readonly #channels = new Set<{ client: number; name: string; listener: () => void }>();
  #clients = 0;
  /** Messages that were posted, lost ones included. */
  messages = 0;
  /** Set to lose every message. */
  deaf = false;

  get held(): number {
    return this.#held.size;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get channels(): number {
    return this.#channels.size;
  }

  /** A tab that joins this origin, and the end of its process. */
  open(): { platform: TabPlatform; crash: () => void } {
    const client = this.#clients++;
    let alive = true;
    const request = async (name: string, ...rest: unknown[]): Promise<unknown> => {
      const callback = rest.at(-1) as () => unknown;
      const { mode = "exclusive", signal } = (rest.length > 1 ? rest[0] : {}) as LockOptions;
      await Promise.resolve();
      return await new Promise((resolve, reject) => {
        if (!alive) return;
        const entry: Request = {
          name,
          mode,
          client,
          run: () => {
            const release = (): void => {
              if (this.#held.delete(entry)) this.#grant();
            };
            this.#held.set(entry, release);
            void (async () => {
              const result = await callback();
              release();
              if (alive) resolve(result);
            })();
          },
        };
        signal?.addEventListener("abort", () => {
          if (!this.#queue.includes(entry)) return;
          this.#queue = this.#queue.filter((other) => other !== entry);
          this.#grant();
          reject(new DOMException("aborted", "AbortError"));
        });
        this.#queue.push(entry);
        this.#grant();
      });
    };
    const query = async (): Promise<LockManagerSnapshot> => {
      await Promise.resolve();
      const info = ({ name, mode, client: owner }: Request): LockInfo => ({
        name,
        mode,
        clientId: String(owner),
      });
      return { held: [...this.#held.keys()].map(info), pending: this.#queue.map(info) };
    };
    const openChannel = (name: string): TabChannel => {
      const entry = { client, name, listener: () => undefined as void };
      // What a dead tab's code still does is nothing to the others.
      if (alive) this.#channels.add(entry);
      return {
        postMessage: () => alive && this.#post(entry),
        addEventListener: (_type, listener) => (entry.listener = listener),
        close: () => void this.#channels.delete(entry),
      };
    };
    const crash = (): void => {
      alive = false;
      this.#queue = this.#queue.filter((entry) => entry.client !== client);
      for (const channel of this.#channels) {
        if (channel.client === client) this.#channels.delete(channel);
      }
      for (const [entry, release] of this.#held) if (entry.client === client) release();
      this.#grant();
    };
    return { platform: { locks: { request, query } as LockManager, openChannel }, crash };
  }

  #post(from: { client: number; name: string }): void {
    this.messages++;
    if (this.deaf) return;
    for (const channel of this.#channels) {
      if (channel === from || channel.name !== from.name) continue;
      queueMicrotask(() => this.#channels.has(channel) && channel.listener());
    }
  }

  /** Grants in order of arrival, as the specification says. */
  #grant(): void {
    const blocked = new Set<string>();
    const rest: Request[] = [];
    const granted: Request[] = [];
    const modes = new Map<string, LockMode>();
    for (const { name, mode } of this.#held.keys()) modes.set(name, mode);
    for (const entry of this.#queue) {
      const mode = modes.get(entry.name);
      const free = mode === undefined || (mode === "shared" && entry.mode === "shared");
      if (blocked.has(entry.name) || !free) {
        blocked.add(entry.name);
        rest.push(entry);
      } else {
        modes.set(entry.name, entry.mode);
        granted.push(entry);
      }
    }
    this.#queue = rest;
    for (const { run } of granted) run();
  }
}
