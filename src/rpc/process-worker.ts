/** A worker in another process: messages as frames over its pipes, its end as an `error` event. */
import { FramedLink, MAX_FRAME_BYTES } from "./framed-link.ts";
import type { Codec } from "./v8-codec.ts";
import type { WorkerLike } from "./worker-like.ts";

/** What is needed of `Deno.ChildProcess`. */
export interface Child {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly status: Promise<ProcessEnd>;
  /** Throws when the process has ended already. */
  kill(signal: "SIGKILL"): void;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: string | null;
}

export class ProcessWorker extends EventTarget implements WorkerLike {
  /** The end of the process, whatever the reason, is an `error` event. */
  readonly announcesDeath = true;
  /** Resolves when the process is gone, and with it its memory. */
  readonly exited: Promise<ProcessEnd>;
  readonly #child: Child;
  readonly #link: FramedLink;
  #terminated = false;

  constructor(child: Child, codec: Codec, maxFrameBytes: number = MAX_FRAME_BYTES) {
    super();
    this.#child = child;
    this.exited = child.status;
    this.#link = new FramedLink({
      source: child.stdout,
      sink: child.stdin,
      codec,
      maxFrameBytes,
      onMessage: (data) => this.dispatchEvent(new MessageEvent("message", { data })),
      onEnd: (error) => void this.#announce(error),
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** @throws GlyphpoolError `INVALID_INPUT` for a message over the limit, `QUEUE_FULL` */
  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#link.send(message, transfer);
  }

  /** Kills the process at once, whatever it does. */
  terminate(): void {
    this.#terminated = true;
    // First of all: with its input closed it would end by itself, if it could.
    this.#kill();
    this.#link.close();
  }

  async #announce(error: Error | undefined): Promise<void> {
    // Nothing can be heard of it any more; one that only closed its pipes would live on unseen.
    if (error) this.#kill();
    const grace = setTimeout(() => this.#kill(), PIPE_GRACE);
    const end = await this.#child.status;
    clearTimeout(grace);
    this.#link.close();
    if (this.#terminated) return;
    const how = end.signal ? `signal ${end.signal}` : `code ${end.code}`;
    const why = error ? `: ${error.message}` : "";
    const message = `its process ended with ${how}${why}`;
    this.dispatchEvent(
      Object.assign(new Event("error", { cancelable: true }), { message, ...end }),
    );
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/** How long a process may live after it has closed its output. Milliseconds. */
const PIPE_GRACE = 1000;
