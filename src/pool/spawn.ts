/** Starts the worker of this platform. */
import { startWorker } from "../core/worker-script.ts";

/**
 * What `createEngine` takes for its workers unless a test gives another.
 *
 * @param folder URL of the folder that holds the worker's script, in browsers; absent: where the bundler put it
 */
export function spawnWorker(name: string, folder?: string): Worker {
  return "Deno" in globalThis ? spawnInDeno(name) : spawnInBrowser(name, folder);
}

function spawnInBrowser(name: string, folder: string | undefined): Worker {
  // Bundlers find the worker by exactly this shape: `new Worker(new URL("…", import.meta.url), {…})`.
  return startWorker(
    () =>
      new Worker(new URL("../../workers/ocr.worker.ts", import.meta.url), { type: "module", name }),
    folder,
  );
}

function spawnInDeno(name: string): Worker {
  // Not in that shape, so that no bundler puts Deno's decoders into a browser build.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`../../workers/ocr.worker.deno.${extension}`, import.meta.url);
  return new Worker(url, { type: "module", name });
}
