import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import { bucketWidth, planBatches } from "../../../src/ocr/batches.ts";
import { GlyphpoolError } from "../../../src/errors.ts";
import { contentWidth, recognizeLines } from "../../../src/ocr/recognize.ts";
import { ALPHABET, box, ctcRow, lease, paint, plain, recogniser, withHead } from "./hand-made.ts";

const PARAMS = recogniser().params;
const { length: CLASSES } = ALPHABET;

/** The byte that was normalised to (x/255 − ½) / ½, of one pixel of the first plane of a crop. */
function byteAt({ data, dims }: Tensor, crop: number, x: number, y: number): number {
  const [, , height, width] = dims as [number, number, number, number];
  return ((data[crop * 3 * height * width + y * width + x] as number) / 2 + 0.5) * 255;
}

/** A network that reads a letter off the grey of a crop's left side: 10 is "a", 20 is "b" … */
function readGrey(input: Tensor): Tensor {
  const [count, , , width] = input.dims as [number, number, number, number];
  const steps = width / 8;
  const rows = Array.from({ length: count }, (_, i) =>
    Array.from(ctcRow(ALPHABET[Math.round(byteAt(input, i, 4, 24) / 10)] as string, 1, steps)),
  );
  return { data: Float32Array.from(rows.flat()), dims: [count, steps, CLASSES] };
}

describe("contentWidth", () => {
  it.each([
    // 48 · width / height, rounded up, from 1 to 3200.
    [100, 24, 200],
    [101, 30, 162], // 161.6
    [20, 96, 10],
    [1000, 10, 3200], // 4800
    [0, 20, 1],
    [10, 0, 480], // a height below one pixel counts as one
    [10, 0.5, 480],
  ])("of a crop of %f × %f is %i", (width, height, expected) => {
    expect(contentWidth(box(3, 4, width, height), PARAMS)).toBe(expected);
  });

  it("follows the model's height and cap", () => {
    expect(contentWidth(box(0, 0, 100, 20), { height: 32, maxWidth: 3200 })).toBe(160);
    expect(contentWidth(box(0, 0, 100, 20), { height: 32, maxWidth: 100 })).toBe(100);
  });
});

describe("planBatches", () => {
  it("pads less on wasm, where a new shape costs nothing: to the next 16 pixels", () => {
    // 321 → 336 = 21 · 16, at least 48; on WebGPU the next of the fixed widths.
    expect(bucketWidth(321, 3200, "wasm")).toBe(336);
    expect(bucketWidth(336, 3200, "wasm")).toBe(336);
    expect(bucketWidth(5, 3200, "wasm")).toBe(48);
    expect(bucketWidth(3199, 3190, "wasm")).toBe(3190);
    expect(bucketWidth(321, 3200, "webgpu")).toBe(384);
  });

  it("puts crops of like width together, narrow ones first", () => {
    // 50 and 64 → 64; 300 and 320 → 320; 1800 → 2048; 2600 → 3200.
    expect(planBatches([300, 50, 2600, 320, 64, 1800], 3200, "webgpu")).toEqual([
      { width: 64, items: [1, 4] },
      { width: 320, items: [0, 3] },
      { width: 2048, items: [5] },
      { width: 3200, items: [2] },
    ]);
    expect(planBatches([], 3200, "webgpu")).toEqual([]);
  });

  it("starts a new batch when the sum of widths would exceed the bound", () => {
    // 2560 / 320 = 8.
    const batches = planBatches(new Array<number>(19).fill(320), 3200, "webgpu");
    expect(batches.map((b) => b.items.length)).toEqual([8, 8, 3]);
    expect(planBatches([48, 48, 48], 3200, "webgpu", 100).map((b) => b.items)).toEqual([
      [0, 1],
      [2],
    ]);
  });

  it("is never wider than the model allows", () => {
    // 90 → 96; 97 and 100 → 112, cut to 100.
    expect(planBatches([97, 90, 100], 100, "webgpu")).toEqual([
      { width: 96, items: [1] },
      { width: 100, items: [0, 2] },
    ]);
    // A model that takes more than the widest of the set gets its own maximum.
    expect(planBatches([3300], 4000, "webgpu")).toEqual([{ width: 4000, items: [0] }]);
  });

  it("knows 24 widths for all lengths, none more than a quarter of it padding", () => {
    const used = new Set<number>();
    for (let content = 48; content <= 3200; content++) {
      const width = planBatches([content], 3200, "webgpu")[0]?.width as number;
      used.add(width);
      expect((width - content) / width).toBeLessThan(0.25);
    }
    expect(used.size).toBe(24);
    expect(planBatches([1], 3200, "webgpu")[0]?.width).toBe(48);
  });

  it("has every crop exactly once, in a width that holds it, within the bounds", () => {
    const widths = array(integer({ min: 1, max: 3200 }), { maxLength: 60 });
    assert(
      property(widths, integer({ min: 48, max: 3200 }), (wanted, maxWidth) => {
        const contents = wanted.map((w) => Math.min(w, maxWidth));
        const batches = planBatches(contents, maxWidth, "webgpu");
        const items = batches.flatMap((b) => b.items).sort((a, b) => a - b);
        expect(items).toEqual(contents.map((_, i) => i));
        for (const { width, items: own } of batches) {
          expect(width).toBeLessThanOrEqual(maxWidth);
          expect(Math.max(...own.map((i) => contents[i] as number))).toBeLessThanOrEqual(width);
          // One crop alone may exceed the bound.
          expect((own.length > 1 ? own.length : 0) * width).toBeLessThanOrEqual(2560);
        }
      }),
    );
  });
});

