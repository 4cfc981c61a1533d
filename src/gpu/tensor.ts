/** The runtime-neutral face of inference: what the pipeline sees of a model. */

/** A dense float tensor on the CPU, row-major. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Inputs by name. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** A loaded model. Calls are serialised by the owner; a caller never has to. */
export interface Session {
  readonly backend: "webgpu" | "wasm";
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once. Feeds are float32; they are converted for graphs with float16, int64, int32 or bool
   * inputs, and so are outputs of another type. The returned tensors are copies that belong to the caller.
   *
   * @param outputs names of those that are wanted, the others are not copied; absent: all
   * @throws GlyphpoolError `INFERENCE_FAILED`, `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`
   */
  run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
}
