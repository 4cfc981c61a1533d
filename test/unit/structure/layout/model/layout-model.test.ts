import { describe, expect, it } from "vitest";
import type { LayoutModel } from "../../../../../src/catalog/manifest/manifest.ts";
import { layoutParams } from "../../../../../src/catalog/presets/structure-families.ts";
import type { LayoutFamily } from "../../../../../src/catalog/presets/structure-families.ts";
import {
  DOC_LAYOUT_M,
  DOC_LAYOUT_S,
  DOC_LAYOUT_V3,
} from "../../../../../src/catalog/presets/structure-layouts.ts";
import type { Feeds, Tensor } from "../../../../../src/gpu/tensor.ts";
import type { ModelLease } from "../../../../../src/models/lease.ts";
import { blockTypeOf } from "../../../../../src/structure/layout/model/layout-model.ts";
import { chooseLayout } from "../../../../../src/structure/page/structure-models.ts";
import { detectLayout } from "../../../../../src/structure/layout/model/layout-model.ts";
import type { RgbaImage } from "../../../../../src/types.ts";

const IMAGE: RgbaImage = {
  data: new Uint8Array(400 * 200 * 4).fill(200),
  width: 400,
  height: 200,
};

interface Fake {
  readonly inputs?: readonly string[];
  readonly columns?: number;
  /** How many of the rows count. */
  readonly count?: number;
}

/** A lease whose graph returns these rows, and the feeds that it got. */
function fake(
  family: LayoutFamily,
  rows: readonly (readonly number[])[],
  {
    inputs = ["im_shape", "image", "scale_factor"],
    columns = rows[0]?.length ?? 6,
    count,
  }: Fake = {},
): { lease: ModelLease<LayoutModel>; feeds: Feeds[]; fetched: unknown[] } {
  const feeds: Feeds[] = [];
  const fetched: unknown[] = [];
  const boxes: Tensor = { data: Float32Array.from(rows.flat()), dims: [rows.length, columns] };
  const counts: Tensor = { data: Float32Array.of(count ?? rows.length), dims: [1] };
  const model: LayoutModel = {
    role: "layout",
    id: family,
    license: "MIT",
    params: layoutParams(family),
    variants: [{ precision: "fp32", onnx: { name: "x.onnx", url: "https://host/x.onnx" } }],
  };
  const lease = {
    model,
    alphabet: [],
    session: {
      backend: "wasm" as const,
      inputNames: inputs,
      outputNames: ["boxes", "counts", "masks"],
      run: (given: Feeds, outputs?: readonly string[]) => {
        feeds.push(given);
        fetched.push(outputs);
        return Promise.resolve({ boxes, counts });
      },
    },
    [Symbol.dispose]: () => undefined,
  };
  return { lease, feeds, fetched };
}

const label = (family: LayoutFamily, name: string): number =>
  layoutParams(family).labels.indexOf(name);

