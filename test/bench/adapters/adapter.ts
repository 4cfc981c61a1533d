/** What every engine looks like to the benchmark. */

export interface BenchLine {
  text: string;
  confidence?: number;
  /** Corners in image pixels, where the engine gives them. */
  polygon?: number[][];
}

export interface BenchModels {
  detection: string;
  recognition: string;
  orientation: string;
  dictionary: string;
  /** The same weights packed as PaddleOCR.js wants them: a tar of inference.onnx and inference.yml. */
  detectionTar: string;
  recognitionTar: string;
  /** Folder of the peers' onnxruntime-web files. */
  runtime: string;
}

export interface BenchOptions {
  /** URLs of the same server. */
  models: BenchModels;
  /** wasm threads. */
  threads: number;
}

export interface Adapter {
  /** Loads the models. What it returns is written into the report: the parameters in use. */
  init(options: BenchOptions): Promise<Record<string, unknown>>;
  /** From encoded bytes to text. */
  read(bytes: ArrayBuffer): Promise<{ lines: BenchLine[]; timings?: object }>;
  close(): Promise<void>;
}
