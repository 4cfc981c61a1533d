import { describe, expect, it } from "vitest";
import { TableStream, tableCsv } from "../../../src/output/csv.ts";
import { createWriter } from "../../../src/output/formats.ts";
import type { Block, DocumentPage, Table } from "../../../src/types.ts";
import { box, page } from "./hand-made.ts";

function table(...rows: readonly string[][]): Table {
  const cells = rows.flatMap((texts, row) =>
    texts.map((text, column) => ({
      row,
      column,
      rowSpan: 1,
      columnSpan: 1,
      text,
      header: row === 0,
    })),
  );
  return { rows: rows.length, columns: rows[0]?.length ?? 0, cells };
}

function pageWith(number: number, ...tables: readonly Table[]): DocumentPage {
  const blocks = tables.map((each, order): Block => ({
    type: "table",
    polygon: box(0, 100 * order, 100, 90),
    order,
    confidence: 1,
    text: "",
    lines: [],
    table: each,
  }));
  return { ...page([], { number }), blocks };
}

describe("CSV", () => {
  it("quotes what has commas or quotation marks, and keeps records on one line", () => {
    expect(tableCsv(table(["a", 'b "c"'], ["1,5", "two\nlines"]))).toBe(
      'a,"b ""c"""\r\n"1,5",two lines\r\n',
    );
  });

  it("leaves places empty that a span covers", () => {
    const wide = { row: 0, column: 0, rowSpan: 1, columnSpan: 2, text: "both", header: true };
    const { cells } = table(["x", "y"]);
    const below = cells.map((cell) => ({ ...cell, row: 1 }));
    expect(tableCsv({ rows: 2, columns: 2, cells: [wide, ...below] })).toBe("both,\r\nx,y\r\n");
  });

  it("has all tables of a document, and those over two pages once", () => {
    const pages = [
      pageWith(1, table(["p", "q", "r"]), table(["a", "b"], ["1", "2"])),
      pageWith(2, table(["a", "b"], ["3", "4"])),
    ];
    const writer = createWriter("csv");
    const text = writer.head() + pages.map((each) => writer.page(each)).join("") + writer.tail();
    expect(text).toBe("p,q,r\r\n\r\na,b\r\n1,2\r\n3,4\r\n");
    const stream = new TableStream();
    expect([...pages.flatMap((each) => stream.page(each)), ...stream.end()]).toHaveLength(2);
  });

  it("is empty without tables", () => {
    const writer = createWriter("csv");
    expect(writer.head() + writer.page(page([])) + writer.tail()).toBe("");
  });
});
