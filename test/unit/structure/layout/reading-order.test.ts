import { describe, expect, it } from "vitest";
import { orderItems, readingOrderOf } from "../../../../src/structure/layout/reading-order.ts";
import type { BlockType, Rect } from "../../../../src/types.ts";

interface Region {
  readonly name: string;
  readonly type: BlockType;
  readonly box: Rect;
}

function region(
  name: string,
  x: number,
  y: number,
  width: number,
  height: number,
  type: BlockType = "text",
): Region {
  return { name, type, box: { x, y, width, height } };
}

/** Names in reading order, whatever the order in which the regions are given. */
function order(
  regions: readonly Region[],
  options: Parameters<typeof readingOrderOf>[1] = { lineHeight: 20 },
): string {
  const forwards = readingOrderOf(regions, options).map((i) => regions[i]?.name);
  const reversed = regions.toReversed();
  expect(readingOrderOf(reversed, options).map((i) => reversed[i]?.name)).toEqual(forwards);
  return forwards.join(" ");
}

const left = (name: string, y: number, height: number, type?: BlockType): Region =>
  region(name, 100, y, 380, height, type);
const right = (name: string, y: number, height: number, type?: BlockType): Region =>
  region(name, 520, y, 380, height, type);
const wide = (name: string, y: number, height: number, type?: BlockType): Region =>
  region(name, 100, y, 800, height, type);

describe("readingOrderOf", () => {
  it("has nothing to order without regions", () => {
    expect(readingOrderOf([])).toEqual([]);
  });

  it("reads columns through white space that crosses both of them by chance", () => {
    expect(
      order([left("a", 100, 200), left("b", 330, 200), right("c", 100, 190), right("d", 330, 250)]),
    ).toBe("a b c d");
  });

  it("reads what stands above a full-width part before it, and then columns anew", () => {
    const regions = [
      wide("title", 50, 40, "title"),
      left("a", 100, 200),
      right("b", 110, 190),
      wide("figure", 320, 300, "figure"),
      left("c", 640, 200),
      right("d", 640, 300),
    ];
    expect(order(regions)).toBe("title a b figure c d");
  });

  it("parts sections of two and of three columns", () => {
    const third = (name: string, i: number, y: number): Region =>
      region(name, 100 + i * 275, y, 250, 200);
    const regions = [
      left("a", 100, 200),
      right("b", 100, 200),
      third("c", 0, 330),
      third("d", 1, 330),
      third("e", 2, 330),
    ];
    expect(order(regions)).toBe("a b c d e");
  });

  it("parts sections at wide white space where columns do not run through the page", () => {
    const regions = [
      left("a", 100, 200),
      right("b", 100, 200),
      left("c", 400, 200),
      right("d", 400, 200),
      wide("e", 630, 50),
    ];
    expect(order(regions)).toBe("a b c d e");
  });

  it("reads a page with a narrow column beside a wide one", () => {
    const regions = [
      region("aside", 100, 100, 180, 800),
      region("a", 320, 100, 580, 300),
      region("b", 320, 420, 580, 480),
    ];
    expect(order(regions)).toBe("aside a b");
  });

  it("reads a letterhead before the short line under it, which ends where the letterhead begins", () => {
    const page = [
      region("letterhead", 142, 235, 158, 27),
      region("invoice", 469, 233, 77, 16, "title"),
      region("billed", 104, 282, 35, 10, "heading"),
      region("number", 406, 282, 74, 25),
      region("address", 104, 297, 85, 43),
      region("date", 406, 317, 98, 25),
      region("table", 104, 363, 458, 171, "table"),
    ];
    expect(order(page, { lineHeight: 12 })).toBe(
      "letterhead invoice billed address number date table",
    );
  });

  it("reads boxes that interlock like a windmill from the top left", () => {
    const regions = [
      region("north", 0, 0, 200, 90),
      region("east", 210, 0, 90, 200),
      region("south", 100, 210, 200, 90),
      region("west", 0, 100, 90, 200),
      region("middle", 100, 100, 100, 100),
    ];
    expect(order(regions)).toBe("north west middle east south");
  });

  it("keeps captions with what they explain: above, below and beside", () => {
    const regions = [
      left("a", 100, 200),
      left("under", 640, 30, "caption"),
      left("figure", 320, 310, "figure"),
      left("b", 690, 200),
      right("over", 100, 30, "caption"),
      right("table", 140, 200, "table"),
      right("c", 370, 200),
      region("chart", 520, 600, 180, 200, "chart"),
      region("beside", 710, 640, 190, 60, "caption"),
      right("d", 820, 70),
    ];
    expect(order(regions)).toBe("a figure under b over table c chart beside d");
  });

  it("reads a caption that belongs to nothing where it stands", () => {
    expect(
      order([left("a", 100, 200), left("lone", 320, 30, "caption"), left("b", 370, 100)]),
    ).toBe("a lone b");
  });

  it("puts the margins first and last", () => {
    const regions = [
      region("number", 480, 1340, 20, 20, "page-number"),
      wide("footer", 1310, 20, "footer"),
      left("note", 1200, 60, "footnote"),
      left("a", 100, 1050),
      right("b", 100, 1150),
      wide("head", 40, 20, "header"),
      region("stamp", 20, 300, 25, 500, "sidebar"),
    ];
    expect(order(regions)).toBe("head a b stamp note footer number");
  });

  it("reads columns from the right where the script runs that way", () => {
    const regions = [wide("title", 50, 30, "title"), left("a", 100, 200), right("b", 100, 210)];
    expect(order(regions, { lineHeight: 20, rightToLeft: true })).toBe("title b a");
  });

  it("reads formulas in running text with it", () => {
    const regions = [
      left("a", 100, 200),
      region("x", 150, 140, 40, 20, "inline-formula"),
      right("b", 100, 200),
    ];
    expect(order(regions)).toBe("a x b");
  });

  it("does not mind boxes that overlap a little", () => {
    const regions = [
      region("a", 100, 100, 412, 205),
      region("b", 100, 300, 410, 200),
      region("c", 506, 98, 400, 400),
    ];
    expect(order(regions, {})).toBe("a b c");
  });
});

describe("orderItems", () => {
  it("reads entries that stand in rows row by row", () => {
    const entries = [0, 1, 2].flatMap((row) =>
      [0, 1].map((column) => ({
        type: "text" as const,
        left: 100 + 300 * column,
        right: 250 + 300 * column,
        top: 100 + 40 * row,
        bottom: 120 + 40 * row,
        rows: 1,
      })),
    );
    expect(orderItems(entries, 20)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(
      orderItems(
        entries.map((entry) => ({ ...entry, rows: 3 })),
        20,
      ),
    ).toEqual([0, 2, 4, 1, 3, 5]);
  });

  it("reads what stands above a stroke first", () => {
    const box = (x: number, y: number): Parameters<typeof orderItems>[0][number] => ({
      type: "text",
      left: x,
      right: x + 380,
      top: y,
      bottom: y + 100,
      rows: 4,
    });
    const items = [box(100, 100), box(520, 100), box(100, 230), box(520, 230)];
    expect(orderItems(items, 20)).toEqual([0, 2, 1, 3]);
    expect(orderItems(items, 20, [{ left: 100, right: 900, top: 214, bottom: 216 }])).toEqual([
      0, 1, 2, 3,
    ]);
  });
});
