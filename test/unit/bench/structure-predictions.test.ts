import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BlockRegion, Reader } from "../../bench/structure/predictions.ts";
import { folderReader, savingReader } from "../../bench/structure/predictions.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "predictions-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const BLOCK: BlockRegion = {
  type: "text",
  polygon: [
    [0, 0],
    [9, 0],
    [9, 9],
    [0, 9],
  ],
  confidence: 1,
};

test("what was saved is read again", async () => {
  const source: Reader = {
    markdown: async (name) => `# ${name}`,
    tableHtml: async () => "<table></table>",
    blocks: async () => [BLOCK],
  };
  const saving = savingReader(source, join(folder, "new"));
  expect(await saving.markdown("a", "a.png")).toBe("# a");
  await saving.tableHtml("a", "a.png");
  await saving.blocks("a", "a.png");
  const saved = folderReader(join(folder, "new"));
  expect(await saved.markdown("a", "")).toBe("# a");
  expect(await saved.tableHtml("a", "")).toBe("<table></table>");
  expect(await saved.blocks("a", "")).toEqual([BLOCK]);
});

test("a missing prediction is named", async () => {
  await expect(folderReader(folder).markdown("b", "")).rejects.toThrow(join(folder, "b.md"));
});
