/** Reads the same parts of pages on wasm and on WebGPU and says how far they agree. */
import { parseArgs } from "node:util";
import { basename } from "node:path";
import type { AdapterInfo, EngineInfo } from "../../../src/index.ts";
import { addDifferences, compareReadings, type Difference } from "./compare.ts";
import type { Part } from "./plan.ts";
import type { Reader, Reading } from "./reader.ts";
import type { Build, Detection, Setup } from "./setup.ts";

export interface Options {
  readonly builds: readonly Build[];
  /** The reduced pass ends with the first part that fills this number. */
  readonly lines: number;
}

export interface Result extends Difference {
  readonly build: Build;
  readonly detection: Detection;
  readonly pages: number;
  readonly parts: number;
  /** Of the engine that was to run on WebGPU. */
  readonly info: EngineInfo;
  readonly adapter: AdapterInfo | undefined;
  /** Models that were loaded, and whether each of them ran on WebGPU. */
  readonly models: readonly string[];
  readonly allOnGpu: boolean;
  readonly wasmMs: number;
  readonly gpuMs: number;
}

const BUILDS: readonly Build[] = ["jspi", "asyncify"];

export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      build: { type: "string", default: BUILDS.join() },
      lines: { type: "string", default: "100" },
    },
  });
  const builds = values.build.split(",").map((name) => {
    const build = BUILDS.find((known) => known === name);
    if (!build) throw new Error(`--build ${name}: allowed are ${BUILDS.join(", ")}`);
    return build;
  });
  const lines = Number(values.lines);
  if (!(lines > 0)) throw new Error(`--lines ${values.lines}: must be a number above 0`);
  return { builds, lines };
}

export async function measure(
  reader: Reader,
  parts: readonly Part[],
  { builds, lines }: Options,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const build of builds) {
    results.push(await compareBackends(reader, build, "small", parts, lines));
    // Short side 736, whatever the part's size: one part, cut to a square, is all that an emulated GPU
    // can be asked for.
    const square = parts.slice(0, 1).map(({ page, region }): Part => {
      const side = Math.min(region.width, region.height);
      return { page, region: { ...region, width: side, height: side } };
    });
    results.push(await compareBackends(reader, build, "own", square, 1));
  }
  return results;
}

async function compareBackends(
  reader: Reader,
  build: Build,
  detection: Detection,
  parts: readonly Part[],
  wanted: number,
): Promise<Result> {
  const setup = { runtime: build, detection };
  const wasm = await readParts(reader, { ...setup, backend: "wasm" }, parts, wanted);
  const read = parts.slice(0, wasm.readings.length);
  const gpu = await readParts(reader, { ...setup, backend: "webgpu" }, read);
  if (wasm.models.some((model) => model.backend !== "wasm")) {
    throw new Error("The reference did not run on wasm.");
  }
  return {
    ...addDifferences(
      wasm.readings.map((reading, i) => compareReadings(reading, gpu.readings[i]!)),
    ),
    build,
    detection,
    pages: new Set(read.map(({ page }) => page)).size,
    parts: read.length,
    info: gpu.info,
    adapter: gpu.info.adapter,
    models: gpu.models.map(({ id }) => id),
    allOnGpu: gpu.models.length > 0 && gpu.models.every((model) => model.backend === "webgpu"),
    wasmMs: wasm.ms,
    gpuMs: gpu.ms,
  };
}

interface Run {
  readonly info: EngineInfo;
  readonly readings: Reading[];
  readonly models: { readonly id: string; readonly backend?: string }[];
  /** Of the reads alone: the start of the engine is not in it, loading and compiling are. */
  readonly ms: number;
}

/** Reads part after part, until there are enough lines. */
async function readParts(
  reader: Reader,
  setup: Setup,
  parts: readonly Part[],
  enough: number = Infinity,
): Promise<Run> {
  const name = `${setup.backend}, ${setup.runtime}, ${setup.detection} detection`;
  const info = await reader.open(setup);
  try {
    const readings: Reading[] = [];
    let lines = 0;
    for (const { page, region } of parts) {
      const reading = await reader.read(page, region);
      readings.push(reading);
      lines += reading.lines.length;
      console.error(
        `${name}: ${basename(page)}, ${reading.lines.length} lines in ${(reading.ms / 1000).toFixed(1)} s`,
      );
      if (lines >= enough) break;
    }
    const ms = readings.reduce((sum, reading) => sum + reading.ms, 0);
    return { info, readings, models: await reader.models(), ms };
  } finally {
    await reader.close();
  }
}
