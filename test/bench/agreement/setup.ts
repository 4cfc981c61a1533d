/** What an engine is opened with. Apart from the reader, because Node 20 cannot load an engine. */

export type Build = "jspi" | "asyncify";

/** How pages are detected: small inputs for GPUs that are emulated, or as the model's family has it. */
export type Detection = "small" | "own";

/** Longest side of the detector's input with `small`. */
export const SMALL_SIDE = 320;

export interface Setup {
  readonly backend: "webgpu" | "wasm";
  readonly runtime: Build;
  readonly detection: Detection;
}
