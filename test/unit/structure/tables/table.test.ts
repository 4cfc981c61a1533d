import { describe, expect, it } from "vitest";
import type { Rulings } from "../../../../src/structure/rulings/ruling.ts";
import { readTable } from "../../../../src/structure/tables/table.ts";
import { tableText } from "../../../../src/structure/tables/text.ts";
import type { Line, Rect, Table } from "../../../../src/types.ts";
import { across, gridRulings, rowsOfText, text, turnLines, turnRulings } from "./drawn-table.ts";

const NONE: Rulings = { horizontal: [], vertical: [] };
const BOX: Rect = { x: 90, y: 190, width: 500, height: 400 };

/** Cells as `row,column rows×columns text`; heads are marked with `#`. */
function shown({ cells }: Table): string[] {
  return cells.map(
    ({ row, column, rowSpan, columnSpan, text: content, header }) =>
      `${header ? "#" : ""}${row},${column} ${rowSpan}×${columnSpan} ${content}`,
  );
}

function texts(table: Table): string[][] {
  return tableText(table)
    .split("\n")
    .map((row) => row.split("\t"));
}

const open = (lines: readonly Line[], rulings: Rulings = NONE): Table =>
  readTable({ box: BOX, kind: "open" }, lines, rulings);

describe("a ruled table", () => {
  const XS = [90, 250, 410, 570];
  const YS = [200, 240, 280, 320];
  const box: Rect = { x: 90, y: 200, width: 480, height: 120 };
  const ruled = (lines: readonly Line[], rulings: Rulings): Table =>
    readTable({ box, kind: "ruled" }, lines, rulings);
  const ROWS = [
    ["Name", "Mass", "Size"],
    ["iron", "55.8", "126"],
    ["gold", "197.0", ""],
  ];

  it("has a cell for each field, with its place on the page", () => {
    const lines = [...rowsOfText(ROWS, [100, 260, 420], 210, 40), text("outside", 100, 400)];
    const table = ruled(lines, gridRulings(XS, YS));
    expect(shown(table)).toEqual([
      "#0,0 1×1 Name",
      "#0,1 1×1 Mass",
      "#0,2 1×1 Size",
      "1,0 1×1 iron",
      "1,1 1×1 55.8",
      "1,2 1×1 126",
      "2,0 1×1 gold",
      "2,1 1×1 197.0",
      "2,2 1×1 ",
    ]);
    expect(table.cells[4]?.polygon).toEqual([
      [250, 240],
      [410, 240],
      [410, 280],
      [250, 280],
    ]);
    expect([table.rows, table.columns]).toEqual([3, 3]);
  });

  it("cuts a line of text that runs over several cells, with words and without", () => {
    const line = text("iron            55.8            126", 100, 250);
    const { words: _, ...bare } = { ...line, text: "iron            55.8            126" };
    for (const each of [line, bare]) {
      expect(texts(ruled([each], gridRulings(XS, YS)))[1]).toEqual(["iron", "55.8", "126"]);
    }
  });

  it("spans rows and columns where rulings are missing", () => {
    const rulings = {
      horizontal: [
        across(200, 90, 570),
        across(240, 250, 570),
        across(280, 90, 570),
        across(320, 90, 570),
      ],
      vertical: [
        across(90, 200, 320),
        across(250, 200, 320),
        across(410, 240, 320),
        across(570, 200, 320),
      ],
    };
    const lines = [
      text("Name", 100, 230),
      text("Measures", 330, 210),
      ...rowsOfText(
        [
          ["", "Mass", "Size"],
          ["iron", "55.8", "126"],
        ],
        [100, 260, 420],
        250,
        40,
      ),
    ];
    expect(shown(ruled(lines, rulings))).toEqual([
      "#0,0 2×1 Name",
      "#0,1 1×2 Measures",
      "#1,1 1×1 Mass",
      "#1,2 1×1 Size",
      "2,0 1×1 iron",
      "2,1 1×1 55.8",
      "2,2 1×1 126",
    ]);
  });

  it("stays a grid of rectangles where the missing rulings make another shape", () => {
    // Without the borders to the right of and below (0, 0), (1, 1) would be the missing corner.
    const rulings = {
      horizontal: [
        across(200, 90, 570),
        across(240, 250, 570),
        across(280, 90, 570),
        across(320, 90, 570),
      ],
      vertical: [
        across(90, 200, 320),
        across(250, 240, 320),
        across(410, 200, 320),
        across(570, 200, 320),
      ],
    };
    const table = ruled([], rulings);
    const covered = table.cells.reduce((sum, c) => sum + c.rowSpan * c.columnSpan, 0);
    expect(table.cells[0]).toMatchObject({ row: 0, column: 0, rowSpan: 2, columnSpan: 2 });
    expect(covered).toBe(table.rows * table.columns);
  });

  it("takes no underline, no second line of a border and no stroke of a letter for a border", () => {
    const { horizontal, vertical } = gridRulings(XS, YS);
    const rulings = {
      horizontal: [...horizontal, across(271, 260, 300), across(244, 90, 570)],
      vertical: [...vertical, across(274, 240, 280)],
    };
    const lines = rowsOfText(ROWS, [100, 260, 420], 210, 40);
    expect(texts(ruled(lines, rulings))).toEqual(ROWS);
  });

  it("joins the lines of a cell: divided words, and scripts without spaces", () => {
    const tall = gridRulings([90, 330, 570], [200, 320]);
    const lines = [
      text("a recog-", 100, 210),
      text("nised page", 100, 235),
      text("中文", 340, 210),
      text("表格", 340, 235),
    ];
    expect(texts(ruled(lines, tall))).toEqual([["a recognised page", "中文表格"]]);
  });

  it("is read level on a page that is turned", () => {
    const lines = rowsOfText(ROWS, [100, 260, 420], 210, 40);
    const rulings = gridRulings(XS, YS);
    const turned = readTable(
      { box: { x: 75, y: 198, width: 500, height: 145 }, kind: "ruled" },
      turnLines(lines, 2),
      turnRulings(rulings, 2),
    );
    expect(texts(turned)).toEqual(ROWS);
    // (250, 240), turned by two degrees around the origin.
    const corner = turned.cells[4]?.polygon?.[0] ?? [0, 0];
    expect(corner[0]).toBeCloseTo(250 * Math.cos(Math.PI / 90) - 240 * Math.sin(Math.PI / 90), 0);
    expect(corner[1]).toBeCloseTo(240 * Math.cos(Math.PI / 90) + 250 * Math.sin(Math.PI / 90), 0);
  });
});

