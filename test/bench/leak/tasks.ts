/** What is read: mixed sizes, over and over. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Rect } from "../../../src/index.ts";

export interface LeakArguments {
  readonly backend: "webgpu" | "wasm";
  readonly reads: number;
  readonly cycles: number;
  readonly loadsOnly: boolean;
}

export function parseArguments(args: readonly string[]): LeakArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      backend: { type: "string", default: "wasm" },
      reads: { type: "string", default: "300" },
      cycles: { type: "string", default: "100" },
      "loads-only": { type: "boolean", default: false },
    },
  });
  const { backend } = values;
  if (backend !== "webgpu" && backend !== "wasm") throw new Error("--backend is webgpu or wasm");
  return {
    backend,
    reads: Number(values.reads),
    cycles: Number(values.cycles),
    loadsOnly: values["loads-only"],
  };
}

/** Parts of the sample page, at most 160 pixels a side: what an emulated GPU reads in about a second. */
export const SMALL_REGIONS: readonly Rect[] = [
  { x: 40, y: 40, width: 96, height: 32 },
  { x: 40, y: 40, width: 160, height: 32 },
  { x: 40, y: 44, width: 64, height: 64 },
  { x: 60, y: 40, width: 128, height: 48 },
  { x: 100, y: 60, width: 96, height: 64 },
];

/** Paths of the FUNSD forms, every third of them. */
export function realPages(shared: string): string[] {
  const folder = join(shared, "data/funsd_test/images");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".png"))
    .sort()
    .filter((_, i) => i % 3 === 0)
    .map((name) => join(folder, name));
}
