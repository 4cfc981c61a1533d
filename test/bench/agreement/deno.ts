/**
 * Do wasm and WebGPU read the same in Deno?
 * `node_modules/.bin/deno run -A test/bench/agreement/deno.ts [--build jspi,asyncify] [--lines 100]`
 */
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { sharedFolder } from "../datasets.ts";
import { measure, parseOptions } from "./measure.ts";
import { planParts, WEIGHTS, weightsFolder } from "./plan.ts";
import { EngineReader } from "./reader.ts";
import { complaints, describe, formatTable } from "./report.ts";

// Deno falls back to OpenGL, whose adapters are too small for the models.
if (Deno.build.os === "linux" && !Deno.env.get("DENO_WEBGPU_BACKEND")) {
  Deno.env.set("DENO_WEBGPU_BACKEND", "vulkan");
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const shared = sharedFolder();
  const folder = weightsFolder(shared);
  if (folder === undefined) {
    console.error("Skipped, nothing compared: no models/ppocrv6_tiny in the shared folder.");
    return 0;
  }
  if (!(await navigator.gpu.requestAdapter())) {
    console.error("No WebGPU adapter: install a Vulkan driver (mesa-vulkan-drivers).");
    return 1;
  }
  const file = (name: string): URL => pathToFileURL(join(folder, name));
  const weights = {
    detection: file(WEIGHTS.detection),
    recognition: file(WEIGHTS.recognition),
    orientation: file(WEIGHTS.orientation),
    dictionary: file(WEIGHTS.dictionary),
  };
  const reader = new EngineReader(weights, (page) => Deno.readFile(page));
  const results = await measure(reader, planParts(shared), options);
  console.log(formatTable(`Deno ${Deno.version.deno}`, results));
  console.log(`\n${describe(results)}`);
  const wrong = complaints(results);
  for (const complaint of wrong) console.error(`FAILED: ${complaint}`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main(Deno.args);