describe("an open table", () => {
  const LEFTS = [100, 300, 430, 540];
  const VALUES = [
    ["Name", "Mass", "Size"],
    ["iron", "55.8", "126"],
    ["copper", "63.5", ""],
    ["silver", "107.9", "144"],
    ["gold", "197.0", "144"],
  ];

  it("has its columns between the gutters and a row for each line", () => {
    const table = open(rowsOfText(VALUES, LEFTS, 205));
    expect(texts(table)).toEqual(VALUES);
    expect(table.cells.filter(({ header }) => header).map(({ text: name }) => name)).toEqual(
      VALUES[0],
    );
    const placed = table.cells.filter(({ polygon }) => polygon !== undefined);
    expect(placed).toEqual(table.cells.filter((cell) => cell.text !== ""));
  });

  it("has the head above its first inner ruling", () => {
    const rows = [
      ["Name", "Origin"],
      ["iron", "earth"],
      ["gold", "stars"],
      ["ruby", "earth"],
    ];
    const rules = { horizontal: [200, 230, 320].map((y) => across(y, 90, 500)), vertical: [] };
    expect(shown(open(rowsOfText(rows, LEFTS, 205), rules)).slice(0, 3)).toEqual([
      "#0,0 1×1 Name",
      "#0,1 1×1 Origin",
      "1,0 1×1 iron",
    ]);
  });

  it("has heads over the columns of the short ruling below them", () => {
    const rows = [
      ["", "Measures", ""],
      ["Name", "Mass", "Size"],
      ["iron", "55.8", "126"],
      ["gold", "197.0", "144"],
      ["lead", "207.2", "180"],
    ];
    const rules = {
      horizontal: [
        across(200, 90, 500),
        across(229, 295, 490),
        across(260, 90, 500),
        across(350, 90, 500),
      ],
      vertical: [],
    };
    expect(shown(open(rowsOfText(rows, LEFTS, 205), rules)).slice(0, 5)).toEqual([
      "#0,0 2×1 Name",
      "#0,1 1×2 Measures",
      "#1,1 1×1 Mass",
      "#1,2 1×1 Size",
      "2,0 1×1 iron",
    ]);
  });

  it("has heads over the columns in whose middle they stand", () => {
    const rows = [
      ["Name", "a", "b", "a", "b"],
      ["iron", "1", "2", "3", "4"],
      ["gold", "5", "6", "7", "8"],
      ["lead", "5", "6", "7", "8"],
      ["zinc", "5", "6", "7", "8"],
    ];
    const lines = [
      text("old", 275, 175),
      text("new", 415, 175),
      ...rowsOfText(rows, [100, 250, 320, 390, 460], 205),
    ];
    const rules = { horizontal: [170, 230, 350].map((y) => across(y, 90, 500)), vertical: [] };
    const box = { x: 90, y: 165, width: 420, height: 190 };
    const table = readTable({ box, kind: "open" }, lines, rules);
    expect(shown(table).slice(0, 3)).toEqual(["#0,0 2×1 Name", "#0,1 1×2 old", "#0,3 1×2 new"]);
  });

  it("joins the lines of a cell that was broken where the column ends", () => {
    const lines = [
      ...rowsOfText(
        [
          ["Name", "Mass", "Size"],
          ["the heavy yel-", "197.0", "144"],
          ["low metal gold", "", ""],
          ["iron", "55.8", "126"],
          ["the metal of", "107.9", "144"],
          ["coins: silver", "", ""],
        ],
        [100, 300, 430],
        205,
        24,
      ),
    ];
    expect(texts(open(lines)).map(([name]) => name)).toEqual([
      "Name",
      "the heavy yellow metal gold",
      "iron",
      "the metal of coins: silver",
    ]);
  });

  it("keeps the title of a group apart from the row below and above", () => {
    const rows = [
      ["Metals", "", ""],
      ["iron", "55.8", "126"],
      ["gold", "197.0", "144"],
      ["Gases", "", ""],
      ["argon", "39.9", "106"],
      ["xenon", "131.3", "140"],
    ];
    expect(texts(open(rowsOfText(rows, LEFTS, 205)))).toEqual(rows);
  });

  it("takes all between two rulings for one row where each row has its rulings", () => {
    const rows = [
      ["iron", "first"],
      ["", "second"],
      ["gold", "third"],
      ["", "fourth"],
    ];
    const lines = rowsOfText([...rows, ...rows], [100, 300], 205, 25);
    const rules = {
      horizontal: [200, 252, 302, 352, 402].map((y) => across(y, 90, 500)),
      vertical: [],
    };
    expect(texts(open(lines, rules))).toEqual([
      ["iron", "first second"],
      ["gold", "third fourth"],
      ["iron", "first second"],
      ["gold", "third fourth"],
    ]);
  });

  it("covers its grid, whatever the lines are", () => {
    const lines = rowsOfText(
      [
        ["a heading that runs over all of the columns", "", "", ""],
        ["one", "two", "", "four"],
        ["", "", "three", ""],
        ["five", "six seven eight nine", "", "ten"],
      ],
      LEFTS,
      205,
    );
    for (const table of [open(lines), open([])]) {
      const seen = new Set<string>();
      for (const { row, column, rowSpan, columnSpan } of table.cells) {
        for (let r = row; r < row + rowSpan; r++) {
          for (let c = column; c < column + columnSpan; c++) {
            expect(seen.has(`${r},${c}`)).toBe(false);
            seen.add(`${r},${c}`);
          }
        }
      }
      expect(seen.size).toBe(table.rows * table.columns);
    }
  });
});
