/** The results as a table, and whether they will do. */
import { agreement } from "./compare.ts";
import type { Result } from "./measure.ts";
import { SMALL_SIDE } from "./setup.ts";

/**
 * Backends differ by about 1e-5 in a probability, so a character can differ only where two candidates
 * are that close together, and a box only where a pixel of the mask is that close to the threshold.
 * This leaves room for one such tie in a thousand characters, not for a wrong kernel.
 */
const LEAST_AGREEMENT = 0.999;
const LEAST_PAGES = 3;
const LEAST_LINES = 100;

const COLUMNS = [
  "runtime",
  "build",
  "detector's input",
  "pages / regions",
  "lines",
  "characters",
  "character agreement",
  "equal lines",
  "equal regions",
  "polygons, largest difference",
  "confidence, largest difference",
  "time wasm / WebGPU",
] as const;

export function formatTable(runtime: string, results: readonly Result[]): string {
  const rows = results.map((result) => [
    runtime,
    result.build,
    result.detection === "small" ? `long side ≤ ${SMALL_SIDE}` : "short side ≥ 736 (default)",
    `${result.pages} / ${result.parts}`,
    String(result.lines),
    String(result.characters),
    `${(100 * agreement(result)).toFixed(3)} %`,
    `${result.equalLines} of ${result.lines}`,
    `${result.equalReadings} of ${result.parts}`,
    `${Number(result.polygon.toFixed(4))} px`,
    result.confidence.toExponential(1),
    `${seconds(result.wasmMs)} / ${seconds(result.gpuMs)}`,
  ]);
  const table = [COLUMNS, COLUMNS.map(() => "---"), ...rows];
  return table.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What ran where, for below the table. */
export function describe(results: readonly Result[]): string {
  const engines = results.map(({ build, info, adapter, models, allOnGpu, examples }) => {
    const name = [adapter?.vendor, adapter?.architecture, adapter?.description].filter(Boolean);
    const where = allOnGpu ? "all on webgpu" : "NOT all on webgpu";
    const differing = examples.map((example) => `\n  ${example}`).join("");
    return `${build}: backend ${info.backend}, runtime ${info.runtime}, adapter ${name.join(" ")}; ${models.join(", ")}: ${where}${differing}`;
  });
  return [...new Set(engines)].map((engine) => `- ${engine}`).join("\n");
}

/** Why the results will not do; empty if they will. */
export function complaints(results: readonly Result[]): string[] {
  const all = results.flatMap((result) => {
    const { build, detection, info, pages, lines } = result;
    const small = detection === "small";
    const checks: [failed: boolean, message: string][] = [
      [lines === 0, "no lines were compared"],
      [small && lines < LEAST_LINES, `only ${lines} lines, of ${LEAST_LINES}`],
      [small && pages < LEAST_PAGES, `only ${pages} pages, of ${LEAST_PAGES}`],
      [info.backend !== "webgpu" || !result.allOnGpu, "not everything ran on WebGPU"],
      [info.runtime !== build, `the runtime was ${info.runtime}`],
      [agreement(result) < LEAST_AGREEMENT, `agreement below ${100 * LEAST_AGREEMENT} %`],
    ];
    return checks
      .filter(([failed]) => failed)
      .map(([, message]) => `${build}, ${detection} detection: ${message}`);
  });
  return results.length === 0 ? ["nothing was compared"] : all;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}