describe("recognizeLines", () => {
  it("gives results in the order of the crops, whatever the batches", async () => {
    const image = plain(300, 120);
    // Contents 480, 96, 240, 96 → 512, 96, 256, 96.
    const crops = [box(0, 0, 200, 20), box(0, 20, 40, 20), box(0, 40, 100, 20), box(0, 60, 40, 20)];
    [10, 20, 30, 40].forEach((value, i) => {
      paint(image, { x: 0, y: 20 * i, width: 300, height: 20 }, value);
    });
    const runs: (readonly number[])[] = [];
    const done: number[] = [];
    const model = lease(recogniser(), (input) => {
      runs.push(input.dims);
      return readGrey(input);
    });
    const read = await recognizeLines(image, crops, model, (n) => done.push(n));
    expect(read.map((r) => r.symbols.map((s) => s.text).join(""))).toEqual(["a", "b", "c", "d"]);
    expect(runs).toEqual([
      [2, 3, 48, 96],
      [1, 3, 48, 256],
      [1, 3, 48, 512],
    ]);
    expect(done).toEqual([2, 3, 4]);
    // A step is 8 pixels: of a content of 480, 96, 240 and 96.
    [8 / 480, 8 / 96, 8 / 240, 8 / 96].forEach((width, i) => {
      expect(read[i]?.stepWidth).toBeCloseTo(width, 12);
    });
  });

  it("reads the same where the graph chooses the classes", async () => {
    const image = plain(300, 40, 30);
    paint(image, { x: 0, y: 20, width: 300, height: 20 }, 70);
    // Two lines of one batch, of which the second is the narrower.
    const crops = [box(0, 0, 122, 20), box(0, 20, 118, 20)];
    const model = lease(recogniser(), readGrey);
    const read = await recognizeLines(image, crops, withHead(model));
    expect(read.map(({ symbols }) => symbols.map((s) => s.text).join(""))).toEqual(["c", "g"]);
    expect(read).toEqual(await recognizeLines(image, crops, model));
  });

  it("reads nothing of nothing", async () => {
    const model = lease(recogniser(), () => expect.unreachable());
    expect(await recognizeLines(plain(8, 8), [], model)).toEqual([]);
  });

  it("pads with zeros right of the content, and ignores what is read there", async () => {
    let seen: Tensor | undefined;
    // 100 × 48 in a width of 112: 14 steps, of which 100/112 · 14 = 12.5 hold content: 13.
    const model = lease(recogniser(), (input) => {
      seen = input;
      const data = ctcRow("abcdefg", 1, 14); // letters at steps 0, 2 … 12
      data[13 * CLASSES] = 0;
      data[13 * CLASSES + 26] = 1; // and a z in step 13
      return { data, dims: [1, 14, CLASSES] };
    });
    const [read] = await recognizeLines(plain(120, 60), [box(4, 4, 100, 48)], model);
    expect(seen?.dims).toEqual([1, 3, 48, 112]);
    const wrong = seen?.data.findIndex((v, i) => Math.abs(v - (i % 112 < 100 ? 1 : 0)) > 1e-6);
    expect(wrong).toBe(-1); // white is (1 − ½) / ½ = 1
    expect(read?.symbols.map((s) => s.text).join("")).toBe("abcdefg");
    // Step 12 ends at 104 of 100 pixels: a step is 8 pixels of 100.
    expect(read?.stepWidth).toBeCloseTo(0.08, 12);
  });

  it("averages large text instead of skipping pixels", async () => {
    // Every third row is white. 144 × 144 → 48 × 48: weights 1 2 3 2 1 over 9 around the white row
    // and two rows short of the next: 3/9 white → (⅓ − ½) / ½ = −⅓ in every pixel.
    const image = plain(144, 144, 0);
    for (let y = 1; y < 144; y += 3) paint(image, { x: 0, y, width: 144, height: 1 }, 255);
    let seen: Tensor | undefined;
    const model = lease(recogniser(), (input) => {
      seen = input;
      return readGrey(input);
    });
    await recognizeLines(image, [box(0, 0, 144, 144)], model);
    expect(seen?.dims).toEqual([1, 3, 48, 48]);
    expect(seen?.data.findIndex((v) => Math.abs(v + 1 / 3) > 1e-4)).toBe(-1);
  });

  it("cuts a turned crop along its own top", async () => {
    // Text that runs down the page: its start, at the top, is grey 10, its end 20.
    const image = plain(60, 120, 20);
    paint(image, { x: 0, y: 0, width: 60, height: 60 }, 10);
    const [a, b, c, d] = box(20, 10, 24, 100);
    const model = lease(recogniser(), readGrey);
    const read = await recognizeLines(image, [[b, c, d, a]], model);
    const back = await recognizeLines(image, [[d, a, b, c]], model);
    expect([read, back].map(([r]) => r?.symbols[0]?.text)).toEqual(["a", "b"]);
  });

  it("stops when the callback throws", async () => {
    let runs = 0;
    const model = lease(recogniser(), (input) => {
      runs++;
      return readGrey(input);
    });
    const stop = (): never => {
      throw new Error("stop");
    };
    const crops = [box(0, 0, 40, 20), box(0, 0, 80, 20)];
    await expect(recognizeLines(plain(100, 20), crops, model, stop)).rejects.toThrow("stop");
    expect(runs).toBe(1);
  });

  it.each([
    ["another number of classes", [1, 12, CLASSES + 1]],
    ["another number of crops", [2, 12, CLASSES]],
    ["too few dimensions", [1]],
    ["no output", undefined],
  ])("rejects a network that returns %s", async (_, dims) => {
    const size = dims?.reduce((a, b) => a * b, 1) ?? 0;
    const model = lease(recogniser(), () => dims && { data: new Float32Array(size), dims });
    for (const each of [model, withHead(model)]) {
      const reading = recognizeLines(plain(40, 20), [box(0, 0, 40, 20)], each);
      await expect(reading).rejects.toMatchObject({ code: "MODEL_INVALID" });
    }
  });

  it("halves a batch that the GPU has no memory for, down to single lines", async () => {
    const sizes: number[] = [];
    const image = plain(100, 60);
    [10, 20, 30, 40].forEach((grey, i) =>
      paint(image, { x: 0, y: i * 12, width: 40, height: 12 }, grey),
    );
    const crops = [0, 1, 2, 3].map((i) => box(0, i * 12, 40, 12));
    const least = (most: number) => (input: Tensor) => {
      const count = input.dims[0] as number;
      sizes.push(count);
      if (count > most) throw new GlyphpoolError("GPU_OUT_OF_MEMORY", "full");
      return readGrey(input);
    };
    const read = await recognizeLines(image, crops, lease(recogniser(), least(1)));
    expect(read.map((line) => line.symbols[0]?.text)).toEqual(["a", "b", "c", "d"]);
    expect(sizes).toEqual([4, 2, 1, 1, 2, 1, 1]);
    const none = recognizeLines(image, crops, lease(recogniser(), least(0)));
    await expect(none).rejects.toMatchObject({ code: "GPU_OUT_OF_MEMORY" });
  });

  it("keeps within the width that the caller allows", async () => {
    const sizes: number[] = [];
    const model = lease(recogniser(), (input) => {
      sizes.push((input.dims[0] as number) * (input.dims[3] as number));
      return readGrey(input);
    });
    const crops = Array.from({ length: 6 }, () => box(0, 0, 40, 12));
    await recognizeLines(plain(100, 20), crops, model, undefined, 320);
    expect(sizes).toEqual([320, 320, 320]);
  });

  it("finds faint spaces by the model's rule and by the alphabet's space", async () => {
    // a in step 0, b in step 4, a space of 1/8 in step 2: four steps apart, and 1/8 ≥ 0.1.
    const answer = (input: Tensor): Tensor => {
      const steps = (input.dims[3] as number) / 8;
      const data = ctcRow("a", 1, steps);
      data.set([0.875], 2 * CLASSES);
      data.set([0.125], 2 * CLASSES + CLASSES - 1);
      data.fill(0, 4 * CLASSES, 5 * CLASSES);
      data[4 * CLASSES + 2] = 1;
      return { data, dims: [1, steps, CLASSES] };
    };
    const read = async (model: Parameters<typeof recognizeLines>[2]): Promise<string> => {
      const [line] = await recognizeLines(plain(40, 20), [box(0, 0, 40, 20)], model);
      const [same] = await recognizeLines(plain(40, 20), [box(0, 0, 40, 20)], withHead(model));
      expect(same).toEqual(line);
      return line?.symbols.map((s) => s.text).join("") ?? "";
    };
    expect(await read(lease(recogniser(), answer))).toBe("a b");
    const { faintSpace: _, ...without } = PARAMS;
    expect(await read(lease({ ...recogniser(), params: without }, answer))).toBe("ab");
    const spaceless = ALPHABET.map((c) => (c === " " ? "_" : c));
    expect(await read(lease(recogniser(), answer, spaceless))).toBe("ab");
  });
});
