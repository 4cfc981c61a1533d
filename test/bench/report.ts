/** Turns the runs of one set into figures and a table. */
import type { Usage } from "./chromium.ts";
import type { BenchLine } from "./adapters/adapter.ts";
import { aggregate, type Score } from "./score.ts";

export interface PageRun {
  name: string;
  file: string;
  ms: number;
  cpuMs: number;
  /** Highest growth of private memory during the page, bytes. */
  peak: number;
  score: Score;
  lines: BenchLine[];
  timings?: object;
  error?: string;
}

export interface EngineRun {
  engine: string;
  chromium: string;
  /** What the adapter reported of its parameters. */
  parameters?: Record<string, unknown>;
  /** Names of the renderers' threads. */
  threads?: Record<string, number>;
  pages: PageRun[];
  memory: { baseline: Usage; afterInit: Usage; peak: Usage; final: Usage };
}

export interface Summary {
  medianMs: number;
  meanMs: number;
  /** Mean CPU time per page; steadier than ms where the machine is shared. */
  cpuMs: number;
  recall: number;
  precision: number;
  /** Growth of private memory over an empty page, MB. */
  peakMB: number;
  finalMB: number;
}

const GLYPHPOOL = "glyphpool";
const MB = 1024 * 1024;

export function summarize({ pages, memory }: EngineRun): Summary {
  const good = pages.filter((page) => page.error === undefined);
  const times = good.map(({ ms }) => ms);
  const score = aggregate(pages.map((page) => page.score));
  return {
    medianMs: median(times),
    meanMs: mean(times),
    cpuMs: mean(good.map(({ cpuMs }) => cpuMs)),
    recall: score.recall,
    precision: score.precision,
    peakMB: (memory.peak.anon - memory.baseline.anon) / MB,
    finalMB: (memory.final.anon - memory.baseline.anon) / MB,
  };
}

interface Column {
  key: keyof Summary;
  title: string;
  digits: number;
  /** Which of two peers is the better one. */
  better: (...values: number[]) => number;
}

const COLUMNS: Column[] = [
  { key: "medianMs", title: "median ms", digits: 0, better: Math.min },
  { key: "meanMs", title: "mean ms", digits: 0, better: Math.min },
  { key: "cpuMs", title: "cpu ms", digits: 0, better: Math.min },
  { key: "recall", title: "recall", digits: 4, better: Math.max },
  { key: "precision", title: "precision", digits: 4, better: Math.max },
  { key: "peakMB", title: "peak +MB", digits: 0, better: Math.min },
  { key: "finalMB", title: "final +MB", digits: 0, better: Math.min },
];

export function formatReport(set: string, runs: EngineRun[]): string {
  const rows = runs.map((run) => ({ name: run.engine, values: summarize(run) }));
  const cell = (text: string) => text.padStart(11);
  const lines = [
    `${set}, ${runs[0]?.pages.length ?? 0} pages, Chromium ${runs[0]?.chromium}, wasm`,
    "".padEnd(14) + COLUMNS.map(({ title }) => cell(title)).join(""),
    ...rows.map(
      ({ name, values }) =>
        name.padEnd(14) +
        COLUMNS.map(({ key, digits }) => cell(values[key].toFixed(digits))).join(""),
    ),
  ];
  const own = rows.find(({ name }) => name === GLYPHPOOL)?.values;
  const peers = rows.filter(({ name }) => name !== GLYPHPOOL).map(({ values }) => values);
  if (own && peers.length > 0) {
    const ratio = ({ key, better }: Column) =>
      cell(`${(own[key] / better(...peers.map((values) => values[key]))).toFixed(3)}x`);
    lines.push("vs best peer".padEnd(14) + COLUMNS.map(ratio).join(""));
  }
  const workers = runs.map((run) => `${run.engine} ${run.threads?.["DedicatedWorker"] ?? 0}`);
  lines.push(`worker threads in the renderer: ${workers.join(", ")}`);
  const failed = runs.flatMap((run) => run.pages.filter((page) => page.error));
  if (failed.length > 0) lines.push(`${failed.length} pages failed`);
  return lines.join("\n") + "\n";
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return sorted.length === 0 ? NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
