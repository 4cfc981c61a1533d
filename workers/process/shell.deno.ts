/**
 * The main thread of a child process: passes messages between the pipes and a worker, and ends the
 * process when the host is gone, which a thread that is busy with a model would not notice.
 */
import "./stderr-only.deno.ts";
import { FramedLink, MAX_FRAME_BYTES } from "../../src/rpc/framed-link.ts";
import { v8Codec } from "../../src/rpc/v8-codec.ts";
import { LIFE_LOCK } from "./life.deno.ts";

/** Exit codes, of `sysexits.h`. */
const EXIT_WORKER = 70;
const EXIT_PROTOCOL = 76;

/**
 * Arguments of the process: its name, and the largest message in bytes.
 *
 * @param url a module that imports `process-life.deno.ts` first and then serves the worker API
 */
export function serveProcess(url: URL): void {
  const [name = "glyphpool", maxFrameBytes = MAX_FRAME_BYTES] = Deno.args;
  const worker = new Worker(url, { type: "module", name });
  const link = new FramedLink({
    source: Deno.stdin.readable,
    sink: Deno.stdout.writable,
    codec: v8Codec(),
    maxFrameBytes: Number(maxFrameBytes),
    // So that pictures cross to the worker without another copy.
    onMessage: (message, buffer) => worker.postMessage(message, [buffer]),
    onEnd: (error) => (error ? exit(EXIT_PROTOCOL, error.message) : Deno.exit(0)),
  });
  worker.addEventListener("message", ({ data }) => {
    if (data === LIFE_LOCK) {
      // A worker that closes itself raises no event, but it holds the lock until then.
      void navigator.locks.request(LIFE_LOCK, () => exit(EXIT_WORKER, "the worker closed itself"));
      return;
    }
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
}

function exit(code: number, why: string): never {
  Deno.stderr.writeSync(new TextEncoder().encode(`glyphpool: the process ends: ${why}\n`));
  Deno.exit(code);
}
