/** The worker of `fault.process.ts`: fails as it is told, and tells what it sees of its process. */
import "../../workers/process/life.deno.ts";
import { expose } from "comlink";

/** `(module (func (export "spin") (loop br 0)))` */
const SPIN = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 115, 112, 105, 110, 0, 0,
  10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11,
]);

/** Kept, so that the process holds it. */
const memories: WebAssembly.Memory[] = [];

const api = {
  echo: (value: unknown): unknown => value,
  length: (bytes: Uint8Array): number => bytes.length,
  /** Takes real memory in wasm. */
  hold(bytes: number): void {
    const memory = new WebAssembly.Memory({ initial: bytes / 65_536 });
    new Uint8Array(memory.buffer).fill(1);
    memories.push(memory);
  },
  /** Never comes back from wasm. */
  spin(): void {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(SPIN));
    self.postMessage("spinning");
    (exports["spin"] as () => void)();
  },
  throwLater(): void {
    setTimeout(() => {
      throw new Error("uncaught in the worker");
    }, 0);
  },
  close: (): void => self.close(),
  /** What libraries do with `console` has to stay out of the frames. */
  print(text: string): void {
    console.log(text);
    console.info(text);
    console.table([[text]]);
  },
  /** What native code could do. */
  garble: (): number => Deno.stdout.writeSync(new TextEncoder().encode("not a frame\n")),
  variable: (name: string): string | undefined => Deno.env.get(name),
  adapter: async (): Promise<string | null> =>
    (await navigator.gpu.requestAdapter())?.info.description ?? null,
  permission: async (
    name: "read" | "write" | "net" | "env" | "run" | "ffi" | "sys",
  ): Promise<string> => (await Deno.permissions.query({ name })).state,
};

export type FaultApi = typeof api;

expose(api);
