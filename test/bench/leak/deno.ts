/**
 * Does anything stay behind in Deno?
 * `deno run -A --v8-flags=--expose-gc test/bench/leak/deno.ts --backend wasm|webgpu [--reads 300] [--cycles 100] [--loads-only]`
 */
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { WEIGHTS } from "../agreement/plan.ts";
import { sharedFolder } from "../datasets.ts";
import { complaints, format, runLeak } from "./run.ts";
import { EngineSubject } from "./subject.ts";
import type { Setup } from "./subject.ts";
import { SMALL_REGIONS, parseArguments, realPages } from "./tasks.ts";

// Deno falls back to OpenGL, whose adapters are too small for the models.
if (Deno.build.os === "linux" && !Deno.env.get("DENO_WEBGPU_BACKEND")) {
  Deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
}

const IDLE_TIMEOUT = 5_000;
const { backend, reads, cycles, loadsOnly } = parseArguments(Deno.args);
const structure = pathToFileURL(
  join(sharedFolder(), "models/comer_formula/encoder_int8.onnx"),
).href;
const setup: Setup = { backend, structure, idleTimeout: IDLE_TIMEOUT };
const sample = fileURLToPath(new URL("../../../demo/sample.png", import.meta.url));
const subject = new EngineSubject((path) => Deno.readFile(path));

async function main(): Promise<number> {
  if (backend === "webgpu" && !(await navigator.gpu.requestAdapter())) {
    console.error("No WebGPU adapter: install a Vulkan driver (mesa-vulkan-drivers).");
    return 1;
  }
  const tasks =
    backend === "webgpu"
      ? SMALL_REGIONS.map((region) => ({ image: sample, region }))
      : realPages(sharedFolder()).map((image) => ({ image }));
  const weights = (name: string): URL =>
    pathToFileURL(join(sharedFolder(), "models/ppocrv6_tiny", name));
  const models = {
    detection: weights(WEIGHTS.detection),
    recognition: weights(WEIGHTS.recognition),
    orientation: weights(WEIGHTS.orientation),
    dictionary: weights(WEIGHTS.dictionary),
  };
  const info = await subject.open(backend === "webgpu" ? setup : { ...setup, models });
  const result = await runLeak(`Deno ${Deno.version.deno}, ${info}`, subject, tasks, {
    reads,
    cycles,
    loadsOnly,
    every: 5,
    idleTimeout: IDLE_TIMEOUT,
    processBytes: async () => privateBytes(await Deno.readTextFile("/proc/self/status")),
    log: (line) => console.error(line),
  });
  await subject.close();
  console.log(format(result));
  const wrong = complaints(result);
  for (const complaint of wrong) console.error(`FAILED: ${complaint}`);
  return wrong.length === 0 ? 0 : 1;
}

/** Memory that is no file's, as the kernel counts it. */
function privateBytes(status: string): number {
  return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? NaN) * 1024;
}

process.exitCode = await main();
