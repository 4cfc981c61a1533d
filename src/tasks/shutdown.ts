/** Ends engines in good order when their page or process ends. */
import { PageShutdown } from "./shutdown-browser.ts";
import { SignalShutdown, denoSignals } from "./shutdown-deno.ts";
import type { ShutdownHandle, ShutdownOptions, ShutdownTarget } from "./shutdown-target.ts";

/** One per page or process, made by the first engine that asks. */
let shared: PageShutdown | SignalShutdown | undefined;

/**
 * Shuts the target down with its page (`pagehide`, `freeze`) or, in Deno, with its process (SIGINT, SIGTERM:
 * the first drains to the deadline, the second ends at once). All targets share one set of listeners. A worker
 * and Node have no such events: there nothing happens, and the result says so.
 *
 * @example
 * ```ts
 * using _ = installShutdown(engine, { drainDeadline: 5_000 });
 * ```
 */
export function installShutdown(
  target: ShutdownTarget,
  options: ShutdownOptions = {},
): ShutdownHandle {
  shared ??= hostShutdown();
  return shared?.install(target, options) ?? { listensTo: [], [Symbol.dispose]: () => undefined };
}

function hostShutdown(): PageShutdown | SignalShutdown | undefined {
  // A worker ends with its parent, who does the shutting down; it would hear no such event either.
  if (!("document" in globalThis)) {
    return isDenoProcess() ? new SignalShutdown(denoSignals) : undefined;
  }
  return new PageShutdown({ window: globalThis, document });
}

function isDenoProcess(): boolean {
  return "Deno" in globalThis && !("WorkerGlobalScope" in globalThis);
}
