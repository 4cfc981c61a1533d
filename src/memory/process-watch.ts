/**
 * Notices memory that nothing counts: what a driver or a runtime keeps of every read, outside of buffers
 * and heaps. Only the size of the process tells, and only a new worker gives it back.
 */
import { isKnown } from "./meters/meter.ts";
import type { MeterReading } from "./meters/board.ts";
import type { RecoveryTarget } from "./recovery.ts";
import { RingBuffer } from "./ring-buffer.ts";
import type { WorkerMemory } from "./snapshot.ts";

/** One process at one moment, in bytes. */
export interface ProcessSample {
  readonly bytes: number;
  /** Wasm heaps in it. */
  readonly wasm: number;
  /** GPU memory that its workers hold, with the estimate of the driver's. */
  readonly gpu: number;
}

/** Samples in a row that have to show a growth: decoded pictures and compilers come and go. */
const WINDOW = 5;

/** Meters of the host's own process. A container's has others in it, and mostly a limit of its own. */
const HOST_METERS: ReadonlySet<string> = new Set(["process", "browser"]);

/** One process, from one replacement of its workers to the next. */
export class ProcessGrowth {
  #floors: readonly [number, number] = [Infinity, Infinity];
  #recent = new RingBuffer<readonly [number, number]>(WINDOW);

  /**
   * Whether a driver keeps its buffers in this process is not known (an emulated GPU does), so both views
   * are kept, and a growth is one only where both show it.
   */
  see({ bytes, wasm, gpu }: ProcessSample): void {
    const views = [bytes - wasm, bytes - wasm - gpu] as const;
    this.#recent.push(views);
    this.#floors = [Math.min(this.#floors[0], views[0]), Math.min(this.#floors[1], views[1])];
  }

  /** Bytes above the least that the process has held without what is counted. */
  get bytes(): number {
    const recent = [...this.#recent];
    if (recent.length < WINDOW) return 0;
    const [outside, inside] = this.#floors;
    return Math.min(...recent.map(([a, b]) => Math.min(a - outside, b - inside)));
  }

  /** From now on only further growth counts. */
  restart(): void {
    this.#floors = [Infinity, Infinity];
    this.#recent = new RingBuffer(WINDOW);
  }
}

interface Watched {
  readonly growth: ProcessGrowth;
  /** Workers in it that were replaced for its present growth. */
  readonly replaced: Set<string>;
}

/** The process of the host with all workers in it, and every worker that has a process of its own. */
export class ProcessWatch {
  readonly #limit: number;
  readonly #host: Watched = watched();
  readonly #own = new Map<string, Watched>();

  /** @param limit bytes that a process may grow by */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be called with every sample. */
  see(meters: readonly MeterReading[], targets: readonly RecoveryTarget[]): void {
    const ids = new Set(targets.map(({ id }) => id));
    for (const id of this.#own.keys()) if (!ids.has(id)) this.#own.delete(id);
    const inHost: WorkerMemory[] = [];
    for (const target of targets) {
      const memory = target.memory();
      if (memory?.process === undefined) {
        if (memory) inHost.push(memory);
        continue;
      }
      const own = this.#own.get(target.id) ?? watched();
      this.#own.set(target.id, own);
      own.growth.see({ bytes: memory.process, ...countedIn([memory]) });
    }
    const host = meters.find(({ name }) => HOST_METERS.has(name))?.reading;
    if (isKnown(host)) this.#host.growth.see({ bytes: host.bytes, ...countedIn(inHost) });
  }

  /**
   * A worker whose process has grown too much: an idle one, or, from twice the limit on, any. In the
   * host's process any worker may be the one, so they come one after the other.
   */
  next(
    targets: readonly RecoveryTarget[],
  ): { readonly target: RecoveryTarget; readonly growth: number } | undefined {
    for (const target of targets) {
      const memory = target.memory();
      const { growth, replaced } = this.#of(target, memory);
      const limit = target.busy ? 2 * this.#limit : this.#limit;
      if (!memory || replaced.has(target.id) || growth.bytes <= limit) continue;
      return { target, growth: growth.bytes };
    }
    return undefined;
  }

  /** The target's worker was replaced. */
  replaced(target: RecoveryTarget, targets: readonly RecoveryTarget[]): void {
    const own = this.#own.get(target.id);
    if (own) return own.growth.restart();
    const { growth, replaced } = this.#host;
    replaced.add(target.id);
    // Whatever is left now was not theirs, or does not come back.
    if (targets.every(({ id }) => replaced.has(id))) {
      growth.restart();
      replaced.clear();
    }
  }

  #of({ id }: RecoveryTarget, memory: WorkerMemory | undefined): Watched {
    return memory?.process === undefined ? this.#host : (this.#own.get(id) ?? watched());
  }
}

function watched(): Watched {
  return { growth: new ProcessGrowth(), replaced: new Set() };
}

function countedIn(memories: readonly WorkerMemory[]): Pick<ProcessSample, "wasm" | "gpu"> {
  const sum = (figure: (memory: WorkerMemory) => number): number =>
    memories.reduce((total, memory) => total + figure(memory), 0);
  return {
    wasm: sum(({ wasmHeap }) => wasmHeap),
    gpu: sum(({ gpu, gpuOverhead }) => (gpu?.allocated ?? 0) + gpuOverhead),
  };
}
