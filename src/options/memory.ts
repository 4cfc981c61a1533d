/** Settings of memory, scheduling and isolation. */
import {
  MAX_DELAY,
  SIZE,
  checkObject,
  integer,
  invalidOption,
  number,
  oneOf,
  parseSize,
  toBoolean,
  unknownOption,
} from "./rules.ts";
import type { Rule } from "./rules.ts";
import type { StructureStage } from "./structure.ts";

/** Bounds of the memory that an engine may hold. */
export interface MemoryLimits {
  /**
   * Bytes, or a text such as `"512MiB"`, for GPU buffers and wasm heaps of all workers together. The
   * default is derived from what the platform tells, see docs/memory.md.
   */
  readonly budget?: number | string;
  /** Fraction of the budget from which on the engine saves memory. Default 0.75. */
  readonly warning?: number;
  /** Fraction of the budget from which on it takes no new work. Default 0.9. */
  readonly critical?: number;
}

export interface MemorySettings {
  readonly memory?: MemoryLimits;
  /**
   * Milliseconds after which a model that nobody uses is unloaded, for every model. Default 300000.
   * 0: as soon as its last user is done; `Infinity`: never.
   */
  readonly idleTimeout?: number;
  /** The same for single models, by their id. */
  readonly idleTimeouts?: Readonly<Record<string, number>>;
  /**
   * Bytes or a size: a wasm worker in which unloaded models left more than this is replaced when it
   * is idle, because its heap never shrinks. Default 256 MiB.
   */
  readonly maxIdleHeap?: number | string;
  /**
   * Bytes or a size: workers are replaced when their process has grown by more than this beyond what
   * is counted (buffers, heaps, the driver's estimate), because drivers and runtimes leak, too. Idle ones
   * first, from twice as much on also busy ones when their read is done. Default 512 MiB.
   */
  readonly maxProcessGrowth?: number | string;
  /**
   * Where workers run. Default in Deno: `process`, child processes, where they may be started (`--allow-run`,
   * `--allow-read`, and `--allow-net` in full or not at all); else `worker`. Only a process gives all memory back when
   * it ends, and only a process can be killed when it is busy.
   */
  readonly isolation?: "worker" | "process";
  /** Reads that may wait. Default 256; more are refused with `QUEUE_FULL`. */
  readonly maxQueued?: number;
  /** Bytes or a size that waiting inputs may hold. Default 512 MiB. */
  readonly maxQueuedBytes?: number | string;
  /** Predictions at the same time over all workers. Default: one for each worker. */
  readonly concurrency?: number;
  /** Sum of the weights of structure stages that compute with models at the same time, over all workers. Default 2. */
  readonly structureConcurrency?: number;
  /**
   * What each structure stage counts. Default: layout 1, tables 1, charts 1, formulas 2, because they
   * are read token by token with two models.
   */
  readonly structureWeights?: Partial<StructureWeights>;
  /**
   * Milliseconds for a read on a worker that has read before, 0 for no end. Default 60000. The first
   * read loads models and compiles shaders; `deadline` counts for it.
   */
  readonly warmDeadline?: number;
  /**
   * Workers on wasm that stay when their models have timed out. Default 0: they end, because nothing else gives their
   * memory back, and the next read starts one.
   */
  readonly minIdleWorkers?: number;
  /** Milliseconds that a worker lives at least before it is replaced to save memory. Default 30000. */
  readonly minWorkerLife?: number;
  /** Milliseconds between two samples of the memory monitor, 0 for none. Default 2000. */
  readonly sampleInterval?: number;
  /**
   * Whether the engine ends itself with its page (`pagehide`, `freeze`) or, in Deno, with SIGINT and
   * SIGTERM. Default: true in browsers, false in Deno, where the program may have its own handlers.
   */
  readonly shutdown?: boolean;
  /** Milliseconds that running reads get at a shutdown. Default 10000. */
  readonly drainDeadline?: number;
}

