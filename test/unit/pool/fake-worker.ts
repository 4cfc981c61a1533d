/** A worker without a thread: the worker API over a MessageChannel, with every way to go wrong. */
import { expose } from "comlink";
import type {
  EncodeRequest,
  Envelope,
  PreloadRequest,
  ReadRequest,
  WorkerApi,
} from "../../../workers/ocr/worker-api.ts";
import type { WorkerInfo, WorkerMemory } from "../../../src/pool/worker-types.ts";
import type { EncodedImage, Page } from "../../../src/types.ts";

export const INFO: WorkerInfo = {
  backend: "wasm",
  reason: "a test",
  runtime: "jspi",
  threads: 1,
};

export const PAGE: Page = {
  width: 10,
  height: 10,
  rotation: 0,
  text: "hello",
  lines: [],
  timings: { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 0 },
};

export const PICTURE: EncodedImage = {
  bytes: new Uint8Array(3),
  type: "image/png",
  width: 10,
  height: 10,
};

export const MEMORY: WorkerMemory = {
  backend: "wasm",
  gpuOverhead: 0,
  gpuOverheadPeak: 0,
  wasmHeap: 16 * 2 ** 20,
  wasmShared: 0,
  models: [],
};

export const ok = <T>(value: T): Envelope<T> => ({ ok: true, value });
export const forever = <T>(): Promise<T> => new Promise(() => undefined);

/** What the calls of a worker do, one by one. */
export interface FakeCalls extends Omit<WorkerApi, "run"> {
  read(request: ReadRequest): Promise<Envelope<Page>>;
  encode(request: EncodeRequest): Promise<Envelope<EncodedImage>>;
  preload(request: PreloadRequest): Promise<Envelope<void>>;
}

export class FakeWorker extends EventTarget {
  readonly cancelled: number[] = [];
  readonly granted: number[] = [];
  readonly requests: ReadRequest[] = [];
  terminated = false;
  /** Set by `init`. */
  lifeLock: string | undefined;
  readonly #host: MessagePort;
  readonly #inside: MessagePort;

  constructor(overrides: Partial<FakeCalls> = {}) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#host = port1;
    this.#inside = port2;
    port1.onmessage = ({ data }: MessageEvent): void => {
      this.dispatchEvent(new MessageEvent("message", { data }));
    };
    const calls: FakeCalls = {
      init: async (config) => {
        this.lifeLock = config.lifeLock;
        return ok(INFO);
      },
      read: async (request) => {
        this.requests.push(request);
        return ok(PAGE);
      },
      encode: async () => ok(PICTURE),
      preload: async () => ok(undefined),
      cancel: (id) => void this.cancelled.push(id),
      grant: (permit) => void this.granted.push(permit),
      teardown: async () => ok(undefined),
      stats: async () => ok({ wasmHeap: 1, models: [] }),
      memory: async () => ok(MEMORY),
      evict: async (bytes) => ok(bytes),
      trim: async () => ok(undefined),
      recycleDevice: async () => ok(true),
      configure: async () => ok(undefined),
      ...overrides,
    };
    const api: WorkerApi = {
      ...calls,
      run: (request) => {
        if (request.name === "read") return calls.read(request);
        return request.name === "encode" ? calls.encode(request) : calls.preload(request);
      },
    };
    expose(api, port2);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#host.postMessage(message, transfer);
  }

  /** What the worker posts by itself. */
  post(message: unknown): void {
    this.#inside.postMessage(message);
  }

  terminate(): void {
    this.terminated = true;
    this.#host.close();
  }

  /** An error that nobody caught inside. Returns whether the parent may live on. */
  crash(message: string): boolean {
    const event = Object.assign(new Event("error", { cancelable: true }), { message });
    return !this.dispatchEvent(event);
  }
}
