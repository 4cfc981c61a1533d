/** How much memory an engine may use: given, or derived from what the platform tells. */
import type { ResolvedMemorySettings } from "../options/memory.ts";
import type { Thresholds } from "./levels.ts";

/** A budget for GPU memory and wasm heaps of all workers together. */
export interface MemoryBudget extends Thresholds {
  readonly bytes: number;
  /** Where the figure comes from, for people. */
  readonly basis: string;
}

/** What a platform tells about its memory, in bytes. What it does not tell is absent. */
export interface MemoryFacts {
  /** `navigator.deviceMemory`, rounded and bounded by the browser. */
  readonly deviceMemory?: number;
  readonly systemMemory?: number;
  readonly cgroupLimit?: number;
  /** Memory of the GPU, from its driver. */
  readonly gpuMemory?: number;
  /** The adapter's largest buffer: the only hint at its size that WebGPU gives. */
  readonly maxBufferSize?: number;
}

const MIB = 2 ** 20;

/** Where nothing is known: what a phone of 4 GiB can spare. */
export const UNKNOWN_BUDGET: number = 512 * MIB;
/** The smallest derived budget: below it even the small text models do not fit. */
export const MIN_BUDGET: number = 192 * MIB;
/** The largest derived budget: more is only taken when it is asked for. */
export const MAX_BUDGET: number = 4096 * MIB;

/** What one derivation gives, and from what. */
interface Share {
  readonly fact: keyof MemoryFacts;
  /** Part of that figure that an engine takes without being told. */
  readonly share: number;
  readonly label: string;
}

const SHARES: readonly Share[] = [
  { fact: "cgroupLimit", share: 1 / 2, label: "half of the container's limit" },
  { fact: "systemMemory", share: 1 / 4, label: "a quarter of the machine's memory" },
  { fact: "gpuMemory", share: 1 / 2, label: "half of the GPU's memory" },
  // A tab shares the machine with everything else, and the figure is a rounded one.
  { fact: "deviceMemory", share: 1 / 8, label: "an eighth of navigator.deviceMemory" },
  // An adapter without room for one large buffer is a small one. It never makes a budget larger.
  { fact: "maxBufferSize", share: 2, label: "twice the adapter's largest buffer" },
];

/** The least of all shares; a conservative figure where no fact tells of the size of a memory. */
export function deriveBudget(facts: MemoryFacts): { bytes: number; basis: string } {
  let best = { bytes: MAX_BUDGET, basis: "the largest derived budget" };
  if (!SHARES.some(({ fact }) => fact !== "maxBufferSize" && facts[fact] !== undefined)) {
    best = { bytes: UNKNOWN_BUDGET, basis: "nothing is known of this platform's memory" };
  }
  for (const { fact, share, label } of SHARES) {
    const bytes = Math.floor((facts[fact] ?? Number.POSITIVE_INFINITY) * share);
    if (bytes < best.bytes) best = { bytes, basis: label };
  }
  if (best.bytes >= MIN_BUDGET) return best;
  return { bytes: MIN_BUDGET, basis: `the smallest derived budget, above ${best.basis}` };
}

/** The budget that the settings ask for, or the one that the platform's facts lead to. */
export function resolveBudget(
  { budget, warning, critical }: ResolvedMemorySettings["memory"],
  facts: MemoryFacts,
): MemoryBudget {
  const size =
    budget === undefined
      ? deriveBudget(facts)
      : { bytes: budget, basis: "the option memory.budget" };
  return { ...size, warning, critical };
}
