/** What each step of the recovery gives back, and whether a worker that was replaced holds as much as the first. */
import { parseArgs } from "node:util";
import type { Held, Step, Subject, Task } from "./subject.ts";

export interface RecoveryOptions {
  /** Bytes of the processes now. */
  readonly processBytes: () => Promise<number>;
  readonly log: (line: string) => void;
}

interface Level extends Held {
  readonly process: number;
}

interface StepResult {
  readonly step: Step;
  /** Absent where the step does not exist. */
  readonly levels?: { readonly before: Level; readonly after: Level };
}

export interface RecoveryResult {
  readonly name: string;
  readonly start: Level;
  readonly loaded: Level;
  readonly steps: readonly StepResult[];
  /** After the same reads on the worker that replaced the first. */
  readonly again: Level;
}

const MB = 2 ** 20;
const STEPS: readonly Step[] = ["trim", "unload", "device recycle", "respawn"];

/** Milliseconds that V8 takes memory to compile the runtime with, after its start. */
const COMPILE_SPIKE = 30_000;
/** Memory that is given back arrives within so many milliseconds. */
const SETTLE = 10_000;

/** A replaced worker may hold so much more than the first at the same point. */
export const MAX_RATIO = 1.15;

export function parseBackend(args: readonly string[]): "webgpu" | "wasm" {
  const options = { backend: { type: "string", default: "wasm" } } as const;
  const { backend } = parseArgs({ args: [...args], options }).values;
  if (backend !== "webgpu" && backend !== "wasm") throw new Error("--backend is webgpu or wasm");
  return backend;
}

export async function runRecovery(
  platform: string,
  backend: "webgpu" | "wasm",
  subject: Subject,
  tasks: readonly Task[],
  { processBytes, log }: RecoveryOptions,
): Promise<RecoveryResult> {
  const levelNow = async (): Promise<Level> => ({
    ...(await subject.held()),
    process: await processBytes(),
  });
  const readAll = async (): Promise<void> => {
    let lines = 0;
    for (const task of tasks) lines += await subject.read(task);
    if (lines === 0) throw new Error("Nothing was read.");
  };
  const name = `${platform}, ${await subject.open(backend)}`;
  log(`${name}: started`);
  await pause(COMPILE_SPIKE);
  const start = await levelNow();
  await readAll();
  await pause(COMPILE_SPIKE);
  const loaded = await levelNow();
  log(`read; the process holds ${megabytes(loaded.process)} MB`);
  const steps: StepResult[] = [];
  for (const step of STEPS) {
    const before = await levelNow();
    if (!(await subject.recover(step))) {
      steps.push({ step });
      continue;
    }
    // A new worker compiles the runtime, at the end of which its memory comes back.
    await pause(step === "respawn" ? COMPILE_SPIKE : SETTLE);
    steps.push({ step, levels: { before, after: await levelNow() } });
    log(`${step}: done`);
  }
  await readAll();
  await pause(COMPILE_SPIKE);
  const again = await levelNow();
  await subject.close();
  return { name, start, loaded, steps, again };
}

export function ratio({ loaded, again }: RecoveryResult): number {
  return again.process / loaded.process;
}

/** What is wrong with a run; empty when each step does what it is for. */
export function complaints(result: RecoveryResult, backend: "webgpu" | "wasm"): string[] {
  const found: string[] = [];
  const isGpu = backend === "webgpu";
  if (isGpu !== result.loaded.ledger > 0) found.push(`the ledger is ${result.loaded.ledger}`);
  const after = (name: Step): Level | undefined =>
    result.steps.find(({ step }) => step === name)?.levels?.after;
  if (isGpu && after("device recycle")?.ledger !== 0) {
    found.push("a recycled device holds bytes");
  }
  if (after("respawn")?.wasmHeap !== result.start.wasmHeap) {
    found.push("a replaced worker does not start with the first one's heap");
  }
  if (ratio(result) > MAX_RATIO) {
    found.push(`after a respawn the process holds ${ratio(result).toFixed(2)} of the first time`);
  }
  return found;
}

/** Rows of a Markdown table. */
export function format(result: RecoveryResult): string {
  const rows = result.steps.map(({ step, levels }) => {
    if (!levels) return `| ${step} | does not exist | | |`;
    const { before, after } = levels;
    const cell = (key: keyof Level): string =>
      `${megabytes(before[key])} → ${megabytes(after[key])} (${megabytes(before[key] - after[key])})`;
    return `| ${step} | ${cell("ledger")} | ${cell("wasmHeap")} | ${cell("process")} |`;
  });
  const { start, loaded, again } = result;
  return [
    `${result.name}; MB before → after (given back)`,
    "",
    "| step | GPU ledger | wasm heap | process |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `process: ${megabytes(start.process)} MB when the first worker had started, ` +
      `${megabytes(loaded.process)} after its reads, ${megabytes(again.process)} after the same ` +
      `reads on the next worker: ${ratio(result).toFixed(2)}`,
  ].join("\n");
}

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(1);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
