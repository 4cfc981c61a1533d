/** The server's own figures beside those of the memory, in one OpenMetrics text. */
import type { MemoryMetrics } from "../../memory/memory-metrics.ts";
import { memoryFamilies, writeFamilies } from "../../memory/open-metrics.ts";
import type { Family, Sample } from "../../memory/open-metrics.ts";
import type { ModelState } from "../../memory/snapshot.ts";
import type { Statistics } from "../tasks/statistics.ts";
import type { Usage } from "../store/task-store.ts";

export interface ServerFigures {
  readonly usage: Usage;
  readonly statistics: Statistics;
  /** What goes on in this process, by kind. */
  readonly inUse: Readonly<Record<string, number>>;
  /** Resident bytes of this process. */
  readonly process: number;
}

const MODEL_STATES: readonly ModelState[] = ["unloaded", "loading", "ready", "unloading", "failed"];

/** Counters of {@link Statistics}: family, name of the label, help. */
const COUNTERS = [
  ["submitted", "kind", "Tasks that were accepted; repeated ones had a known Idempotency-Key."],
  ["tasks", "outcome", "Attempts by how they ended; returned ones went back to the queue."],
  ["reads", "outcome", "Synchronous reads by how they ended."],
  ["pages", "outcome", "Pages that were read, or could not be."],
  ["refused", "code", "Requests that were refused, by the code of the problem."],
] as const;

export function serverMetrics(memory: MemoryMetrics, figures: ServerFigures): string {
  return writeFamilies([
    ...memoryFamilies(memory),
    modelStates(memory),
    ...storeFamilies(figures),
    ...countFamilies(figures.statistics),
  ]);
}

function modelStates({ workers }: MemoryMetrics): Family {
  const name = "glyphpool_model_state";
  const samples = Object.entries(workers).flatMap(([worker, memory]) =>
    (memory?.models ?? []).flatMap(({ id, state }) =>
      MODEL_STATES.map((each): Sample => ({
        // The state comes first, as the format demands.
        labels: { [name]: each, worker, model: id },
        value: Number(each === state),
      })),
    ),
  );
  return { name, type: "stateset", help: "What a worker does with a model.", samples };
}

function storeFamilies({ usage, statistics, inUse, process }: ServerFigures): Family[] {
  const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
    name: `glyphpool_server_${name}`,
    type: "gauge",
    help,
    samples,
  });
  const bytes = (name: string, help: string, value: number): Family => ({
    ...gauge(`${name}_bytes`, help, [{ value }]),
    unit: "bytes",
  });
  return [
    gauge(
      "stored_tasks",
      "Tasks in the store by state.",
      Object.entries(usage.tasks).map(([state, value]) => ({ labels: { state }, value })),
    ),
    bytes("queue", "Inputs of tasks that have not ended.", usage.queuedBytes),
    bytes("stored", "Inputs and results of all tasks.", usage.storedBytes),
    gauge(
      "in_use",
      "What goes on in this process.",
      Object.entries(inUse).map(([kind, value]) => ({ labels: { kind }, value })),
    ),
    gauge("pages_per_second", "Pages over the last minute.", [
      { value: statistics.pagesPerSecond },
    ]),
    bytes("process", "Resident memory of the server's own process.", process),
  ];
}

function countFamilies(statistics: Statistics): Family[] {
  return COUNTERS.map(([family, label, help]) => ({
    name: `glyphpool_server_${family}`,
    type: "counter",
    help,
    samples: [...statistics.counts(family)].map(([name, value]) => ({
      labels: { [label]: name },
      value,
    })),
  }));
}
