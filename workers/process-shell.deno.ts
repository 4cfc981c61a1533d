/**
 * The main thread of a child process: passes messages between the pipes and a worker, and ends the
 * process when the host is gone, which a thread that is busy with a model would not notice.
 */
import "./stderr-only.deno.ts";
import { FramedLink, MAX_FRAME_BYTES } from "../src/core/framed-link.ts";
import { v8Codec } from "../src/core/v8-codec.ts";
import { LIFE_LOCK } from "./process-life.deno.ts";

/** Exit codes, of `sysexits.h`. */
const EXIT_WORKER = 70;
const EXIT_PROTOCOL = 76;

/** @param url a module that imports `process-life.deno.ts` first and then serves the worker API */
export function serveProcess(url: URL): void {
  const worker = new Worker(url, { type: "module", name: Deno.args[0] ?? "glyphpool" });
  const link = new FramedLink({
    source: Deno.stdin.readable,
    sink: Deno.stdout.writable,
    codec: v8Codec(),
    maxFrameBytes: MAX_FRAME_BYTES,
    onMessage: (message) => worker.postMessage(message, buffersOf(message)),
    onEnd: (error) => (error ? exit(EXIT_PROTOCOL, error.message) : Deno.exit(0)),
  });
  worker.addEventListener("message", ({ data }) => {
    try {
      link.send(data);
    } catch (error) {
      exit(EXIT_PROTOCOL, String(error));
    }
  });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    exit(EXIT_WORKER, event.message);
  });
  worker.addEventListener("messageerror", () => {
    exit(EXIT_PROTOCOL, "a message of the worker could not be read");
  });
  // The worker holds the lock before it says anything; a worker that closes itself raises no event.
  const onFirst = (): void => {
    void navigator.locks.request(LIFE_LOCK, () => exit(EXIT_WORKER, "the worker closed itself"));
  };
  worker.addEventListener("message", onFirst, { once: true });
}

function exit(code: number, why: string): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`glyphpool: the process ends: ${why}\n`));
  Deno.exit(code);
}

/** Every buffer in a message, so that it crosses to the worker without another copy. */
function buffersOf(message: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
    if (buffer instanceof ArrayBuffer) found.add(buffer);
    else for (const child of Object.values(value)) visit(child);
  };
  visit(message);
  return [...found];
}
