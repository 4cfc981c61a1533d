import { describe, expect, it } from "vitest";
import { findTables } from "../../../../src/structure/tables/find-tables.ts";
import type { Rulings } from "../../../../src/structure/rulings/ruling.ts";
import type { Line } from "../../../../src/types.ts";
import { across, gridRulings, rowsOfText, text, turnLines, turnRulings } from "./drawn-table.ts";

const PAGE = { width: 1000, height: 1400 };
const NONE: Rulings = { horizontal: [], vertical: [] };

/** Kind and whole pixels of each region. */
function find(lines: readonly Line[], rulings: Rulings = NONE): (string | number)[][] {
  return findTables(lines, rulings, PAGE).map(({ kind, box }) => [
    kind,
    ...[box.x, box.y, box.width, box.height].map(Math.round),
  ]);
}

/** Justified text of `width` letters. */
function prose(x: number, y: number, count: number, width: number): Line[] {
  const words = "structure of pages that engines read from pictures and other sources ";
  return Array.from({ length: count }, (_, i) => {
    const shifted = words
      .slice(i * 3)
      .padEnd(width, words)
      .slice(0, width - 1);
    return text(shifted.trimEnd().padEnd(width, "e"), x, y + 25 * i);
  });
}

const VALUES = [
  ["Name", "Mass", "Size"],
  ["iron", "55.8", "126"],
  ["copper", "63.5", "128"],
  ["silver", "107.9", "144"],
  ["gold", "197.0", "144"],
];
const LEFTS = [100, 300, 450];

describe("drawn grids", () => {
  it("are tables, with the text around them outside", () => {
    const lines = [
      text("Table 1 Elements", 100, 160),
      ...rowsOfText(VALUES, LEFTS, 205),
      text("as found by others", 100, 400),
    ];
    const rulings = gridRulings([90, 280, 430, 560], [200, 230, 260, 290, 320, 350]);
    expect(find(lines, rulings)).toEqual([["ruled", 90, 200, 470, 150]]);
  });

  it("may be open at the sides", () => {
    const { horizontal } = gridRulings([90, 560], [200, 230, 260, 290, 320, 350]);
    const vertical = [across(280, 200, 350), across(430, 200, 350)];
    expect(find(rowsOfText(VALUES, LEFTS, 205), { horizontal, vertical })).toEqual([
      ["ruled", 90, 200, 470, 150],
    ]);
  });

  it("are found on a page that is turned a little", () => {
    const degrees = 1.5;
    const level = gridRulings([90, 280, 430, 560], [200, 230, 260, 290, 320, 350]);
    const rulings = turnRulings(level, degrees);
    const [region] = findTables(turnLines(rowsOfText(VALUES, LEFTS, 205), degrees), rulings, PAGE);
    expect(region?.kind).toBe("ruled");
    // 470 · cos 1.5° + 150 · sin 1.5°, and the other way round.
    expect(region?.box.width).toBeCloseTo(473.8, 0);
    expect(region?.box.height).toBeCloseTo(162.2, 0);
  });

  it("are none around prose, a title or nothing", () => {
    const frame = gridRulings([80, 620], [180, 520]);
    expect(find(prose(100, 200, 12, 50), frame)).toEqual([]);
    const box = gridRulings([80, 620], [180, 230, 520]);
    expect(find([text("A box", 100, 195), ...prose(100, 240, 10, 50)], box)).toEqual([]);
    expect(
      find([text("elsewhere", 700, 700)], gridRulings([80, 300, 620], [180, 300, 520])),
    ).toEqual([]);
  });

  it("with several rows in one cell are read by the text", () => {
    const rulings = {
      horizontal: [across(200, 90, 560), across(230, 90, 560), across(350, 90, 560)],
      vertical: [across(280, 200, 350)],
    };
    expect(find(rowsOfText(VALUES, LEFTS, 205), rulings)).toEqual([["open", 90, 200, 470, 150]]);
  });
});

