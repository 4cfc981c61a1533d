import { describe, expect, it } from "vitest";
import { tableHtml } from "../../../src/output/table-html.ts";
import { tableMarkdown } from "../../../src/output/markdown.ts";
import type { Table, TableCell } from "../../../src/types.ts";

function table(rows: readonly (readonly string[])[], heads = 1): Table {
  const cells = rows.flatMap((row, i) =>
    row.map((text, column): TableCell => ({
      row: i,
      column,
      rowSpan: 1,
      columnSpan: 1,
      text,
      header: i < heads,
    })),
  );
  return { rows: rows.length, columns: rows[0]?.length ?? 0, cells };
}

/** A head of two rows: one name beside another over two columns. */
const SPANNED: Table = {
  rows: 3,
  columns: 3,
  cells: [
    { row: 0, column: 0, rowSpan: 2, columnSpan: 1, text: "Name", header: true },
    { row: 0, column: 1, rowSpan: 1, columnSpan: 2, text: "A & B", header: true },
    { row: 1, column: 1, rowSpan: 1, columnSpan: 1, text: "A", header: true },
    { row: 1, column: 2, rowSpan: 1, columnSpan: 1, text: "B", header: true },
    { row: 2, column: 0, rowSpan: 1, columnSpan: 1, text: "x<y", header: false },
    { row: 2, column: 1, rowSpan: 1, columnSpan: 1, text: "1\n2", header: false },
    { row: 2, column: 2, rowSpan: 1, columnSpan: 1, text: "", header: false },
  ],
};

describe("tables in HTML", () => {
  it("have a head and a body, spans, and text as it is", () => {
    expect(tableHtml(SPANNED)).toBe(
      "<table><thead>" +
        '<tr><th rowspan="2">Name</th><th colspan="2">A &amp; B</th></tr>' +
        "<tr><th>A</th><th>B</th></tr></thead>" +
        "<tbody><tr><td>x&lt;y</td><td>1 2</td><td></td></tr></tbody></table>",
    );
  });

  it("have no head where none is known, and none that reaches into the body", () => {
    expect(tableHtml(table([["a"], ["b"]], 0))).toBe(
      "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>",
    );
    const deep = { ...SPANNED, cells: SPANNED.cells.map((cell) => ({ ...cell })) };
    (deep.cells[0] as TableCell).rowSpan = 3;
    deep.cells.splice(4, 1);
    expect(tableHtml(deep)).not.toContain("<thead>");
  });

  it("keep a row that others only reach into", () => {
    const cells: TableCell[] = [
      { row: 0, column: 0, rowSpan: 2, columnSpan: 1, text: "a", header: false },
    ];
    expect(tableHtml({ rows: 2, columns: 1, cells })).toBe(
      '<table><tbody><tr><td rowspan="2">a</td></tr><tr></tr></tbody></table>',
    );
  });
});

describe("tables in Markdown", () => {
  it("have a line for each row and one below the head", () => {
    expect(
      tableMarkdown(
        table([
          ["Name", "Mass"],
          ["iron", "55.8"],
          ["gold", ""],
        ]),
      ),
    ).toBe("| Name | Mass |\n| --- | --- |\n| iron | 55.8 |\n| gold |  |");
  });

  it("take the first row for the head where none is known", () => {
    expect(
      tableMarkdown(
        table(
          [
            ["iron", "55.8"],
            ["gold", "197"],
          ],
          0,
        ),
      ),
    ).toBe("| iron | 55.8 |\n| --- | --- |\n| gold | 197 |");
  });

  it("show bars, stars and line breaks as text", () => {
    expect(
      tableMarkdown(
        table([
          ["a|b", "*c*"],
          ["d\ne", "<f>"],
        ]),
      ),
    ).toBe("| a\\|b | \\*c\\* |\n| --- | --- |\n| d e | \\<f\\> |");
  });

  it("are HTML where they have spans or a head of several rows", () => {
    expect(tableMarkdown(SPANNED)).toBe(tableHtml(SPANNED));
    const heads = table([["a"], ["b"], ["c"]], 2);
    expect(tableMarkdown(heads)).toBe(tableHtml(heads));
  });

  it("are nothing without cells", () => {
    expect(tableMarkdown({ rows: 0, columns: 0, cells: [] })).toBe("");
  });
});
