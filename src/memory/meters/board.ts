/** Reads all meters and keeps what they showed last. */
import { isKnown, unknownBecause, type Meter, type Reading } from "./meter.ts";
import { ledgerMeter, wasmHeapMeter, wasmUsedMeter, type InstantMeter } from "./workers.ts";
import type { WorkerMemory } from "../snapshot.ts";
import type { Timers } from "../../core/timers.ts";

/** One meter and what it showed last. */
export interface MeterReading {
  readonly name: string;
  readonly scope: Meter["scope"];
  readonly reading: Reading;
}

/** How near the memory is to its bounds. */
export interface Pressure {
  /** GPU and wasm bytes that count against the budget; absent if they could not be measured. */
  readonly used: number | undefined;
  /** The worst known fraction, of the budget or of a meter's own limit; absent if none is known. */
  readonly worst: number | undefined;
  /** The meter, or `budget`, that `worst` comes from. */
  readonly source: string | undefined;
}

const NOT_YET: Reading = { unknown: "not read yet" };

export class MeterBoard {
  readonly #workers = new Map<string, WorkerMemory | undefined>();
  readonly #instant: readonly InstantMeter[];
  readonly #others: readonly Meter[];
  readonly #latest = new Map<Meter, Reading>();
  readonly #reading = new Map<Meter, Promise<void>>();
  readonly #timers: Timers;
  readonly #deadline: number;

  /**
   * @param meters in order of trust, after the ledger and the wasm heaps
   * @param deadline milliseconds that one meter may take
   */
  constructor(meters: readonly Meter[], timers: Timers, deadline: number) {
    const sources = [ledgerMeter, wasmUsedMeter, wasmHeapMeter];
    this.#instant = sources.map((meterOf) => meterOf(this.#workers));
    this.#others = meters;
    this.#timers = timers;
    this.#deadline = deadline;
  }

  get workers(): ReadonlyMap<string, WorkerMemory | undefined> {
    return this.#workers;
  }

  note(id: string, memory: WorkerMemory | undefined): void {
    this.#workers.set(id, memory);
  }

  forget(id: string): boolean {
    return this.#workers.delete(id);
  }

  /** Reads the meters that need waiting, all at once. */
  async read(): Promise<void> {
    await Promise.all(this.#others.map((meter) => this.#readInTime(meter)));
  }

  /** In order of trust. */
  get readings(): readonly MeterReading[] {
    const instant = this.#instant.map((meter) => show(meter, meter.current()));
    const others = this.#others.map((meter) => show(meter, this.#latest.get(meter) ?? NOT_YET));
    return [...instant, ...others];
  }

  pressure(budget: number): Pressure {
    const { readings } = this;
    const used = sumOf(readings);
    const fractions: [fraction: number, source: string][] = [];
    if (used !== undefined) fractions.push([used / budget, "budget"]);
    for (const { name, reading } of readings) {
      if (!isKnown(reading) || reading.limit === undefined) continue;
      fractions.push([reading.bytes / reading.limit, name]);
    }
    const worst = fractions.sort(([a], [b]) => b - a)[0];
    return { used, worst: worst?.[0], source: worst?.[1] };
  }

  async #readInTime(meter: Meter): Promise<void> {
    // A meter that hangs is not asked again until it has answered.
    const running = this.#reading.get(meter) ?? this.#start(meter);
    let cancel = (): void => undefined;
    const late = new Promise<"late">((resolve) => {
      cancel = this.#timers.after(this.#deadline, () => resolve("late"));
    });
    const outcome = await Promise.race([running, late]);
    cancel();
    if (outcome === "late") {
      this.#latest.set(meter, { unknown: `no answer within ${this.#deadline} ms` });
    }
  }

  #start(meter: Meter): Promise<void> {
    const running = this.#finish(meter);
    this.#reading.set(meter, running);
    return running;
  }

  async #finish(meter: Meter): Promise<void> {
    const reading = await readSafely(meter);
    this.#reading.delete(meter);
    this.#latest.set(meter, reading);
  }
}

/** A figure that cannot be used counts as none: it must not pass for "nothing used". */
async function readSafely(meter: Meter): Promise<Reading> {
  try {
    const reading = await meter.read();
    if (!isKnown(reading)) return reading;
    const { bytes, limit } = reading;
    if (!(Number.isFinite(bytes) && bytes >= 0)) return { unknown: `it showed ${bytes} bytes` };
    if (limit !== undefined && !(limit > 0)) return { unknown: `it showed a limit of ${limit}` };
    return reading;
  } catch (error) {
    return unknownBecause(error);
  }
}

function show({ name, scope }: Meter, reading: Reading): MeterReading {
  return { name, scope, reading };
}

/** GPU bytes of the most trusted meter that could read, and what is used of the wasm heaps. */
function sumOf(readings: readonly MeterReading[]): number | undefined {
  const first = (scope: Meter["scope"]): number | undefined =>
    readings
      .filter((entry) => entry.scope === scope)
      .map(({ reading }) => reading)
      .find(isKnown)?.bytes;
  const gpu = first("gpu");
  const wasm = first("wasm");
  return gpu === undefined || wasm === undefined ? undefined : gpu + wasm;
}
