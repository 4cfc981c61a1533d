/** Whether new work can be taken. Anybody may ask, as often as they like: the answer is kept for a moment. */
import { join } from "node:path";
import { toProblem } from "./problem.ts";
import type { ServerContext } from "./context.ts";

/** Milliseconds for which an answer is good, and after which a store that does not answer counts as away. */
const FRESH = 1_000;
const PATIENCE = 3_000;

export class Readiness {
  readonly #server: Pick<ServerContext, "store" | "engine" | "draining" | "incoming">;
  #store: Promise<readonly string[]> | undefined;
  #asked = -Infinity;

  constructor(server: Pick<ServerContext, "store" | "engine" | "draining" | "incoming">) {
    this.#server = server;
  }

  /** Why no new work is taken; empty where it is. */
  async reasons(): Promise<readonly string[]> {
    const { engine, draining } = this.#server;
    const reasons: string[] = [];
    if (draining.aborted) reasons.push("the server is shutting down");
    if (engine.memory.snapshot().quality.intake === "refuse") reasons.push("memory is exhausted");
    return [...reasons, ...(await this.#storage())];
  }

  async #storage(): Promise<readonly string[]> {
    const now = performance.now();
    if (!this.#store || now - this.#asked > FRESH) {
      this.#asked = now;
      this.#store = this.#probe();
    }
    return await this.#store;
  }

  /** Writes to where new tasks are written to: that a store answers does not say that its disk has space left. */
  async #probe(): Promise<readonly string[]> {
    const { store, incoming } = this.#server;
    const path = join(incoming, `probe-${crypto.randomUUID()}`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("late")), PATIENCE);
    });
    try {
      await Promise.race([store.probe(), late]);
      await Deno.writeFile(path, new Uint8Array(4_096), { mode: 0o600 });
      return [];
    } catch (error) {
      return [
        toProblem(error).code === "DISK_FULL" ? "the disk is full" : "the store cannot be reached",
      ];
    } finally {
      clearTimeout(timer);
      await Deno.remove(path).catch(() => undefined);
    }
  }
}
