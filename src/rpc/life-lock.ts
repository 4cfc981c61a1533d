/**
 * Deaths without an event: a worker that closes itself or is discarded raises none. It holds a Web Lock for as long as
 * it lives, and the host waits for the same lock.
 */
import { deferred } from "../core/deferred.ts";

/** Worker: resolves when the lock is held. Only the end of this realm gives it back. */
export async function holdForLife(name: string): Promise<void> {
  const held = deferred<void>();
  void navigator.locks.request(name, () => {
    held.resolve();
    return new Promise<never>(() => undefined);
  });
  await held.promise;
}

/** Host: calls back when the worker that holds the lock is gone, unless the signal fires before. */
export async function watchLife(
  locks: LockManager,
  name: string,
  signal: AbortSignal,
  onEnd: () => void,
): Promise<void> {
  try {
    await locks.request(name, { signal }, onEnd);
  } catch {
    // The worker was ended from this side: nobody has to be told.
  }
}
