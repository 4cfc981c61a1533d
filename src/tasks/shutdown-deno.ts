/** Signals of a Deno process: the first drains, the second ends at once. */
import { ensureDisposeSymbols } from "../core/dispose.ts";
import { systemTimers } from "../core/timers.ts";
import type { Timers } from "../core/timers.ts";
import { attempt, distinct } from "./shutdown-target.ts";
import type {
  ShutdownHandle,
  ShutdownOptions,
  ShutdownRegistration,
  ShutdownTarget,
} from "./shutdown-target.ts";

ensureDisposeSymbols();

const DRAIN_DEADLINE = 10_000;
const CLOSE_DEADLINE = 5_000;

/** The process, as far as a shutdown has to do with it. */
export interface ProcessSignals {
  /** Signals that ask the process to end, with their numbers. */
  readonly numbers: Readonly<Record<string, number>>;
  /** May throw where the platform does not know the signal. */
  listen(signal: string, listener: () => void): void;
  unlisten(signal: string, listener: () => void): void;
  exit(code: number): void;
}

/** This process. A listener does not keep it from ending by itself. */
export const denoSignals: ProcessSignals = {
  // Windows knows no SIGTERM; Ctrl+Break is what its service managers send.
  get numbers(): Readonly<Record<string, number>> {
    return Deno.build.os === "windows" ? { SIGINT: 2, SIGBREAK: 21 } : { SIGINT: 2, SIGTERM: 15 };
  },
  listen: (signal, listener) => Deno.addSignalListener(signal as Deno.Signal, listener),
  unlisten: (signal, listener) => Deno.removeSignalListener(signal as Deno.Signal, listener),
  exit: (code) => Deno.exit(code),
};

/** From the first signal to the end. */
interface Ending {
  /** Those that the first signal found. */
  readonly targets: readonly ShutdownRegistration[];
  over: boolean;
}

/** All targets of one process, behind one listener per signal. */
export class SignalShutdown {
  readonly #process: ProcessSignals;
  readonly #timers: Timers;
  readonly #installed = new Set<ShutdownRegistration>();
  readonly #listeners = new Map<string, () => void>();
  #ending: Ending | undefined;

  constructor(process: ProcessSignals, timers: Timers = systemTimers) {
    this.#process = process;
    this.#timers = timers;
  }

  install(target: ShutdownTarget, options: ShutdownOptions = {}): ShutdownHandle {
    const registration = { target, options };
    this.#installed.add(registration);
    this.#listen();
    return {
      listensTo: [...this.#listeners.keys()],
      [Symbol.dispose]: () => {
        this.#installed.delete(registration);
        // Under way, the second signal must still be heard.
        if (this.#installed.size === 0 && !this.#ending) this.#unlisten();
      },
    };
  }

  #listen(): void {
    if (this.#listeners.size > 0) return;
    for (const [signal, number] of Object.entries(this.#process.numbers)) {
      const listener = (): void => this.#onSignal(128 + number);
      try {
        this.#process.listen(signal, listener);
        this.#listeners.set(signal, listener);
      } catch {
        // Not on this platform: there the signal cannot come either, and the others still do.
      }
    }
  }

  #unlisten(): void {
    for (const [signal, listener] of this.#listeners) this.#process.unlisten(signal, listener);
    this.#listeners.clear();
  }

  #onSignal(code: number): void {
    if (this.#ending) {
      this.#endNow(this.#ending, code);
      return;
    }
    const ending = { targets: distinct(this.#installed), over: false };
    this.#ending = ending;
    void this.#end(ending, code);
  }

  /** First signal. Every wait is bounded here too: a target that ignores its deadline delays nobody. */
  async #end(ending: Ending, code: number): Promise<void> {
    const ends = ending.targets.map(async ({ target, options }) => {
      const { drainDeadline = DRAIN_DEADLINE, closeDeadline = CLOSE_DEADLINE } = options;
      const drained = attempt(() => target.drain(drainDeadline), options);
      await settledWithin(drained, drainDeadline, this.#timers);
      // After a second signal it is closed already, or the process is about to be gone.
      if (ending.over) return;
      const closed = attempt(() => target.close(), options);
      await settledWithin(closed, closeDeadline, this.#timers);
    });
    await Promise.all(ends);
    this.#exit(ending, code);
  }

  /**
   * Second signal. A process that ends takes its threads along; closing first would only catch a GPU driver
   * in the middle of its clean-up. A process that goes on needs the `close()`.
   */
  #endNow(ending: Ending, code: number): void {
    if (ending.targets.some(({ options }) => options.exit)) {
      for (const { target, options } of ending.targets) {
        void attempt(() => target.close(), options);
      }
    }
    this.#exit(ending, code);
  }

  #exit(ending: Ending, code: number): void {
    if (ending.over) return;
    ending.over = true;
    this.#ending = undefined;
    // Whoever goes on from here is ended by the next signal as if nothing had been installed, unless
    // something new was installed meanwhile.
    for (const entry of this.#installed) {
      if (ending.targets.some(({ target }) => target === entry.target))
        this.#installed.delete(entry);
    }
    this.#unlisten();
    if (this.#installed.size > 0) this.#listen();
    const exits = new Map<(code: number) => void, ShutdownOptions>();
    for (const { options } of ending.targets) if (options.exit) exits.set(options.exit, options);
    if (exits.size === 0) this.#process.exit(code);
    for (const [exit, options] of exits) void attempt(() => exit(code), options);
  }
}

/** Resolves to true when the promise has settled, however it did; to false when the time was over first. */
function settledWithin(
  promise: Promise<unknown>,
  milliseconds: number,
  timers: Timers,
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = timers.after(milliseconds, () => resolve(false));
    const settled = (): void => {
      cancel();
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
