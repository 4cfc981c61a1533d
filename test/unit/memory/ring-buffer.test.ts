import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RingBuffer } from "../../../src/memory/ring-buffer.ts";

describe("RingBuffer", () => {
  it("holds the latest values, the oldest first", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer()), (capacity, values) => {
        const buffer = new RingBuffer<number>(capacity);
        values.forEach((value, index) => {
          buffer.push(value);
          expect(buffer.last).toBe(value);
          expect(buffer.length).toBe(Math.min(index + 1, capacity));
        });
        expect([...buffer]).toEqual(values.slice(-capacity));
      }),
    );
  });

  it("is empty at first, and never without room", () => {
    expect(new RingBuffer(3).last).toBeUndefined();
    expect(() => new RingBuffer(0)).toThrow(RangeError);
  });
});
