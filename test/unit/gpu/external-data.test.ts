import { array, assert, asyncProperty, integer, record, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { detachWeights } from "../../../src/gpu/external-data.ts";
import { encodeModel } from "../../../src/gpu/onnx-writer.ts";
import { bytesField, concat, numberField, textField } from "../../../src/gpu/protobuf.ts";
import { largeModel } from "./large-model.ts";

/** A reader of its own: fields of a message as numbers and bytes. */
function decode(bytes: Uint8Array): [number, number | Uint8Array][] {
  const out: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; ; i++) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * 128 ** i;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if (tag % 8 === 0) out.push([tag >>> 3, value]);
    else out.push([tag >>> 3, bytes.subarray(at, (at += value))]);
  }
  return out;
}

const all = (bytes: Uint8Array, field: number): Uint8Array[] =>
  decode(bytes).flatMap(([number, value]) =>
    number === field && typeof value !== "number" ? [value] : [],
  );
const one = (bytes: Uint8Array, field: number): Uint8Array => all(bytes, field)[0] as Uint8Array;
const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

interface Tensor {
  readonly name: string;
  readonly data: Uint8Array;
  readonly external: boolean;
}

/** The initialisers of a graph, with their data from wherever it lies. */
function initialisers(model: Uint8Array, file: Uint8Array): Tensor[] {
  return all(one(model, 7), 5).map((tensor) => {
    const entries = new Map(all(tensor, 13).map((entry) => [read(one(entry, 1)), one(entry, 2)]));
    const number = (key: string): number => Number(read(entries.get(key) as Uint8Array));
    const external = decode(tensor).some(([field, value]) => field === 14 && value === 1);
    const location = entries.get("location");
    expect(location && read(location)).toBe(external ? "file" : undefined);
    const start = external ? number("offset") : 0;
    const data = external ? file.subarray(start, start + number("length")) : one(tensor, 9);
    return { name: read(one(tensor, 8)), data, external };
  });
}

/** Remembers how much was read of it. */
class MeteredBlob extends Blob {
  read = 0;
  largest = 0;

  override slice(start = 0, end: number = this.size): Blob {
    const length = Math.min(end, this.size) - start;
    this.read += length;
    this.largest = Math.max(this.largest, length);
    return super.slice(start, end);
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    throw new Error("the whole file was read");
  }
}

const value = { name: "x", dims: [1] };

describe("detachWeights", () => {
  it("points at the weights' own bytes, whatever their sizes", async () => {
    await assert(
      asyncProperty(array(integer({ min: 0, max: 700 }), { maxLength: 8 }), async (sizes) => {
        const weights = sizes.map((size, i) => ({
          name: `w${i}`,
          dims: [size],
          data: Float32Array.from({ length: size }, (_, k) => Math.sin(k + i)),
        }));
        const file = encodeModel({ nodes: [], weights, input: value, output: value });
        const { graph, externalBytes } = await detachWeights(new Blob([file]), "file");
        const found = initialisers(graph, file);
        expect(found.map(({ name }) => name)).toEqual(weights.map(({ name }) => name));
        for (const [i, { data, external }] of found.entries()) {
          const bytes = new Uint8Array((weights[i] as { data: Float32Array }).data.buffer);
          expect(data).toEqual(bytes);
          expect(external).toBe(bytes.length >= 1024);
        }
        const large = sizes.map((size) => size * 4).filter((size) => size >= 1024);
        expect(externalBytes).toBe(large.reduce((sum, size) => sum + size, 0));
      }),
    );
  });

  it("keeps everything else byte for byte", async () => {
    await assert(
      asyncProperty(
        array(record({ number: integer({ min: 15, max: 9000 }), data: uint8Array() })),
        async (extras) => {
          const foreign = extras.map(({ number, data }) => bytesField(number, data));
          const file = concat([numberField(1, 8), ...foreign, bytesField(7, ...foreign)]);
          const { graph, externalBytes } = await detachWeights(new Blob([file]), "file");
          expect(graph).toEqual(file);
          expect(externalBytes).toBe(0);
        },
      ),
    );
  });

  it("makes initialisers of the weights in Constant nodes, under the names of their outputs", async () => {
    const data = Float32Array.from({ length: 300 }, (_, i) => i);
    const raw = new Uint8Array(data.buffer);
    const tensor = bytesField(
      5,
      numberField(1, 300),
      numberField(2, 1),
      textField(8, "inner"),
      bytesField(9, raw),
    );
    const attribute = bytesField(5, textField(1, "value"), tensor, numberField(20, 4));
    const constant = bytesField(1, textField(2, "weights"), textField(4, "Constant"), attribute);
    // The same attribute in any other node has a meaning of its own.
    const other = bytesField(1, textField(2, "y"), textField(4, "ConstantOfShape"), attribute);
    const file = concat([numberField(1, 8), bytesField(7, constant, other)]);
    const { graph } = await detachWeights(new Blob([file]), "file");
    expect(initialisers(graph, file)).toEqual([{ name: "weights", data: raw, external: true }]);
    expect(all(one(graph, 7), 1)).toEqual([one(concat([other]), 1)]);
  });

  it("leaves data that is external already, and data in typed lists", async () => {
    const floats = new Uint8Array(2048);
    const graph = bytesField(
      7,
      bytesField(5, textField(8, "a"), bytesField(4, floats)),
      bytesField(5, textField(8, "b"), bytesField(13, floats), numberField(14, 1)),
    );
    const file = concat([graph]);
    await expect(detachWeights(new Blob([file]), "file")).resolves.toEqual({
      graph: file,
      externalBytes: 0,
    });
  });

  it("reads little of a large file, and never much at once", async () => {
    const { parts, size } = largeModel(6, 1024);
    const blob = new MeteredBlob([...parts]);
    const { graph, externalBytes } = await detachWeights(blob, "file");
    expect(size).toBeGreaterThan(24 * 1024 * 1024);
    expect(externalBytes).toBe(6 * 1024 * 1024 * 4);
    expect(graph.length).toBeLessThan(2_000);
    expect(blob.read).toBeLessThan(16 * 64 * 1024);
    expect(blob.largest).toBe(64 * 1024);
  });

  it("refuses what is no ONNX file, and one that is cut", async () => {
    const noise = new Blob([new Uint8Array(100).fill(0xff)]);
    await expect(detachWeights(noise, "file")).rejects.toMatchObject({ code: "MODEL_INVALID" });
    const file = new Blob([...largeModel(1, 64).parts]);
    for (const size of [1, 5, 20, 100, 1000, file.size - 1]) {
      await expect(detachWeights(file.slice(0, size), "file")).rejects.toMatchObject({
        code: "MODEL_INVALID",
      });
    }
  });
});