describe("a layout model", () => {
  it("is fed what its graph asks for, heights before widths, and never asked for masks", async () => {
    const v3 = fake("PP-DocLayoutV3", [[22, 0.9, 1, 2, 100, 90, 7]]);
    await detectLayout(IMAGE, v3.lease);
    expect(Object.keys(v3.feeds[0] ?? {})).toEqual(["im_shape", "image", "scale_factor"]);
    expect(v3.feeds[0]?.["im_shape"]).toEqual({ data: Float32Array.of(800, 800), dims: [1, 2] });
    expect(v3.feeds[0]?.["scale_factor"]?.data).toEqual(Float32Array.of(4, 2));
    expect(v3.feeds[0]?.["image"]?.dims).toEqual([1, 3, 800, 800]);
    expect(v3.fetched).toEqual([["boxes", "counts"]]);

    const small = fake("PP-DocLayout-S", [[2, 0.9, 1, 2, 100, 90]], {
      inputs: ["image", "scale_factor"],
    });
    await detectLayout(IMAGE, small.lease);
    expect(Object.keys(small.feeds[0] ?? {})).toEqual(["image", "scale_factor"]);
    expect(small.feeds[0]?.["image"]?.dims).toEqual([1, 3, 480, 480]);
    // Grey 200 under the ImageNet constants: (200/255 − 0.485) / 0.229 in the first plane, red.
    expect(small.feeds[0]?.["image"]?.data[0]).toBeCloseTo((200 / 255 - 0.485) / 0.229, 5);
  });

  it("counts only as many rows as the graph says, and none without a class", async () => {
    const rows = [
      [22, 0.9, 0, 0, 100, 50, 2],
      [-1, 0.9, 0, 60, 100, 90, 1],
      [22, 0.9, 0, 100, 100, 190, 0],
      [22, 0.9, 200, 0, 300, 50, 3],
    ];
    const { lease } = fake("PP-DocLayoutV3", rows, { count: 3 });
    const found = await detectLayout(IMAGE, lease);
    expect(found.map(({ box, order }) => [box.y, order])).toEqual([
      [100, 0],
      [0, 1],
    ]);
  });

  it("has thresholds for single classes, which a score must exceed", async () => {
    const [text, image] = ["text", "image"].map((name) => label("PP-DocLayout_plus-L", name));
    const rows = [
      [text, 0.41, 0, 0, 50, 50],
      [text, Math.fround(0.4), 60, 0, 110, 50],
      [image, 0.49, 0, 100, 50, 150],
      [image, 0.51, 60, 100, 110, 150],
    ] as number[][];
    const { lease } = fake("PP-DocLayout_plus-L", rows);
    const params = { ...lease.model.params, thresholds: { text: Math.fround(0.4) } };
    const found = await detectLayout(IMAGE, { ...lease, model: { ...lease.model, params } });
    expect(found.map(({ type, box }) => [type, box.x])).toEqual([
      ["figure", 60],
      ["text", 0],
    ]);
    expect(found[0]).not.toHaveProperty("order");
  });

  it("refuses graphs that are something else", async () => {
    const { lease } = fake("PP-DocLayoutV3", [[1, 2, 3, 4]], { columns: 4 });
    await expect(detectLayout(IMAGE, lease)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("[1, 4]"),
    });
    const other = fake("PP-DocLayoutV3", [[0, 1, 0, 0, 9, 9, 1]], { inputs: ["x"] });
    await expect(detectLayout(IMAGE, other.lease)).rejects.toThrow(/"x" beside image, im_shape/);
  });

  it("does not run when it was aborted", async () => {
    const { lease, feeds } = fake("PP-DocLayoutV3", [[0, 1, 0, 0, 9, 9, 1]]);
    const signal = AbortSignal.abort();
    await expect(detectLayout(IMAGE, lease, { signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(feeds).toEqual([]);
  });

  it("knows what every class of every family is", () => {
    const families = ["PP-DocLayoutV3", "PP-DocLayout_plus-L", "PP-DocLayout-L"] as const;
    const texts = families.flatMap((family) =>
      layoutParams(family).labels.filter((name) => blockTypeOf(name) === "text"),
    );
    expect(new Set(texts)).toEqual(new Set(["text", "vertical_text"]));
    expect(blockTypeOf("doc_title")).toBe("title");
    expect(blockTypeOf("image")).toBe("figure");
  });
});

describe("the choice of a layout model", () => {
  const models = [DOC_LAYOUT_V3, DOC_LAYOUT_M, DOC_LAYOUT_S];
  const at = (level: "ok" | "warning" | "critical" | "unknown", room?: number): string =>
    chooseLayout(models, { level, room, backend: "webgpu" })?.id ?? "none";

  it.each([
    ["ok", undefined, "PP-DocLayoutV3"],
    // 130.5 MB on WebGPU at 1.5 bytes each; 4.9 MB on wasm at 3.
    ["ok", 195_000_000, "PP-DocLayout-M"],
    ["ok", 14_900_000, "PP-DocLayout-S"],
    ["ok", 14_700_000, "none"],
    ["warning", undefined, "PP-DocLayout-S"],
    ["unknown", undefined, "PP-DocLayout-S"],
    ["critical", undefined, "none"],
  ] as const)("at level %s with room for %s bytes is %s", (level, room, id) => {
    expect(at(level, room)).toBe(id);
  });

  it("is none where a set has none", () => {
    expect(chooseLayout([], { level: "ok", backend: "wasm" })).toBeUndefined();
  });
});
