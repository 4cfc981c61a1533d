/** How many bytes a model will take, before anything is allocated for it. */
import type { SessionMemory } from "../gpu/session.ts";

/**
 * Bytes that a loaded model takes for each byte of its file, until it has been measured; rather too
 * many than too few. On WebGPU the weights lie in buffers as they lie in the file, and the graph takes
 * some heap: 1.0 and 1.3 measured (PP-OCRv4 detection and recognition). On wasm the file is parsed and
 * packed anew for the kernels: 1.2 to 2.9 measured.
 */
export const BYTES_PER_FILE_BYTE = { webgpu: 1.5, wasm: 3 } as const;

export function estimateFromFile(fileBytes: number, backend: "webgpu" | "wasm"): number {
  return Math.round(fileBytes * BYTES_PER_FILE_BYTE[backend]);
}

export const sumOf = ({ gpuBytes, wasmBytes }: SessionMemory): number => gpuBytes + wasmBytes;

/** The most that each model held while it was loaded last. */
export class MeasuredPeaks {
  readonly #peaks = new Map<string, SessionMemory>();

  of(id: string): SessionMemory | undefined {
    return this.#peaks.get(id);
  }

  /** A new load: what is measured now replaces what an older load held. */
  begin(id: string, held: SessionMemory): void {
    this.#peaks.set(id, held);
  }

  note(id: string, held: SessionMemory): void {
    const peak = this.#peaks.get(id) ?? held;
    this.#peaks.set(id, {
      gpuBytes: Math.max(peak.gpuBytes, held.gpuBytes),
      wasmBytes: Math.max(peak.wasmBytes, held.wasmBytes),
    });
  }
}
