import { describe, expect, it } from "vitest";
import { refuseSpareGrowth } from "../../../src/gpu/runtime.ts";

const PAGE = 65_536;

/** What Emscripten does when an allocation needs a heap of `needed` bytes. */
function resize(memory: WebAssembly.Memory, needed: number): boolean {
  const old = memory.buffer.byteLength;
  for (let part = 1; part <= 4; part *= 2) {
    const spare = Math.min(old * (1 + 0.2 / part), needed + 96 * 2 ** 20);
    const size = PAGE * Math.ceil(Math.max(needed, spare) / PAGE);
    try {
      memory.grow(Math.floor((size - old + PAGE - 1) / PAGE));
      return true;
    } catch {
      // It asks for less then.
    }
  }
  return false;
}

const heapOf = (pages: number, maximum = 4 * pages): WebAssembly.Memory => {
  const memory = new WebAssembly.Memory({ initial: pages, maximum });
  refuseSpareGrowth(memory);
  return memory;
};

describe("growth of the heap", () => {
  it("is what is needed or 5 %, not 20 %", () => {
    const memory = heapOf(1000);
    expect(resize(memory, 1001 * PAGE)).toBe(true);
    expect(memory.buffer.byteLength / PAGE).toBe(1050);
    expect(resize(memory, 2000 * PAGE)).toBe(true);
    expect(memory.buffer.byteLength / PAGE).toBe(2000);
  });

  it.each([1.1, 1.2])("is granted where the need itself is %f of the heap", (part) => {
    const memory = heapOf(1000);
    for (let turn = 0; turn < 3; turn++) {
      const needed = PAGE * Math.ceil((memory.buffer.byteLength * part) / PAGE);
      expect(resize(memory, needed)).toBe(true);
      expect(memory.buffer.byteLength).toBe(needed);
    }
  });

  it("still ends at the maximum", () => {
    const memory = heapOf(1000, 1100);
    expect(resize(memory, 1090 * PAGE)).toBe(true);
    expect(resize(memory, 1200 * PAGE)).toBe(false);
    expect(memory.buffer.byteLength / PAGE).toBe(1090);
  });
});
