/** What a worker computes with, as callers see it. */

/** The two builds of onnxruntime-web that hold both the native WebGPU provider and the wasm provider. */
export type RuntimeKind = "jspi" | "asyncify";

/** What is known of the GPU behind an adapter. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** Whether WebGPU is emulated on the CPU: correct, but far slower than the wasm backend. */
  readonly software: boolean;
  /** Whether fp16 models can run. */
  readonly f16: boolean;
  /** Bytes of the largest buffer that it gives. */
  readonly maxBufferSize: number;
}
