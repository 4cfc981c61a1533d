import { array, assert, constantFrom, integer, property, record, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { builtInLayout } from "../../../../src/structure/layout/built-in-layout.ts";
import { bare, box, turned } from "../../output/hand-made.ts";
import {
  columns,
  firstWords,
  layoutOf,
  NO_RULINGS,
  PAGE,
  paragraph,
  row,
  STEP,
  stroke,
  turnedPage,
  typeOf,
} from "../drawn-page.ts";

describe("columns", () => {
  it("takes one column apart into its paragraphs", () => {
    const seen = layoutOf(columns([100], { width: 800 }));
    expect(firstWords(seen)).toEqual(["A1", "A2", "A3"]);
    expect(seen.map(({ type, lines }) => [type, lines])).toEqual([
      ["text", 5],
      ["text", 5],
      ["text", 5],
    ]);
  });

  it("reads two columns one after the other", () => {
    const seen = layoutOf(columns([100, 520]));
    expect(firstWords(seen)).toEqual(["A1", "A2", "A3", "B1", "B2", "B3"]);
  });

  it("reads three narrow columns with a gutter of a letter's height", () => {
    const seen = layoutOf(columns([100, 368, 636], { width: 252 }));
    expect(firstWords(seen)).toEqual(["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"]);
  });

  it("reads from the right column to the left where letters run that way", () => {
    const hebrew = columns([100, 520]).map((line) => {
      const [[left, top], [right]] = line.polygon;
      const text = line.text.replaceAll(/[A-Za-z]/gu, "ש");
      return bare(text, box(PAGE.width - right, top, right - left, 20));
    });
    const seen = layoutOf(hebrew);
    const lefts = seen.map(({ region }) => region.box.x > 500);
    expect(lefts).toEqual([true, true, true, false, false, false]);
  });

  it.each([3, -3, 90, 180, 270, 87])("finds the same on a page turned by %d°", (degrees) => {
    const lines = columns([100, 520]);
    const seen = layoutOf(turnedPage(lines, degrees));
    expect(firstWords(seen)).toEqual(["A1", "A2", "A3", "B1", "B2", "B3"]);
    expect(seen.map(({ region }) => region.lines)).toEqual(
      layoutOf(lines).map(({ region }) => region.lines),
    );
  });

  it("reads vertical columns of Chinese text from the right", () => {
    const text = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往";
    const lines = Array.from({ length: 12 }, (_, i) =>
      bare(
        `${i}${text}`,
        turned(box(0, 0, 500, 24), 90, [0, 0]).map(([x, y]) => [
          x + 900 - 36 * i,
          y + 200,
        ]) as never,
      ),
    );
    const [only, ...more] = layoutOf(lines.toReversed());
    expect(more).toEqual([]);
    expect(only?.region.lines).toEqual(lines.map((_, i) => 11 - i));
  });

  it("puts rows together that the detector has cut, and leaves columns apart", () => {
    const cut = columns([100, 520]).flatMap((line, i) => {
      if (i % 3 !== 1) return [line];
      const [[x, y]] = line.polygon;
      const half = line.text.length >> 1;
      return [
        row(line.text.slice(0, half), x, y, { width: 150 }),
        row(line.text.slice(half), x + 162, y, { width: 200 }),
      ];
    });
    const seen = layoutOf(cut);
    expect(seen).toHaveLength(6);
    const texts = seen.map(({ region }) => region.lines?.map((i) => cut[i]?.text).join(""));
    const whole = layoutOf(columns([100, 520])).map(({ region }) =>
      region.lines?.map((i) => columns([100, 520])[i]?.text).join(""),
    );
    expect(texts).toEqual(whole);
  });
});

describe("entries", () => {
  const labels = ["Bread", "Milk and butter", "Apples", "Tea", "Total"];

  it("reads amounts behind what they belong to", () => {
    const lines = labels.flatMap((label, i) => [
      row(`${i * 3}.50`, 800, 300 + i * STEP),
      row(label, 100, 302 + i * STEP),
    ]);
    const read = layoutOf(lines).flatMap(({ region }) => region.lines ?? []);
    expect(read).toEqual([1, 0, 3, 2, 5, 4, 7, 6, 9, 8]);
  });

  it("reads the fields of a form behind their names", () => {
    const lines = labels.flatMap((label, i) => [
      row(`some value of ${i}`, 500, 300 + 2 * i * STEP),
      row(`${label}:`, 100, 302 + 2 * i * STEP),
    ]);
    const read = layoutOf(lines).flatMap(({ region }) => region.lines ?? []);
    expect(read).toEqual([1, 0, 3, 2, 5, 4, 7, 6, 9, 8]);
  });

  it("leaves a column of numbers beside running text alone", () => {
    const text = paragraph("A1", 100, 300, { rows: 8 });
    const numbers = text.map((_, i) => row(`${i}.5`, 600, 300 + i * STEP));
    const read = layoutOf([...numbers, ...text]).flatMap(({ region }) => region.lines ?? []);
    expect(read).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe("full-width parts", () => {
  it("reads a title above its columns", () => {
    const title = row("A Title of Some Length", 250, 100, { height: 40 });
    const seen = layoutOf([...columns([100, 520]), title]);
    expect(firstWords(seen)).toEqual(["A", "A1", "A2", "A3", "B1", "B2", "B3"]);
    expect(typeOf(seen, "A Title")).toBe("title");
  });

  it("reads what stands above a full-width figure before what stands below it", () => {
    const upper = columns([100, 520], { paragraphs: 2 });
    const lower = columns([100, 520], { top: 900, paragraphs: 2 }).map((line) => ({
      ...line,
      text: line.text.replace(/^A/u, "C").replace(/^B/u, "D"),
    }));
    const caption = row("Figure 1. What is to be seen here over both columns", 250, 850);
    const pictures = [{ x: 120, y: 520, width: 760, height: 310 }];
    const seen = layoutOf([...lower, caption, ...upper], { pictures });
    expect(firstWords(seen)).toEqual([
      "A1",
      "A2",
      "B1",
      "B2",
      "",
      "Figure",
      "C1",
      "C2",
      "D1",
      "D2",
    ]);
    expect(typeOf(seen, "Figure 1")).toBe("caption");
    expect(seen[4]?.type).toBe("figure");
  });

  it("reads a table where it stands and keeps its lines by rows", () => {
    const upper = columns([100, 520], { paragraphs: 1 });
    const cells = [0, 1, 2].flatMap((r) =>
      [0, 1, 2].map((c) => row(`cell${r}${c}`, 150 + 260 * c, 460 + 30 * r)),
    );
    const tables = [{ x: 120, y: 450, width: 760, height: 100 }];
    const caption = row("Table 1: Numbers of all kinds", 150, 415);
    const seen = layoutOf([...cells.toReversed(), caption, ...upper], { tables });
    expect(firstWords(seen)).toEqual(["A1", "B1", "Table", "cell00"]);
    expect(typeOf(seen, "Table 1")).toBe("caption");
    expect(seen[3]?.region.lines).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it("keeps the caption beside a figure with it", () => {
    const text = columns([100, 520]);
    const caption = paragraph("Fig. 2: A picture", 560, 700, { width: 300, rows: 4 });
    const pictures = [{ x: 100, y: 680, width: 440, height: 200 }];
    const seen = layoutOf([...caption, ...text], { pictures });
    const at = seen.findIndex(({ type }) => type === "figure");
    expect(seen[at + 1]?.first).toContain("Fig. 2");
    expect(seen[at + 1]?.type).toBe("caption");
  });
});

describe("margins", () => {
  const text = columns([100, 520], { top: 180, paragraphs: 7 });

  it.each([
    ["even", 100, 760],
    ["odd", 860, 100],
  ])("tells header and page number of an %s page", (_, number, head) => {
    const seen = layoutOf([...text, row("42", number, 60), row("Journal of Things", head, 60)]);
    expect(seen[0]).toMatchObject({ type: "header", first: "Journal of Things" });
    expect(seen.at(-1)).toMatchObject({ type: "page-number", first: "42" });
  });

  it.each(["7", "- 7 -", "Page 7 of 12", "第 7 页", "vii"])(
    "tells the page number %s at the foot",
    (number) => {
      const seen = layoutOf([...text, row(number, 480, 1330)]);
      expect(seen.at(-1)).toMatchObject({ type: "page-number", first: number });
    },
  );

  it("tells a footer, which is read before the page number", () => {
    const seen = layoutOf([...text, row("12", 860, 1340), row("Some publisher, 2026", 100, 1340)]);
    expect(seen.slice(-2).map(({ type }) => type)).toEqual(["footer", "page-number"]);
  });

  it("takes a header for one because of the stroke below it", () => {
    const near = [...text, row("Things, and other things", 100, 148)];
    expect(typeOf(layoutOf(near), "Things")).not.toBe("header");
    expect(typeOf(layoutOf(near, { rulings: stroke(174, 100, 900) }), "Things")).toBe("header");
  });

  it("tells footnotes under a stroke, and reads them after both columns", () => {
    const note = paragraph("* A note in small print", 100, 1260, { height: 15, rows: 2, step: 19 });
    const seen = layoutOf([...note, ...columns([100, 520], { paragraphs: 7, top: 180 })], {
      rulings: stroke(1245, 100, 220),
    });
    expect(seen.at(-1)).toMatchObject({ type: "footnote", lines: 2 });
    expect(firstWords(seen).slice(0, 14)).toEqual(
      ["A", "B"].flatMap((name) => [1, 2, 3, 4, 5, 6, 7].map((i) => `${name}${i}`)),
    );
  });

  it("tells text at the side that runs upwards", () => {
    const stamp = {
      ...row("arXiv:2311.00001v2 [cs.CV]", 0, 0),
      polygon: turned(box(20, 900, 300, 22), -90, [20, 900]),
    };
    expect(typeOf(layoutOf([...text, stamp]), "arXiv")).toBe("sidebar");
  });

  it("does not make a margin of a card with a few lines", () => {
    const seen = layoutOf([
      row("Jane Doe", 100, 40),
      row("12 Some Street", 100, 300),
      row("42", 100, 1300),
    ]);
    expect(new Set(seen.map(({ type }) => type))).not.toContain("header");
    expect(new Set(seen.map(({ type }) => type))).not.toContain("page-number");
  });
});

describe("lists and headings", () => {
  it.each([
    ["bullets", ["• ", "• ", "• "]],
    ["dashes", ["- ", "- ", "- "]],
    ["numbers", ["1. ", "2. ", "3. "]],
    ["letters", ["(a) ", "(b) ", "(c) "]],
  ])("joins items with %s into a list", (_, marks) => {
    const items = marks.flatMap((mark, i) => [
      row(`${mark}${words8(i)}`, 120, 420 + 2 * i * STEP, { width: 700 }),
      row(words8(i + 3), 145, 420 + (2 * i + 1) * STEP, { width: 300 }),
    ]);
    const before = paragraph("Before", 100, 200, { width: 800, rows: 6 });
    const seen = layoutOf([...before, ...items]);
    expect(seen.map(({ type, lines }) => [type, lines])).toEqual([
      ["text", 6],
      ["list", 6],
    ]);
  });

  it("takes headings with numbers, and their levels from them", () => {
    const lines = [
      row("1 Introduction", 100, 200),
      ...paragraph("One", 100, 240, { width: 800 }),
      row("1.1 What was there before", 100, 420),
      ...paragraph("Two", 100, 460, { width: 800 }),
      row("2 Method", 100, 640),
      ...paragraph("Three", 100, 680, { width: 800 }),
    ];
    const headings = layoutOf(lines).filter(({ type }) => type === "heading");
    expect(headings.map(({ first, region }) => [first, region.level])).toEqual([
      ["1 Introduction", 1],
      ["1.1 What was there before", 2],
      ["2 Method", 1],
    ]);
  });

  it("ranks headings without numbers by their size", () => {
    const lines = [
      row("Large heading", 100, 200, { height: 34 }),
      ...paragraph("One", 100, 260, { width: 800 }),
      row("Smaller heading", 100, 440, { height: 27 }),
      ...paragraph("Two", 100, 490, { width: 800 }),
      row("Another large one", 100, 680, { height: 33 }),
      ...paragraph("Three", 100, 740, { width: 800 }),
    ];
    const headings = layoutOf(lines).filter(({ type }) => type === "heading");
    expect(headings.map(({ region }) => region.level)).toEqual([1, 2, 1]);
  });

  it("takes a short line with space above it for a heading, a short paragraph not", () => {
    const lines = [
      ...paragraph("One", 100, 200, { width: 800 }),
      row("Results and discussion", 100, 370),
      ...paragraph("Two", 100, 398, { width: 800 }),
      row("It ended here.", 124, 398 + 5 * STEP),
      ...paragraph("Three", 100, 398 + 6 * STEP, { width: 800 }),
    ];
    const seen = layoutOf(lines);
    expect(typeOf(seen, "Results")).toBe("heading");
    expect(typeOf(seen, "It ended")).toBe("text");
  });
});

describe("any page", () => {
  it("has no regions without lines", () => {
    expect(layoutOf([])).toEqual([]);
  });

  it("has a figure without lines where there is only a picture", () => {
    expect(layoutOf([], { pictures: [{ x: 10, y: 10, width: 500, height: 400 }] })).toMatchObject([
      {
        type: "figure",
        lines: 0,
        region: { order: 0, box: { x: 10, y: 10, width: 500, height: 400 } },
      },
    ]);
  });

  it("puts every line into one region, in an order without gaps", () => {
    const rect = record({
      x: integer({ min: 0, max: 900 }),
      y: integer({ min: 0, max: 1300 }),
      width: integer({ min: 1, max: 600 }),
      height: integer({ min: 1, max: 300 }),
    });
    const text = constantFrom(
      "1",
      "12",
      "• item",
      "1.2 Heading",
      "Figure 1. Seen",
      "plain text of some words",
      "中文字",
      "",
      "שלום",
    );
    const drawn = record({
      text,
      rect: rect.map((r) => ({ ...r, height: 5 + (r.height % 40) })),
      degrees: constantFrom(0, 0, 0, 0, 2, -2, 90, 180, 270, 45),
    });
    assert(
      property(
        array(drawn, { maxLength: 40 }),
        array(rect, { maxLength: 3 }),
        array(rect, { maxLength: 2 }),
        array(
          tuple(
            integer({ max: 1400, min: 0 }),
            integer({ min: 0, max: 500 }),
            integer({ min: 501, max: 1000 }),
          ),
          { maxLength: 3 },
        ),
        (all, pictures, tables, strokes) => {
          const lines = all.map(({ text: own, rect: r, degrees }) =>
            bare(own, turned(box(r.x, r.y, r.width, r.height), degrees, [r.x, r.y])),
          );
          const horizontal = strokes.map(([at, from, to]) => ({ at, from, to, thickness: 2 }));
          const regions = builtInLayout({
            ...PAGE,
            lines,
            pictures,
            tables,
            rulings: { horizontal, vertical: [] },
          });
          expect(regions.flatMap((region) => region.lines ?? []).toSorted((a, b) => a - b)).toEqual(
            lines.map((_, i) => i),
          );
          expect(regions.map(({ order }) => order)).toEqual(regions.map((_, i) => i));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("does not mind the resolution", () => {
    const lines = [row("A Title of Some Length", 250, 100, { height: 40 }), ...columns([100, 520])];
    const large = lines.map((line) => ({
      ...line,
      polygon: line.polygon.map(([x, y]) => [x * 4, y * 4]) as never,
    }));
    const size = { width: PAGE.width * 4, height: PAGE.height * 4 };
    expect(layoutOf(large, size).map(({ type, region }) => [type, region.lines])).toEqual(
      layoutOf(lines).map(({ type, region }) => [type, region.lines]),
    );
  });

  it("lays out 5000 lines in well under a second", () => {
    const lines = Array.from({ length: 5000 }, (_, i) =>
      row(`line ${i}`, 100 + 500 * (i % 2), 26 * (i >> 1), { width: 380 }),
    );
    const times = [0, 1, 2].map(() => {
      const start = process.cpuUsage();
      builtInLayout({
        width: 1000,
        height: 65_100,
        lines,
        rulings: NO_RULINGS,
        pictures: [],
        tables: [],
      });
      return process.cpuUsage(start).user / 1000;
    });
    // Milliseconds of computing, not of waiting for others.
    expect(Math.min(...times)).toBeLessThan(1000);
  });
});

function words8(seed: number): string {
  return [
    "omnis iste natus error",
    "sit voluptatem",
    "accusantium doloremque",
    "totam rem",
    "aperiam",
    "eaque ipsa",
  ][seed % 6] as string;
}
