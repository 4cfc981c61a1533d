/** The runtime-neutral face of inference: what the pipeline sees of a model. */

/** A dense float tensor on the CPU, row-major. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A loaded model. Calls are serialised by the owner; a caller never has to. */
export interface Session {
  readonly backend: "webgpu" | "wasm";
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once. Feeds are float32; a graph with float16 inputs or outputs is converted at
   * this border. The returned tensors are copies that belong to the caller.
   *
   * @throws GlyphpoolError `INFERENCE_FAILED`, `GPU_OUT_OF_MEMORY`, `DEVICE_LOST`
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}
