/**
 * What each step of the recovery gives back in Deno.
 * `deno run -A test/bench/recovery/deno.ts --backend wasm|webgpu`
 */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SMALL_REGIONS } from "../leak/tasks.ts";
import { complaints, format, parseBackend, runRecovery } from "./run.ts";
import { ServiceSubject } from "./subject.ts";
import type { Task } from "./subject.ts";

// Deno falls back to OpenGL, whose adapters are too small for the models.
if (Deno.build.os === "linux" && !Deno.env.get("DENO_WEBGPU_BACKEND")) {
  Deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
}

async function main(): Promise<number> {
  const backend = parseBackend(Deno.args);
  if (backend === "webgpu" && !(await navigator.gpu.requestAdapter())) {
    console.error("No WebGPU adapter: install a Vulkan driver (mesa-vulkan-drivers).");
    return 1;
  }
  const image = fileURLToPath(new URL("../../../demo/sample.png", import.meta.url));
  const tasks: Task[] =
    backend === "wasm" ? [{ image }] : SMALL_REGIONS.map((region) => ({ image, region }));
  const subject = new ServiceSubject((path) => Deno.readFile(path));
  const result = await runRecovery(`Deno ${Deno.version.deno}`, backend, subject, tasks, {
    processBytes: async () => privateBytes(await Deno.readTextFile("/proc/self/status")),
    log: (line) => console.error(line),
  });
  console.log(format(result));
  const wrong = complaints(result, backend);
  for (const complaint of wrong) console.error(`FAILED: ${complaint}`);
  return wrong.length === 0 ? 0 : 1;
}

/** Memory that is no file's, as the kernel counts it. */
function privateBytes(status: string): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? NaN) * 1024;
}

process.exitCode = await main();
