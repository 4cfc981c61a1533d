/** Many reads, and what is left of them: of GPU buffers exactly nothing, of process memory no slope. */
import { fitSlope } from "./slope.ts";
import type { Slope } from "./slope.ts";
import type { Held, Subject, Task } from "./subject.ts";

export interface LeakOptions {
  readonly reads: number;
  /** Reads between two samples of the process memory. */
  readonly every: number;
  /** Load, read and unload cycles of the models. */
  readonly cycles: number;
  /** Whether nothing is read in them. */
  readonly loadsOnly: boolean;
  /** Milliseconds: the engine's setting. */
  readonly idleTimeout: number;
  /** Bytes of the processes now. */
  readonly processBytes: () => Promise<number>;
  readonly log: (line: string) => void;
}

export interface LeakResult {
  readonly name: string;
  readonly lines: number;
  /** MB per read over the second half, with its 95 % interval; absent where too few reads were sampled. */
  readonly reads: Slope | undefined;
  readonly cycles: Slope | undefined;
  readonly samples: readonly (readonly [read: number, megabytes: number])[];
  readonly loaded: Held;
  readonly afterIdle: Held;
  readonly afterTeardown: Held;
}

const MB = 2 ** 20;

/** Beyond the idle timeout: timers fire late on a busy machine. */
const GRACE = 2_000;

/** Bound for the slope of the process memory, MB per read or cycle. */
export const MAX_SLOPE = 0.05;

export async function runLeak(
  name: string,
  subject: Subject,
  tasks: readonly Task[],
  options: LeakOptions,
): Promise<LeakResult> {
  const { reads, every, log } = options;
  const sample = async (): Promise<number> => {
    await subject.collect();
    await pause(200);
    await subject.collect();
    return (await options.processBytes()) / MB;
  };
  const taskOf = (index: number): Task => tasks[index % tasks.length] as Task;
  const samples: [number, number][] = [];
  let lines = 0;
  for (let done = 1; done <= reads; done++) {
    lines += await subject.read(taskOf(done));
    if (done % every !== 0) continue;
    samples.push([done, await sample()]);
    if (done % (every * 5) === 0) log(`${done} reads, ${samples.at(-1)?.[1].toFixed(1)} MB`);
  }
  // The first is read again, so that the models are loaded however long the last sample took.
  await subject.read(taskOf(0));
  await subject.preload();
  const loaded = await subject.held();
  await pause(options.idleTimeout + GRACE);
  const afterIdle = await subject.held();
  await subject.read(taskOf(0));
  await subject.preload();
  await subject.teardown();
  const afterTeardown = await subject.held();
  const cycles: [number, number][] = [];
  for (let cycle = 1; cycle <= options.cycles; cycle++) {
    // On an emulated GPU the read compiles all shaders anew, for half a minute.
    if (!options.loadsOnly) await subject.read(taskOf(0));
    await subject.preload();
    await subject.evict();
    if (cycle % 2 === 0) cycles.push([cycle, await sample()]);
    if (cycle % 20 === 0) log(`${cycle} cycles, ${cycles.at(-1)?.[1].toFixed(1)} MB`);
  }
  const half = samples.filter(([read]) => read > reads / 2);
  const cycleHalf = cycles.filter(([cycle]) => cycle > options.cycles / 2);
  return {
    name,
    lines,
    reads: half.length < 5 ? undefined : fitSlope(half),
    cycles: cycleHalf.length < 5 ? undefined : fitSlope(cycleHalf),
    samples: [...samples, ...cycles],
    loaded,
    afterIdle,
    afterTeardown,
  };
}

/** What is wrong with a run; empty when nothing leaks. */
export function complaints(result: LeakResult): string[] {
  const { loaded, afterIdle, afterTeardown, reads, cycles } = result;
  const found: string[] = [];
  const isGpu = loaded.backend === "webgpu";
  const structure = loaded.states["structure"];
  if (structure !== "ready") found.push(`the structure model is ${structure} after its preload`);
  if (isGpu && loaded.gpuUsed <= 0) found.push("the ledger is 0 while models are loaded");
  for (const [when, held] of [
    ["the idle timeout", afterIdle],
    ["teardown", afterTeardown],
  ] as const) {
    if (held.gpuUsed !== 0) found.push(`${held.gpuUsed} B of buffers after ${when}`);
    const left = Object.entries(held.states).filter(([, state]) => state !== "unloaded");
    if (left.length > 0)
      found.push(`after ${when}: ${left.map((one) => one.join(" ")).join(", ")}`);
    const told = Object.keys(held.states).length > 0;
    if (held.workers > 0 && !told) found.push(`no model is known after ${when}`);
  }
  if (reads && reads.slope > MAX_SLOPE)
    found.push(`${reads.slope.toFixed(3)} MB more with every read`);
  if (cycles && cycles.slope > MAX_SLOPE) {
    found.push(`${cycles.slope.toFixed(3)} MB more with every cycle`);
  }
  if (result.lines === 0) found.push("nothing was read");
  return found;
}

export function format(result: LeakResult): string {
  const { loaded, afterIdle, afterTeardown, reads, cycles, samples, lines } = result;
  const slope = (of: Slope | undefined): string =>
    of ? `${of.slope.toFixed(4)} ± ${of.halfWidth.toFixed(4)} MB` : "not known";
  return [
    `${result.name}: ${lines} lines read`,
    `  ledger: ${loaded.gpuUsed} B loaded, peak ${loaded.gpuPeak} B, ` +
      `${afterIdle.gpuUsed} B after the idle timeout, ${afterTeardown.gpuUsed} B after teardown`,
    `  pipelines ${loaded.pipelines} → ${afterTeardown.pipelines}, ` +
      `estimated overhead ${(loaded.gpuOverhead / MB).toFixed(0)} MB`,
    `  wasm heap: ${(loaded.wasmHeap / MB).toFixed(1)} MB loaded, ` +
      `${(afterTeardown.wasmHeap / MB).toFixed(1)} MB after teardown`,
    `  models after the idle timeout: ${JSON.stringify(afterIdle.states)}`,
    `  process memory, second half: ${slope(reads)} per read` +
      (cycles ? `, ${slope(cycles)} per load and unload` : ""),
    `  process memory, first and last sample: ${samples[0]?.[1].toFixed(1)} and ` +
      `${samples.at(-1)?.[1].toFixed(1)} MB`,
  ].join("\n");
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
