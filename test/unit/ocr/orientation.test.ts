import { describe, expect, it } from "vitest";
import { V2_ORIENTATION } from "../../../src/catalog/presets/families.ts";
import type { Tensor } from "../../../src/gpu/tensor.ts";
import { findUpsideDown } from "../../../src/ocr/orientation.ts";
import { rotateCorners } from "../../../src/ocr/geometry.ts";
import { type Answer, box, classifier, lease, paint, plain } from "./hand-made.ts";

/** Probabilities of the labels for each crop in turn. */
function answers(rows: readonly (readonly number[])[], seen: Tensor[] = []): Answer {
  let next = 0;
  return (input) => {
    seen.push(input);
    const count = input.dims[0] as number;
    const data = Float32Array.from(rows.slice(next, next + count).flat());
    next += count;
    return { data, dims: [count, rows[0]?.length ?? 0] };
  };
}

const image = plain(200, 100);
const quad = box(10, 10, 100, 20);
const none = [0, 0, 0];
const one = [1, 1, 1];
/** (x/255 − 0) / 1: planes hold 0 … 1. */
const RAW = { mean: none, std: one } as unknown as Pick<typeof V2_ORIENTATION, "mean" | "std">;

describe("findUpsideDown", () => {
  it("turns a line from the threshold on", async () => {
    const rows = [
      [0.25, 0.75],
      [0.26, 0.74],
      [1, 0],
    ];
    const model = lease(classifier({ threshold: 0.75 }), answers(rows));
    expect(await findUpsideDown(image, [quad, quad, quad], model)).toEqual([true, false, false]);
  });

  it("finds 180° among the labels", async () => {
    const params = { labels: [180, 0], threshold: 0.9 };
    const rows = [
      [0.95, 0.05],
      [0.05, 0.95],
    ];
    const model = lease(classifier(params), answers(rows));
    expect(await findUpsideDown(image, [quad, quad], model)).toEqual([true, false]);
  });

  it("classifies eight at a time, in order", async () => {
    const upsideDown = Array.from({ length: 19 }, (_, i) => i % 3 === 0);
    const seen: Tensor[] = [];
    const rows = upsideDown.map((flag) => (flag ? [0, 1] : [1, 0]));
    const model = lease(classifier(), answers(rows, seen));
    const quads = upsideDown.map(() => quad);
    expect(await findUpsideDown(image, quads, model)).toEqual(upsideDown);
    expect(seen.map((t) => t.dims)).toEqual([
      [8, 3, 80, 160],
      [8, 3, 80, 160],
      [3, 3, 80, 160],
    ]);
  });

  it("runs nothing for no lines", async () => {
    const model = lease(classifier(), () => expect.unreachable());
    expect(await findUpsideDown(image, [], model)).toEqual([]);
  });

  it("stretches the whole crop over the input, in the model's channel order", async () => {
    const picture = plain(200, 100, 0);
    paint(picture, { x: 10, y: 10, width: 100, height: 20 }, [255, 102, 51]);
    const seen: Tensor[] = [];
    const model = lease(classifier(RAW), answers([[1, 0]], seen));
    await findUpsideDown(picture, [quad], model);
    // Red, green, blue: 1, 0.4, 0.2 everywhere.
    const plane = 160 * 80;
    const wrong = seen[0]?.data.findIndex(
      (v, i) => Math.abs(v - ([1, 0.4, 0.2][Math.floor(i / plane)] as number)) > 1e-5,
    );
    expect(wrong).toBe(-1);
  });

  it("keeps the proportions and pads with zeros for the older classifier", async () => {
    // 96 × 24 at a height of 48 is 192 wide: all of it. 40 × 24 is 80 wide.
    const seen: Tensor[] = [];
    const params = { ...V2_ORIENTATION, ...RAW };
    const rows = [
      [1, 0],
      [1, 0],
      [1, 0],
    ];
    const model = lease(classifier(params), answers(rows, seen));
    const quads = [box(0, 0, 96, 24), box(0, 0, 40, 24), box(0, 0, 190, 24)];
    await findUpsideDown(image, quads, model);
    expect(seen[0]?.dims).toEqual([3, 3, 48, 192]);
    const used = [192, 80, 192]; // the third would need 380 and is squeezed
    const size = 3 * 48 * 192;
    const wrong = seen[0]?.data.findIndex((v, i) => {
      const white = i % 192 < (used[Math.floor(i / size)] as number);
      return Math.abs(v - (white ? 1 : 0)) > 1e-5;
    });
    expect(wrong).toBe(-1);
  });

  it("cuts along the line's own top", async () => {
    // The left half is black, the right half white; from the other end it is white first.
    const picture = plain(100, 20);
    paint(picture, { x: 0, y: 0, width: 50, height: 20 }, 0);
    const seen: Tensor[] = [];
    const rows = [
      [1, 0],
      [1, 0],
    ];
    const model = lease(classifier(RAW), answers(rows, seen));
    const upright = box(0, 0, 100, 20);
    await findUpsideDown(picture, [upright, rotateCorners(upright, 2)], model);
    const first = [0, 1].map((n) => seen[0]?.data[n * 3 * 80 * 160 + 40 * 160 + 10]);
    expect(first[0]).toBeCloseTo(0, 5);
    expect(first[1]).toBeCloseTo(1, 5);
  });

  it.each([
    ["three labels", () => ({ data: new Float32Array(3), dims: [1, 3] })],
    ["nothing", () => undefined],
  ])("rejects a network that returns %s", async (_, answer) => {
    const model = lease(classifier(), answer);
    await expect(findUpsideDown(image, [quad], model)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });
});
