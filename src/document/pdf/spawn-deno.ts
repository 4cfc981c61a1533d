/**
 * The PDF worker in a process of its own. Deno only, and the better choice there: a worker that is busy cannot be
 * ended in Deno, and a document can keep pdf.js busy forever.
 */
import { spawnProcess } from "../../rpc/child-process.ts";
import type { WorkerLike } from "../../rpc/worker-like.ts";

/**
 * It gets no network, no environment and no files to write; native code (the canvas) where this process may load any.
 *
 * @param ceiling resident bytes at which it ends by itself
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE`
 */
export function spawnPdfProcess(name: string, ceiling: number): WorkerLike {
  const ffi =
    "Deno" in globalThis && Deno.permissions.querySync({ name: "ffi" }).state === "granted";
  const here = import.meta.url;
  const extension = here.endsWith(".ts") ? "ts" : "js";
  return spawnProcess(name, {
    entry: new URL(`../../../workers/pdf.process.deno.${extension}`, here),
    permissions: { ffi },
    args: [String(ceiling)],
  });
}