/** A share of `structureConcurrency` for each stage. */
export type StructureWeights = Readonly<Record<StructureStage, number>>;

/** With defaults filled in; what is absent depends on the platform. Sizes are bytes. */
export interface ResolvedMemorySettings {
  readonly memory: {
    readonly budget?: number;
    readonly warning: number;
    readonly critical: number;
  };
  readonly idleTimeout: number;
  readonly idleTimeouts: Readonly<Record<string, number>>;
  readonly maxIdleHeap: number;
  readonly maxProcessGrowth: number;
  /** Absent: as the platform allows. */
  readonly isolation?: "worker" | "process";
  readonly maxQueued: number;
  readonly maxQueuedBytes: number;
  readonly concurrency?: number;
  readonly structureConcurrency: number;
  readonly structureWeights: StructureWeights;
  readonly warmDeadline: number;
  readonly minIdleWorkers: number;
  readonly minWorkerLife: number;
  readonly sampleInterval: number;
  readonly shutdown?: boolean;
  readonly drainDeadline: number;
}

const IDLE: Rule = {
  allowed: "milliseconds from 0 on, or Infinity",
  accepts: (value) => typeof value === "number" && value >= 0,
};

const LIMITS: Readonly<Record<keyof MemoryLimits, Rule>> = {
  budget: SIZE,
  warning: number(0, 1),
  critical: number(0, 1),
};

