import { describe, expect, it } from "vitest";
import { readCharts } from "../../../src/tasks/read-charts.ts";
import type { Block, Page } from "../../../src/types.ts";
import { page } from "../output/hand-made.ts";

const block = (type: Block["type"], more: Partial<Block> = {}): Block => ({
  type,
  polygon: [
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
  ],
  order: 0,
  confidence: 1,
  text: "as it was",
  lines: [],
  ...more,
});

const image = { data: new Uint8Array(16), width: 2, height: 2 };
const withBlocks = (...blocks: Block[]): Page => ({ ...page([]), blocks });
const never = new AbortController().signal;

describe("a reader of charts", () => {
  it("gets every picture, and what it finds is in the block", async () => {
    const charts = withBlocks(block("text"), block("chart", { image }), block("figure", { image }));
    const table = { rows: 0, columns: 0, cells: [] };
    await readCharts(
      charts,
      async (picture, context) =>
        context.block.type === "chart" ? { table, text: `${picture.width} wide` } : undefined,
      never,
    );
    expect(charts.blocks).toMatchObject([
      { text: "as it was" },
      { text: "2 wide", table },
      { text: "as it was" },
    ]);
  });

  it("is not waited for after an abort, and not asked when there is one already", async () => {
    const stop = new AbortController();
    let asked = 0;
    const reader = (): Promise<never> => {
      asked++;
      return new Promise(() => undefined);
    };
    const charts = withBlocks(block("chart", { image }));
    const reading = readCharts(charts, reader, stop.signal);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
    await expect(readCharts(charts, reader, stop.signal)).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(asked).toBe(1);
  });
});
