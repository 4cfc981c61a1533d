/** Starts the worker of this platform. */
import { startWorker } from "../core/worker-script.ts";

/** What `createEngine` takes for its workers unless a test gives another. */
export function spawnWorker(name: string): Worker {
  return "Deno" in globalThis ? spawnInDeno(name) : spawnInBrowser(name);
}

function spawnInBrowser(name: string): Worker {
  // Bundlers find the worker by exactly this shape: `new Worker(new URL("…", import.meta.url), {…})`.
  return startWorker(
    () =>
      new Worker(new URL("../../workers/ocr.worker.ts", import.meta.url), { type: "module", name }),
  );
}

function spawnInDeno(name: string): Worker {
  // Not in that shape, so that no bundler puts Deno's decoders into a browser build.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`../../workers/ocr.worker.deno.${extension}`, import.meta.url);
  return new Worker(url, { type: "module", name });
}
