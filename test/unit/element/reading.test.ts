import { describe, expect, it } from "vitest";
import type { PagesOptions } from "../../../src/options/pages.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { readParts } from "../../../src/element/reading.ts";
import type { ReadPage, ReadingProgress } from "../../../src/element/reading.ts";
import type { Part } from "../../../src/element/source.ts";
import { presentPage } from "../../../src/output/present-page.ts";
import { PAGE } from "../pool/fake-worker.ts";

const part = (name: string): Part => ({ file: new Blob([name]), name, kind: "pdf" });

/** Documents with as many pages as told, the last of which is told of again when the others are out. */
function engineWith(counts: readonly number[]): Engine {
  let next = 0;
  const pages = async function* (_file: unknown, options: PagesOptions) {
    const total = counts[next++] ?? 0;
    options.onProgress?.({ stage: "page", done: 0, total });
    options.onProgress?.({ stage: "download", done: 1, total: 2, name: "a model" });
    for (let number = 1; number <= total; number++) {
      yield presentPage({ ...PAGE, number, source: "ocr" as const });
    }
    const page = presentPage({ ...PAGE, text: "later", number: total, source: "ocr" as const });
    options.onUpdate?.({ page, analyses: ["formulas"] });
  };
  return { pages } as unknown as Engine;
}

describe("readParts", () => {
  it("counts pages through all files, and tells how far it is", async () => {
    const read: ReadPage[] = [];
    const updated: ReadPage[] = [];
    const progress: ReadingProgress[] = [];
    const [a, b] = [part("a.pdf"), part("b.pdf")];
    await readParts(
      engineWith([2, 3]),
      [a, b],
      {},
      {
        onPage: (page) => read.push(page),
        onUpdate: (page) => updated.push(page),
        onProgress: (state) => progress.push(state),
      },
    );
    expect(read.map(({ index, page, part: of }) => [index, of.name, page.number])).toEqual([
      [0, "a.pdf", 1],
      [1, "a.pdf", 2],
      [2, "b.pdf", 1],
      [3, "b.pdf", 2],
      [4, "b.pdf", 3],
    ]);
    expect(updated.map(({ index, page }) => [index, page.text])).toEqual([
      [1, "later"],
      [4, "later"],
    ]);
    expect(progress[0]).toEqual({ done: 0, total: 3 });
    expect(progress[1]?.detail).toMatchObject({ stage: "download", name: "a model" });
    expect(progress.at(-1)).toMatchObject({ done: 5, total: 5, left: 0 });
  });
});
