/** Starts the server as a child process and starts it again, at once when it asks for that, else after a while. */
import { RESTART } from "./restart-guard.ts";

/** Argument of a server whose standard input its supervisor holds. */
export const SUPERVISED = "--supervised";

/** One run of the server. */
export interface Child {
  /** Exit code; signals count as 128 and their number. */
  readonly ended: Promise<number>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface SupervisorOptions {
  readonly start: () => Child;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  readonly onRestart: (code: number, wait: number) => void;
}

/** Codes after which another start would go the same way: all well, and a wrong setting. */
const FINAL: ReadonlySet<number> = new Set([0, 2]);
/** Milliseconds before the first start after a crash; each further one in a row waits twice as long. */
const FIRST_WAIT = 500;
const LAST_WAIT = 30_000;
/** Milliseconds after which a run counts as a good one. */
const GOOD_RUN = 60_000;

export class Supervisor {
  readonly #options: SupervisorOptions;
  #child: Child | undefined;
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** @returns the exit code of the last run */
  async run(): Promise<number> {
    const { start, wait, now, onRestart } = this.#options;
    let pause = FIRST_WAIT;
    for (;;) {
      const since = now();
      this.#child = start();
      const code = await this.#child.ended;
      if (FINAL.has(code) || this.#stopping) return code;
      if (now() - since > GOOD_RUN) pause = FIRST_WAIT;
      const asked = code === RESTART;
      onRestart(code, asked ? 0 : pause);
      if (asked) continue;
      await wait(pause);
      pause = Math.min(2 * pause, LAST_WAIT);
      if (this.#stopping) return code;
    }
  }

  /** The first asks the server to end, the second ends it. */
  stop(): void {
    this.#child?.kill(this.#stopping ? "SIGKILL" : "SIGTERM");
    this.#stopping = true;
  }
}
