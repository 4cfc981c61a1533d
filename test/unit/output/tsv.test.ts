import { describe, expect, it } from "vitest";
import { formatPage } from "../../../src/output/formats.ts";
import { bare, box, line, manifoldPage, page, word } from "./hand-made.ts";

const HEADER =
  "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext";

describe("TSV", () => {
  it("has Tesseract's rows and numbers: block in page, paragraph in block, line in paragraph", () => {
    // The fourth line stands 44 below the third one, more than 1.4 of the usual 30: a new paragraph.
    // The fifth one stands beside the first one: another block.
    const lines = [
      line("ab c", 10, 20, { confidence: 0.955 }),
      line("de", 10, 50),
      line("fg", 10, 80),
      line("hi", 10, 124),
      line("j", 500, 20),
    ];
    expect(formatPage(page(lines, { number: 7 }), "tsv").split("\n")).toEqual([
      HEADER,
      "1\t7\t0\t0\t0\t0\t0\t0\t1000\t1400\t-1\t",
      "2\t7\t1\t0\t0\t0\t10\t20\t40\t124\t-1\t",
      "3\t7\t1\t1\t0\t0\t10\t20\t40\t80\t-1\t",
      "4\t7\t1\t1\t1\t0\t10\t20\t40\t20\t-1\t",
      "5\t7\t1\t1\t1\t1\t10\t20\t20\t20\t95.5\tab",
      "5\t7\t1\t1\t1\t2\t40\t20\t10\t20\t95.5\tc",
      "4\t7\t1\t1\t2\t0\t10\t50\t20\t20\t-1\t",
      "5\t7\t1\t1\t2\t1\t10\t50\t20\t20\t90\tde",
      "4\t7\t1\t1\t3\t0\t10\t80\t20\t20\t-1\t",
      "5\t7\t1\t1\t3\t1\t10\t80\t20\t20\t90\tfg",
      "3\t7\t1\t2\t0\t0\t10\t124\t20\t20\t-1\t",
      "4\t7\t1\t2\t1\t0\t10\t124\t20\t20\t-1\t",
      "5\t7\t1\t2\t1\t1\t10\t124\t20\t20\t90\thi",
      "2\t7\t2\t0\t0\t0\t500\t20\t10\t20\t-1\t",
      "3\t7\t2\t1\t0\t0\t500\t20\t10\t20\t-1\t",
      "4\t7\t2\t1\t1\t0\t500\t20\t10\t20\t-1\t",
      "5\t7\t2\t1\t1\t1\t500\t20\t10\t20\t90\tj",
      "",
    ]);
  });

  it("is a header and the page where there is nothing", () => {
    expect(formatPage(page([]), "tsv")).toBe(
      `${HEADER}\n1\t1\t0\t0\t0\t0\t0\t0\t1000\t1400\t-1\t\n`,
    );
  });

  it("takes a line without words as one word", () => {
    const rows = formatPage(page([bare("two words", box(1, 2, 3, 4))]), "tsv").split("\n");
    expect(rows[5]).toBe("5\t1\t1\t1\t1\t1\t1\t2\t3\t4\t90\ttwo words");
  });

  it("has twelve cells in each row, whatever the text holds", () => {
    const broken = { ...line("x", 10, 20), words: [word("a\tb\nc\rd", box(10, 20, 10, 20))] };
    const pages = [page([broken]), manifoldPage()];
    for (const each of pages) {
      const rows = formatPage(each, "tsv").split("\n").slice(0, -1);
      expect(rows.filter((row) => row.split("\t").length !== 12)).toEqual([]);
    }
    expect(formatPage(page([broken]), "tsv")).toContain("\ta b c d\n");
  });

  it("keeps boxes of whole pixels inside the page", () => {
    const rows = formatPage(page([bare("x", box(-3, 1390.5, 20.2, 30))]), "tsv").split("\n");
    expect(rows[5]).toBe("5\t1\t1\t1\t1\t1\t0\t1390\t18\t10\t90\tx");
  });
});
