import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../../src/catalog/presets/embedded.ts";
import { filesOf } from "../../../../src/catalog/manifest/manifest.ts";
import type { LayoutModel } from "../../../../src/catalog/manifest/manifest.ts";
import { resolveModels } from "../../../../src/catalog/reading/resolve.ts";
import { PRESETS } from "../../../../src/catalog/presets/presets.ts";
import {
  STRUCTURE_PRESETS,
  findStructurePreset,
  withStructure,
} from "../../../../src/catalog/presets/structure-presets.ts";

describe("structure presets", () => {
  const sets = [...STRUCTURE_PRESETS.values()].map((models) => withStructure(EMBEDDED, models));

  it("have pinned and hashed files, named once", () => {
    const urls = new Map<string, string>();
    for (const set of [...PRESETS.values(), ...sets]) {
      for (const file of filesOf(set)) {
        expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(file.url).not.toMatch(/\/resolve\/(main|master)\//);
        expect(urls.get(file.name) ?? file.url).toBe(file.url);
        urls.set(file.name, file.url);
      }
    }
    expect(urls.get("pp-formulanet-tokenizer.json")).toContain("/v0.3.0/");
  });

  it("pass the validation of manifests, as they are and as JSON", async () => {
    for (const set of sets) {
      expect(await resolveModels(set)).toEqual(set);
      const { structure } = JSON.parse(JSON.stringify(set)) as { structure: unknown };
      const manifest = { ...PRESETS.get("ppocr-v6-tiny"), structure };
      const fetch = async (): Promise<Response> => Response.json(manifest);
      const read = await resolveModels("https://host/manifest.json", { fetch });
      expect(read.structure).toEqual(set.structure);
    }
  });

  it("tell where each model came from", () => {
    const revisions = sets.flatMap(({ structure = [] }) =>
      structure.map((model) => model.revision),
    );
    expect(revisions.every((revision) => /^(v[\d.]+|[0-9a-f]{40})$/.test(revision ?? ""))).toBe(
      true,
    );
  });

  it("run graphs with operators that WebGPU lacks on wasm", () => {
    const wasm = new Set<string>();
    for (const { structure = [] } of sets) {
      for (const { id, backend } of structure) if (backend === "wasm") wasm.add(id);
    }
    expect([...wasm].sort()).toEqual([
      "CoMER_decoder",
      "CoMER_encoder",
      "PP-DocLayout-M",
      "PP-DocLayout-S",
      "PP-FormulaNet_plus-L",
      "PP-FormulaNet_plus-M",
      "PP-FormulaNet_plus-S",
      "SLANeXt_wired",
      "SLANeXt_wireless",
      "SLANet_plus",
    ]);
  });

  it("know the classes of each layout family", () => {
    const classes = (name: string): number =>
      (findStructurePreset(name)[0] as LayoutModel).params.labels.length;
    expect(classes("pp-doclayout-v3")).toBe(25);
    expect(classes("pp-doclayout-v2")).toBe(25);
    expect(classes("pp-doclayout-plus-l")).toBe(20);
    expect(classes("pp-doclayout-s")).toBe(23);
    expect(classes("pp-docblocklayout")).toBe(1);
  });

  it("that do not exist are refused with those that do", () => {
    expect(() => findStructurePreset("layout")).toThrow(/"layout".*pp-doclayout-v3.*comer/);
  });
});
