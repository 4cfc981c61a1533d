import { describe, expect, it } from "vitest";
import { CompiledModule } from "../../../src/gpu/compiled-module.ts";

/** `(module (func (export "f") (result i32) i32.const 42))` */
const WASM = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1,
  4, 0, 65, 42, 11,
]);

const answer = ({ instance }: WebAssembly.WebAssemblyInstantiatedSource): unknown =>
  (instance.exports["f"] as () => number)();

const response = (bytes: Uint8Array): Response =>
  new Response(bytes.slice().buffer, { headers: { "content-type": "application/wasm" } });

describe("CompiledModule", () => {
  it("keeps what is compiled while the work runs, and nothing else", async () => {
    const compiled = new CompiledModule();
    await WebAssembly.instantiate(WASM);
    expect(compiled.module).toBeUndefined();
    const source = await compiled.during(() => WebAssembly.instantiate(WASM));
    expect(answer(source)).toBe(42);
    expect(compiled.module).toBe(source.module);
  });

  it("starts from a known module, whatever bytes are given", async () => {
    const known = await WebAssembly.compile(WASM);
    const compiled = new CompiledModule(known);
    const source = await compiled.during(() => WebAssembly.instantiate(new Uint8Array(8)));
    expect(answer(source)).toBe(42);
    expect(source.module).toBe(known);
    const streamed = await compiled.during(() =>
      WebAssembly.instantiateStreaming(response(new Uint8Array(8))),
    );
    expect(answer(streamed)).toBe(42);
    expect(streamed.module).toBe(known);
  });

  it("keeps what is compiled from a stream", async () => {
    const compiled = new CompiledModule();
    const source = await compiled.during(() => WebAssembly.instantiateStreaming(response(WASM)));
    expect(answer(source)).toBe(42);
    expect(compiled.module).toBe(source.module);
  });

  it("puts the platform's functions back, also after a failure", async () => {
    const { instantiate, instantiateStreaming } = WebAssembly;
    const failing = new CompiledModule().during(() => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(WebAssembly.instantiate).toBe(instantiate);
    expect(WebAssembly.instantiateStreaming).toBe(instantiateStreaming);
  });
});
