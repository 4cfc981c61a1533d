/** The first import of a worker inside a child process: lets the main thread see its silent end. */
import "./stderr-only.deno.ts";

/**
 * Name of the lock that the worker holds, and the first message to the main thread, once it is held.
 * Locks do not cross processes, so one name does for all.
 */
export const LIFE_LOCK = "glyphpool-process-worker";

// Given back by the end of this realm and by nothing else.
if ("WorkerGlobalScope" in globalThis) {
  void navigator.locks.request(LIFE_LOCK, () => {
    self.postMessage(LIFE_LOCK);
    return new Promise<never>(() => undefined);
  });
}
