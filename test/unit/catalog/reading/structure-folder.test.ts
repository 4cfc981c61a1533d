import { describe, expect, it } from "vitest";
import {
  findStructureModels,
  structureInFolder,
} from "../../../../src/catalog/reading/structure-folder.ts";
import { resolveModels } from "../../../../src/catalog/reading/resolve.ts";

const entries = (...paths: string[]) =>
  paths.map((path) => ({ path, url: `file:///models/${path}`, bytes: 7 }));

describe("structureInFolder", () => {
  it.each(["SLANet_plus.onnx", "slanet_plus/inference.onnx", "SLANet_plus_onnx/inference.onnx"])(
    "knows %s",
    (path) => {
      const [model, ...others] = structureInFolder("/models", entries("notes.txt", path));
      expect(others).toEqual([]);
      expect(model).toMatchObject({ id: "SLANet_plus", role: "table-structure" });
      expect(model?.variants[0].onnx).toMatchObject({ url: `file:///models/${path}`, bytes: 7 });
      expect(model?.variants[0].onnx).not.toHaveProperty("sha256");
    },
  );

  it("keeps the order of preference", () => {
    const models = findStructureModels("/m", entries("PP-DocLayout-S.onnx", "PP-DocLayoutV3.onnx"));
    expect(models.map(({ id }) => id)).toEqual(["PP-DocLayoutV3", "PP-DocLayout-S"]);
  });

  it("says what it looked for and what there is", () => {
    const find = () => structureInFolder("/models", entries("other.onnx"));
    expect(find).toThrow(/SLANet_plus\.onnx.*The folder holds: other\.onnx/);
    expect(findStructureModels("/models", entries("other.onnx"))).toEqual([]);
  });

  it("wants the vocabulary of a formula model beside it", () => {
    const alone = () => structureInFolder("/models", entries("PP-FormulaNet_plus-S.onnx"));
    expect(alone).toThrow(/vocabulary/);
  });
});

it("a folder of text models brings its structure models along", async () => {
  const names = [
    "PP-OCRv6_tiny_det.onnx",
    "PP-OCRv6_tiny_rec.onnx",
    "dict.txt",
    "SLANet_plus.onnx",
  ];
  const listFolder = async () => entries(...names);
  const set = await resolveModels(new URL("file:///models/"), { listFolder });
  expect(set.structure?.map(({ id }) => id)).toEqual(["SLANet_plus"]);
});
