/** Starts the PDF worker of this platform. */
import { startWorker } from "../../core/worker-script.ts";
import type { WorkerLike } from "../../rpc/worker-like.ts";
import { canRunProcess } from "../../rpc/can-run-process.ts";
import { spawnPdfProcess } from "./spawn-deno.ts";

/** Where pdf.js runs. `auto`: in Deno a process where one may be started, else a worker. */
export type PdfIsolation = "auto" | "worker" | "process";

/**
 * @param ceiling resident bytes at which a process ends by itself
 * @param folder URL of the folder that holds the worker's script, in browsers; absent: where the bundler put it
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE` where no process can be started; the message says why
 */
export function spawnPdfWorker(
  isolation: PdfIsolation,
  ceiling: number,
  folder?: string,
): WorkerLike {
  const name = "glyphpool-pdf";
  if (isolation === "process" || (isolation === "auto" && canRunProcess())) {
    return spawnPdfProcess(name, ceiling);
  }
  return "Deno" in globalThis ? spawnInDeno(name) : spawnInBrowser(name, folder);
}

function spawnInBrowser(name: string, folder: string | undefined): Worker {
  // Bundlers find the worker by exactly this shape: `new Worker(new URL("…", import.meta.url), {…})`.
  return startWorker(
    () =>
      new Worker(new URL("../../../workers/pdf.worker.ts", import.meta.url), {
        type: "module",
        name,
      }),
    folder,
  );
}

function spawnInDeno(name: string): Worker {
  // Not in that shape, so that no bundler puts Deno's canvas into a browser build.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`../../../workers/pdf.worker.deno.${extension}`, import.meta.url);
  return new Worker(url, { type: "module", name });
}
