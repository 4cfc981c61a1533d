/** NVIDIA GPUs in Deno, through the driver's management library. */
import { unknownBecause, type Meter, type MeterScope, type Reading } from "./meter.ts";
import { openNvmlLibrary, type NvmlLibrary, type NvmlUse } from "./nvml-library.ts";

export interface NvmlOptions {
  /** Default `libnvidia-ml.so.1`: so the permission `--allow-ffi=libnvidia-ml.so.1` is enough. */
  readonly library?: string;
  /** Number of the GPU in the driver's order. Default 0. */
  readonly device?: number;
  /** Ids of the processes that count as ours. Default: the own one. */
  readonly processes?: () => readonly number[];
}

/** Two meters over one opened library: the whole device, and our processes on it. */
export class Nvml {
  readonly #options: NvmlOptions;
  #library: Promise<NvmlLibrary> | undefined;

  constructor(options: NvmlOptions = {}) {
    this.#options = options;
  }

  get meters(): readonly Meter[] {
    return [
      this.#meter("nvml-process", "gpu", async (library, device) => {
        const ours = new Set(this.#options.processes?.() ?? [Deno.pid]);
        return sum(library.processes(device).filter(({ pid }) => ours.has(pid)));
      }),
      this.#meter("nvml-device", "device", async (library, device) => {
        const { used, total } = library.memory(device);
        return { bytes: used, limit: total };
      }),
    ];
  }

  /** Gives the library back; the meters show unknown from now on. */
  async close(): Promise<void> {
    const library = this.#library;
    this.#library = Promise.reject(new Error("the meter is closed"));
    this.#library.catch(() => undefined);
    (await library?.catch(() => undefined))?.close();
  }

  #meter(
    name: string,
    scope: MeterScope,
    read: (library: NvmlLibrary, device: number) => Promise<Reading>,
  ): Meter {
    return {
      name,
      scope,
      read: async () => {
        try {
          this.#library ??= openNvmlLibrary(this.#options.library ?? "libnvidia-ml.so.1");
          return await read(await this.#library, this.#options.device ?? 0);
        } catch (error) {
          return unknownBecause(error);
        }
      },
    };
  }
}

/** A process that is not listed is not at 0: inside a container the driver knows it by another id. */
function sum(uses: readonly NvmlUse[]): Reading {
  if (uses.length === 0) return { unknown: "the driver lists no process of ours" };
  let bytes = 0;
  for (const { pid, used } of uses) {
    if (used === undefined) return { unknown: `the driver does not tell the bytes of ${pid}` };
    bytes += used;
  }
  return { bytes };
}
