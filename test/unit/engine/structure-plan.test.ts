import { describe, expect, it } from "vitest";
import type { StructureOptions } from "../../../src/options/structure.ts";
import { checkReadOptions } from "../../../src/options/engine.ts";
import { StructurePlan } from "../../../src/engine/structure-plan.ts";

const onUpdate = (): void => undefined;
const plan = (
  options: StructureOptions,
  facts: Partial<{ hasModels: boolean; repeatable: boolean }> = {},
): StructurePlan => new StructurePlan(options, { hasModels: true, repeatable: true, ...facts });

describe("what is analysed when", () => {
  it("is nothing unless it is asked for", () => {
    expect(plan({}).request("on", "ok")).toBeUndefined();
    expect(plan({ layout: false, tables: false }).request("on", "ok")).toBeUndefined();
  });

  it("names only what is on, so that the rest is never loaded", () => {
    expect(plan({ tables: true, formulas: false }).request("on", "ok")).toEqual({
      content: "page",
      analyses: ["tables"],
      useModels: true,
      level: "ok",
    });
    expect(plan({ layout: true }).request("on", "ok")).toMatchObject({ analyses: [] });
  });

  it("puts off what is deferred, and does it with the rest", () => {
    const some = plan({ tables: true, formulas: "defer", onUpdate });
    expect(some.request("on", "ok")).toMatchObject({ analyses: ["tables"] });
    expect(some.late).toEqual(["formulas"]);
    expect(some.lateRequest.analyses).toEqual(["tables", "formulas"]);
  });

  it("analyses at once what cannot be opened a second time", () => {
    const some = plan({ tables: "defer", onUpdate }, { repeatable: false });
    expect(some.request("on", "ok")).toMatchObject({ analyses: ["tables"] });
    expect(some.late).toEqual([]);
  });

  it("puts models off while memory is short, if somebody hears of it", () => {
    const some = plan({ tables: true, onUpdate });
    expect(some.request("defer", "warning")).toMatchObject({ analyses: [], useModels: false });
    expect(some.late).toEqual(["tables"]);
  });

  it("does without models while memory is short, if nobody would hear of it", () => {
    const some = plan({ tables: true });
    expect(some.request("defer", "warning")).toMatchObject({
      analyses: ["tables"],
      useModels: false,
    });
    expect(some.late).toEqual([]);
    expect(some.request("skip", "critical")).toMatchObject({ useModels: false });
  });

  it("always has what the content is", () => {
    expect(plan({ content: "table", tables: "defer", onUpdate }).request("on", "ok")).toEqual({
      content: "table",
      analyses: ["tables"],
      useModels: true,
      level: "ok",
    });
  });
});

describe("structure options", () => {
  it.each([
    [{ layout: "yes" }, "layout"],
    [{ tables: "later" }, "tables"],
    [{ content: "chart" }, "content"],
    [{ onUpdate: 1 }, "onUpdate"],
    [{ layout: false, tables: true }, "layout"],
    [{ detectOnly: true, layout: true }, "detectOnly"],
    [{ recognizeOnly: true, formulas: true }, "recognizeOnly"],
    [{ formulas: "defer" }, "formulas"],
  ])("refuse %j", (options, name) => {
    expect(() => checkReadOptions(options as object)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(name) }),
    );
  });
});