describe("tables between horizontal rulings", () => {
  const rules = (ys: readonly number[], from = 90, to = 560): Rulings => ({
    horizontal: ys.map((y) => across(y, from, to)),
    vertical: [],
  });

  it("need three lines of one extent and columns between them", () => {
    const lines = [...rowsOfText(VALUES, LEFTS, 205), ...prose(90, 400, 6, 47)];
    expect(find(lines, rules([200, 230, 352]))).toEqual([["open", 90, 200, 470, 152]]);
  });

  it("may have a line below each row, and only few rows", () => {
    expect(
      find(rowsOfText(VALUES, LEFTS, 205), rules([200, 230, 260, 290, 320, 350])),
    ).toHaveLength(1);
    expect(find(rowsOfText(VALUES.slice(0, 2), LEFTS, 205), rules([200, 230, 260]))).toHaveLength(
      1,
    );
  });

  it("are two where prose stands between", () => {
    const lines = [
      ...rowsOfText(VALUES, LEFTS, 205),
      ...prose(90, 400, 8, 47),
      ...rowsOfText(VALUES, LEFTS, 705),
    ];
    const found = find(lines, rules([200, 230, 352, 700, 730, 852]));
    expect(found.map(([, , y, , height]) => [y, height])).toEqual([
      [200, 152],
      [700, 152],
    ]);
  });

  it("end before the heading of what comes next, and leave a chart alone", () => {
    const axis = ["10%", "5%", "0%", "-5%"].map((tick, i) => text(tick, 100, 460 + 40 * i));
    const lines = [
      ...rowsOfText(VALUES, LEFTS, 205),
      text("Development", 95, 375),
      ...axis,
      text("2022", 180, 620),
      text("2023", 400, 620),
    ];
    expect(find(lines, rules([200, 230, 352, 410, 650]))).toEqual([["open", 90, 200, 470, 152]]);
  });

  it("go on below a head of which the rulings end", () => {
    const lines = rowsOfText(VALUES, LEFTS, 205);
    expect(find(lines, rules([200, 262]))).toEqual([["open", 90, 200, 470, 145]]);
  });

  it("are none between the rules of a page with two columns", () => {
    const lines = [...prose(60, 100, 40, 40), ...prose(520, 100, 40, 40)];
    expect(find(lines, rules([80, 1200], 60, 940))).toEqual([]);
  });
});

describe("tables without rulings", () => {
  it("are rows of short entries in columns", () => {
    const lines = [
      ...prose(90, 60, 4, 60),
      ...rowsOfText(VALUES, LEFTS, 205),
      ...prose(90, 420, 4, 60),
    ];
    expect(find(lines)).toEqual([["open", 100, 205, 390, 140]]);
  });

  it("are found beside prose", () => {
    const lines = [...prose(560, 100, 30, 38), ...rowsOfText(VALUES, [60, 260, 410], 205)];
    expect(find(lines)).toEqual([["open", 60, 205, 390, 140]]);
  });

  it("are found where the recogniser took each row for one line", () => {
    const lines = VALUES.map(([a = "", b = "", c = ""], i) =>
      text(`${a.padEnd(15)}${b.padEnd(12)}${c}`, 100, 205 + 30 * i),
    );
    expect(find(lines)).toHaveLength(1);
  });

  it.each<[string, Line[]]>([
    ["two columns of prose", [...prose(60, 100, 30, 40), ...prose(520, 100, 30, 40)]],
    ["three columns of prose", [60, 360, 660].flatMap((x) => prose(x, 100, 30, 27))],
    [
      "a numbered list",
      [1, 2, 3, 4, 5].flatMap((n) => [
        text(`${n}.`, 100, 100 + 30 * n),
        text(`item of the list ${n}`, 160, 100 + 30 * n),
      ]),
    ],
    [
      "a table of contents",
      ["Preface", "Methods", "Results", "Discussion", "Index"].flatMap((title, i) => [
        text(title, 100, 100 + 30 * i),
        text(String(3 + 17 * i), 800, 100 + 30 * i),
      ]),
    ],
    [
      "letters of a script without spaces, set wide",
      Array.from({ length: 12 }, (_, i) =>
        text(Array.from("比较文学作为一个学科的名称").join(" "), 100, 100 + 30 * i),
      ),
    ],
    [
      "two lines side by side",
      rowsOfText(
        [
          ["left", "right"],
          ["up", "down"],
        ],
        [100, 400],
        100,
      ),
    ],
    ["nothing", []],
  ])("are not %s", (_, lines) => {
    expect(find(lines)).toEqual([]);
  });
});
