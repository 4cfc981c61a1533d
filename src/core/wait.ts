import { GlyphpoolError, abortError } from "../errors.ts";

/** What may end a wait early. */
export interface WaitLimits {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; absent or 0 means for ever. */
  readonly deadline?: number | undefined;
}

/**
 * Waits for a promise, but not longer than the limits allow. The promise itself goes on: the caller
 * must undo or stop what it stands for, and a late rejection is swallowed here.
 *
 * @throws GlyphpoolError `ABORTED`, `DEADLINE_EXCEEDED`, or whatever the promise rejects with
 */
export async function waitWithin<T>(promise: Promise<T>, limits: WaitLimits): Promise<T> {
  const { signal, deadline } = limits;
  const early = Promise.withResolvers<never>();
  const onAbort = (): void => early.reject(abortError(signal as AbortSignal));
  const timer = deadline
    ? setTimeout(() => {
        const message = `The call did not finish within its deadline of ${deadline} ms.`;
        early.reject(new GlyphpoolError("DEADLINE_EXCEEDED", message));
      }, deadline)
    : undefined;
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, early.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