export const MEMORY_RULES: Readonly<Record<keyof MemorySettings, Rule>> = {
  memory: {
    allowed: "an object with budget, warning or critical",
    accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
  idleTimeout: { ...IDLE, environment: ["GLYPHPOOL_IDLE_TIMEOUT", Number] },
  idleTimeouts: {
    allowed: "an object of model ids and milliseconds (0 on, or Infinity)",
    accepts: (value) =>
      typeof value === "object" && value !== null && Object.values(value).every(IDLE.accepts),
  },
  maxIdleHeap: { ...SIZE, environment: ["GLYPHPOOL_MAX_IDLE_HEAP", String] },
  maxProcessGrowth: { ...SIZE, environment: ["GLYPHPOOL_MAX_PROCESS_GROWTH", String] },
  isolation: { ...oneOf("worker", "process"), environment: ["GLYPHPOOL_ISOLATION", String] },
  maxQueued: { ...integer(1, 1_000_000), environment: ["GLYPHPOOL_MAX_QUEUED", Number] },
  maxQueuedBytes: { ...SIZE, environment: ["GLYPHPOOL_MAX_QUEUED_BYTES", String] },
  concurrency: { ...integer(1, 64), environment: ["GLYPHPOOL_CONCURRENCY", Number] },
  structureConcurrency: {
    ...integer(1, 64),
    environment: ["GLYPHPOOL_STRUCTURE_CONCURRENCY", Number],
  },
  structureWeights: {
    allowed: "an object with layout, tables, formulas or charts",
    accepts: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
  warmDeadline: { ...integer(0, MAX_DELAY), environment: ["GLYPHPOOL_WARM_DEADLINE", Number] },
  minIdleWorkers: { ...integer(0, 64), environment: ["GLYPHPOOL_MIN_IDLE_WORKERS", Number] },
  minWorkerLife: { ...integer(0, MAX_DELAY), environment: ["GLYPHPOOL_MIN_WORKER_LIFE", Number] },
  sampleInterval: { ...integer(0, MAX_DELAY), environment: ["GLYPHPOOL_SAMPLE_INTERVAL", Number] },
  shutdown: {
    allowed: "true or false",
    accepts: (value) => typeof value === "boolean",
    environment: ["GLYPHPOOL_SHUTDOWN", toBoolean],
  },
  drainDeadline: { ...integer(0, MAX_DELAY), environment: ["GLYPHPOOL_DRAIN_DEADLINE", Number] },
};

/** Fills in the defaults of settings that have passed {@link MEMORY_RULES}. */
export function resolveMemorySettings(settings: MemorySettings): ResolvedMemorySettings {
  const { concurrency, isolation, shutdown, structureConcurrency = 2 } = settings;
  return {
    memory: resolveLimits(settings.memory ?? {}),
    idleTimeout: settings.idleTimeout ?? 300_000,
    idleTimeouts: settings.idleTimeouts ?? {},
    maxIdleHeap: parseSize(settings.maxIdleHeap) ?? 256 * 2 ** 20,
    maxProcessGrowth: parseSize(settings.maxProcessGrowth) ?? 512 * 2 ** 20,
    maxQueued: settings.maxQueued ?? 256,
    maxQueuedBytes: parseSize(settings.maxQueuedBytes) ?? 512 * 2 ** 20,
    structureConcurrency,
    structureWeights: resolveWeights(settings.structureWeights ?? {}, structureConcurrency),
    warmDeadline: settings.warmDeadline ?? 60_000,
    minIdleWorkers: settings.minIdleWorkers ?? 0,
    minWorkerLife: settings.minWorkerLife ?? 30_000,
    sampleInterval: settings.sampleInterval ?? 2_000,
    drainDeadline: settings.drainDeadline ?? 10_000,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(isolation === undefined ? {} : { isolation }),
    ...(shutdown === undefined ? {} : { shutdown }),
  };
}

/** `memory` from its three variables; absent where none is set. */
export function memoryFromEnvironment(
  get: (name: string) => string | undefined,
): Pick<MemorySettings, "memory"> {
  const budget = get("GLYPHPOOL_MEMORY_BUDGET");
  const warning = get("GLYPHPOOL_MEMORY_WARNING");
  const critical = get("GLYPHPOOL_MEMORY_CRITICAL");
  if (!budget && !warning && !critical) return {};
  return {
    memory: {
      ...(budget ? { budget } : {}),
      ...(warning ? { warning: Number(warning) } : {}),
      ...(critical ? { critical: Number(critical) } : {}),
    },
  };
}

const DEFAULT_WEIGHTS: StructureWeights = { layout: 1, tables: 1, formulas: 2, charts: 1 };

/** @param capacity what no weight may exceed, or its stage would wait forever */
function resolveWeights(weights: Partial<StructureWeights>, capacity: number): StructureWeights {
  const rule = integer(1, capacity);
  for (const [name, value] of Object.entries(weights)) {
    if (!Object.hasOwn(DEFAULT_WEIGHTS, name)) {
      throw unknownOption(`structureWeights.${name}`, Object.keys(DEFAULT_WEIGHTS));
    }
    if (value !== undefined && !rule.accepts(value)) {
      throw invalidOption(`structureWeights.${name}`, value, rule.allowed);
    }
  }
  const weightOf = (stage: StructureStage): number =>
    weights[stage] ?? Math.min(DEFAULT_WEIGHTS[stage], capacity);
  return {
    layout: weightOf("layout"),
    tables: weightOf("tables"),
    formulas: weightOf("formulas"),
    charts: weightOf("charts"),
  };
}

function resolveLimits(limits: MemoryLimits): ResolvedMemorySettings["memory"] {
  checkObject("memory", limits);
  for (const [name, value] of Object.entries(limits)) {
    const rule = Object.hasOwn(LIMITS, name) ? LIMITS[name as keyof MemoryLimits] : undefined;
    if (!rule) throw unknownOption(`memory.${name}`, Object.keys(LIMITS));
    if (value !== undefined && !rule.accepts(value)) {
      throw invalidOption(`memory.${name}`, value, rule.allowed);
    }
  }
  const warning = limits.warning ?? Math.min(0.75, limits.critical ?? 1);
  const critical = limits.critical ?? Math.max(0.9, warning);
  if (warning > critical) {
    throw invalidOption("memory.warning", warning, `at most memory.critical (${critical})`);
  }
  const budget = parseSize(limits.budget);
  return { warning, critical, ...(budget === undefined ? {} : { budget }) };
}
