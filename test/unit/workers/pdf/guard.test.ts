/** Runs in a process of its own: what these functions take away does not come back. */
import { afterAll, expect, it } from "vitest";
import { bufferLimit, closeNetwork, limitBuffers } from "../../../../workers/pdf/guard.ts";
import { onTrouble } from "../../../../workers/pdf/warnings.ts";
import { deflate } from "../../document/pdf-writer.ts";

const MB = 2 ** 20;
const { DecompressionStream: Inflater, Uint8Array: Bytes } = globalThis;
afterAll(() => {
  Object.assign(globalThis, { DecompressionStream: Inflater, Uint8Array: Bytes });
});

it("the limit of buffers lets the largest picture through, and small settings some megabytes", () => {
  expect(bufferLimit(100_000_000)).toBe(400_000_000);
  expect(bufferLimit(1)).toBe(64 * MB);
});

it("buffers above the limit are refused, and that is told", async () => {
  let removals = 0;
  using listening = onTrouble(() => removals++);
  void listening;
  const packed = await deflate(new Uint8Array(3 * MB));
  limitBuffers(2 * MB);
  expect(new Uint8Array(2 * MB)).toBeInstanceOf(Uint8Array);
  expect(() => new Uint8Array(2 * MB + 1)).toThrow(RangeError);
  expect(() => new Float32Array(MB)).toThrow(RangeError);
  expect(new Uint8Array([1, 2, 3]).length).toBe(3);
  expect(Uint8Array.from([1]).constructor).toBe(Bytes);
  expect(removals).toBe(2);
  const inflated = new Blob([packed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  await expect(
    (async () => {
      for await (const chunk of inflated) void chunk;
    })(),
  ).rejects.toThrow(RangeError);
  expect(removals).toBe(3);
});

it("the network is gone for good", () => {
  closeNetwork();
  expect(globalThis.fetch).toBeUndefined();
  expect((globalThis as { XMLHttpRequest?: unknown }).XMLHttpRequest).toBeUndefined();
  expect(globalThis.WebSocket).toBeUndefined();
  expect(() => {
    globalThis.fetch = () => Promise.reject(new Error("no"));
  }).toThrow(TypeError);
});
