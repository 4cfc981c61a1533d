/** The metrics in the text format of OpenMetrics 1.0. */
import { LEVEL_NAMES, type MemoryMetrics } from "./memory-metrics.ts";
import { isKnown } from "./meters/meter.ts";
import { STEPS } from "./recovery.ts";
import type { WorkerMemory } from "./snapshot.ts";

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** One metric with all of its samples. */
export interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "stateset";
  readonly unit?: "bytes" | "ratio";
  readonly help: string;
  readonly samples: readonly Sample[];
}

export function writeOpenMetrics(metrics: MemoryMetrics): string {
  return writeFamilies(memoryFamilies(metrics));
}

/** What is unknown has no sample: a 0 would look like a figure. */
export function memoryFamilies(metrics: MemoryMetrics): Family[] {
  return [...guardFamilies(metrics), ...workerFamilies(metrics), ...counters(metrics)];
}

/** A whole exposition: nothing may be added to it. */
export function writeFamilies(families: readonly Family[]): string {
  return `${families.map(writeFamily).join("")}# EOF\n`;
}

function guardFamilies(metrics: MemoryMetrics): Family[] {
  const { budget, used, pressure, level, meters, actions, actionNames } = metrics;
  const bytes = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name: `glyphpool_memory_${name}_bytes`,
    type: "gauge",
    unit: "bytes",
    help,
    samples,
  });
  return [
    bytes("budget", "Bytes that GPU memory and wasm heaps may take.", [{ value: budget.bytes }]),
    bytes("used", "Bytes that count against the budget.", optional(used)),
    {
      name: "glyphpool_memory_pressure_ratio",
      type: "gauge",
      unit: "ratio",
      help: "The worst known fraction of the budget or of a limit.",
      samples: optional(pressure),
    },
    {
      name: "glyphpool_memory_level",
      type: "stateset",
      help: "How close the memory is to its budget.",
      samples: LEVEL_NAMES.map((name) => ({
        labels: { glyphpool_memory_level: name },
        value: Number(name === level),
      })),
    },
    {
      name: "glyphpool_memory_action_active",
      type: "gauge",
      help: "1 while something is given up to save memory.",
      samples: actionNames.map((action) => ({
        labels: { action },
        value: Number(actions.includes(action)),
      })),
    },
    {
      name: "glyphpool_memory_meter_known",
      type: "gauge",
      help: "1 if the meter could read, else 0.",
      samples: meters.map(({ name, reading }) => ({
        labels: { meter: name },
        value: Number(isKnown(reading)),
      })),
    },
    bytes(
      "meter",
      "What the meter showed last.",
      meters.flatMap(({ name, scope, reading }) =>
        isKnown(reading) ? [{ labels: { meter: name, scope }, value: reading.bytes }] : [],
      ),
    ),
    bytes(
      "meter_limit",
      "The most that the meter can show.",
      meters.flatMap(({ name, scope, reading }) =>
        isKnown(reading) && reading.limit !== undefined
          ? [{ labels: { meter: name, scope }, value: reading.limit }]
          : [],
      ),
    ),
  ];
}

const WORKER_BYTES: readonly [string, string, (memory: WorkerMemory) => number | undefined][] = [
  ["gpu_used", "Live GPU buffers, exact.", ({ gpu }) => gpu?.used],
  ["gpu_allocated", "GPU buffers that the driver still holds, exact.", ({ gpu }) => gpu?.allocated],
  ["gpu_peak", "The most that was allocated, exact.", ({ gpu }) => gpu?.peak],
  ["gpu_overhead", "Pipelines and driver, estimated.", ({ gpuOverhead }) => gpuOverhead],
  [
    "gpu_overhead_peak",
    "The most that pipelines and driver took, estimated.",
    ({ gpuOverheadPeak }) => gpuOverheadPeak,
  ],
  ["wasm_heap", "The runtime's heap, exact.", ({ wasmHeap }) => wasmHeap],
  [
    "wasm_shared",
    "The part of the heap that no loaded model took.",
    ({ wasmShared }) => wasmShared,
  ],
  ["process", "Resident memory of the worker's own process, exact.", ({ process }) => process],
];

function workerFamilies({ workers }: MemoryMetrics): Family[] {
  const known = Object.entries(workers).flatMap(([worker, memory]) =>
    memory ? [{ worker, memory }] : [],
  );
  const families = WORKER_BYTES.map(([name, help, bytesOf]): Family => {
    const samples = known.flatMap(({ worker, memory }) =>
      optional(bytesOf(memory)).map(({ value }) => ({ labels: { worker }, value })),
    );
    return { name: `glyphpool_worker_${name}_bytes`, type: "gauge", unit: "bytes", help, samples };
  });
  const models = known.flatMap(({ worker, memory }) =>
    memory.models.flatMap(({ id: model, gpuBytes, wasmBytes }) => [
      { labels: { worker, model, memory: "gpu" }, value: gpuBytes },
      { labels: { worker, model, memory: "wasm" }, value: wasmBytes },
    ]),
  );
  const help = "What a loaded model holds.";
  const name = "glyphpool_model_bytes";
  return [...families, { name, type: "gauge", unit: "bytes", help, samples: models }];
}

function counters({ counters: counts, actionNames }: MemoryMetrics): Family[] {
  const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name: `glyphpool_memory_${name}`,
    type: "counter",
    help,
    samples,
  });
  return [
    counter("samples", "Samples taken.", [{ value: counts.samples }]),
    counter(
      "level_changes",
      "How often a level was entered.",
      LEVEL_NAMES.map((level) => ({ labels: { level }, value: counts.levels[level] })),
    ),
    counter(
      "actions",
      "How often something was given up to save memory.",
      actionNames.map((action) => ({ labels: { action }, value: counts.actions[action] ?? 0 })),
    ),
    counter(
      "recovery_steps",
      "Steps of the recovery ladder.",
      STEPS.flatMap((step) =>
        (["recovered", "failed", "skipped"] as const).map((outcome) => ({
          labels: { step, outcome },
          value: counts.steps[step][outcome],
        })),
      ),
    ),
    {
      ...counter(
        "recovered_bytes",
        "Bytes that steps of the recovery ladder gave back, measured.",
        STEPS.map((step) => ({ labels: { step }, value: counts.steps[step].givenBack })),
      ),
      unit: "bytes",
    },
  ];
}

function optional(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ value }];
}

function writeFamily({ name, type, unit, help, samples }: Family): string {
  const suffix = type === "counter" ? "_total" : "";
  const lines = [
    `# TYPE ${name} ${type}`,
    ...(unit ? [`# UNIT ${name} ${unit}`] : []),
    `# HELP ${name} ${help}`,
    ...samples.map(({ labels = {}, value }) => `${name}${suffix}${writeLabels(labels)} ${value}`),
  ];
  return `${lines.join("\n")}\n`;
}

function writeLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
