/**
 * Faults inside a real OCR worker, ordered by messages that the worker's own protocol ignores. Has to be
 * imported before the module that serves the worker API.
 */
import { GpuDevice } from "../../src/gpu/device.ts";

/** What a test orders. */
export type Fault =
  /** Everything works again; the counters start anew. */
  | { readonly kind: "none" }
  /** Buffers beyond so many bytes are refused. */
  | { readonly kind: "budget"; readonly bytes: number }
  /** Every so-manieth buffer that is not mapped is refused, from the next one on. */
  | { readonly kind: "every"; readonly nth: number }
  /** Only one of those buffers is refused: after so many others since the last order. */
  | { readonly kind: "once"; readonly after: number }
  | { readonly kind: "destroy" }
  /** Busy for so many milliseconds; `Infinity` is for ever. */
  | { readonly kind: "spin"; readonly ms: number };

export interface FaultMessage {
  readonly fault: Fault;
}

/** The answer, with what happened since the order before. */
export interface FaultReport {
  /** Buffers that were asked for, without mapped ones. */
  readonly allocations: number;
  /** Pieces of work that failed because a buffer was refused. */
  readonly refused: number;
  /** Largest number of bytes on the present device so far. */
  readonly peak: number;
}

/** MAP_READ | MAP_WRITE: the ledger lets those pass. */
const MAPPABLE = 0x0001 | 0x0002;

let device: GpuDevice | undefined;
let fault: Fault = { kind: "none" };
let allocations = 0;
let refused = 0;

const open = GpuDevice.open.bind(GpuDevice);
GpuDevice.open = async (adapter) => {
  device = watch(await open(adapter));
  return device;
};

/** Refusals are the ledger's own, so that what follows is what follows a full GPU. */
function watch(opened: GpuDevice): GpuDevice {
  const { device: raw, ledger } = opened;
  const createBuffer = raw.createBuffer.bind(raw);
  raw.createBuffer = (descriptor) => {
    if ((descriptor.usage & MAPPABLE) !== 0) return createBuffer(descriptor);
    allocations++;
    const { budget } = ledger;
    // The worker sets a budget of its own, from the engine's: the smaller one counts.
    if (isRefused()) ledger.budget = 0;
    else if (fault.kind === "budget") ledger.budget = Math.min(budget ?? Infinity, fault.bytes);
    try {
      return createBuffer(descriptor);
    } finally {
      ledger.budget = budget;
    }
  };
  const takeRefusal = ledger.takeRefusal.bind(ledger);
  ledger.takeRefusal = () => {
    const refusal = takeRefusal();
    if (refusal !== undefined) refused++;
    return refusal;
  };
  return opened;
}

function isRefused(): boolean {
  if (fault.kind === "every") return allocations % fault.nth === 0;
  return fault.kind === "once" && allocations === fault.after + 1;
}

function order(next: Fault): void {
  fault = next;
  if (next.kind === "destroy") device?.destroy();
  if (next.kind === "spin") {
    const end = performance.now() + next.ms;
    while (performance.now() < end);
  }
}

globalThis.addEventListener("message", (event) => {
  const { data } = event as MessageEvent<Partial<FaultMessage> | undefined>;
  if (!data?.fault) return;
  const peak = device?.ledger.usage.peak ?? 0;
  const report: FaultReport = { allocations, refused, peak };
  allocations = refused = 0;
  // Before a fault that never ends.
  globalThis.postMessage({ faultReport: report });
  order(data.fault);
});
