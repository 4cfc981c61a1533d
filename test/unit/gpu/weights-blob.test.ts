import { describe, expect, it } from "vitest";
import { WeightsBlob } from "../../../src/gpu/weights-blob.ts";

describe("WeightsBlob", () => {
  const bytes = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 7) & 255);
  const blob = new WeightsBlob(new Blob([bytes]));

  it("is a Blob of the same size", () => {
    expect(blob).toBeInstanceOf(Blob);
    expect(blob.size).toBe(bytes.length);
  });

  it.each([
    [0, bytes.length],
    [1, 2],
    [1_000_000, 2_200_000],
    [5, 5],
  ])("streams the bytes from %d to %d", async (from, to) => {
    const read = new Uint8Array(await new Response(blob.slice(from, to).stream()).arrayBuffer());
    expect(read.length).toBe(to - from);
    expect(Buffer.compare(read, bytes.subarray(from, to))).toBe(0);
  });

  it("gives the whole file as well, as the Asyncify build takes it", async () => {
    expect(Buffer.compare(new Uint8Array(await blob.arrayBuffer()), bytes)).toBe(0);
    const streamed = new Uint8Array(await new Response(blob.stream()).arrayBuffer());
    expect(Buffer.compare(streamed, bytes)).toBe(0);
    const words = new WeightsBlob(new Blob(["weights"]));
    expect(await words.text()).toBe("weights");
  });

  it("refuses the readers that get stuck", () => {
    expect(() => blob.slice(0, 9).stream().getReader({ mode: "byob" })).toThrow(TypeError);
  });
});
