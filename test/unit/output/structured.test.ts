import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parseFragment } from "parse5";
import { describe, expect, it } from "vitest";
import { createWriter } from "../../../src/output/formats.ts";
import { presentPage } from "../../../src/output/present-page.ts";
import type { Block, BlockType, DocumentPage, Table } from "../../../src/types.ts";
import { box, line, page } from "./hand-made.ts";

interface Part extends Partial<Block> {
  readonly type: BlockType;
  /** Its lines of text. */
  readonly says: readonly string[];
  readonly at?: readonly [x: number, y: number, width: number, height: number];
}

/** A page whose blocks follow each other downwards unless they say where they are. */
function pageOf(parts: readonly Part[], more: Partial<DocumentPage> = {}): DocumentPage {
  const lines = parts.flatMap(({ says }, i) => says.map((text) => line(text, 100, 100 + 50 * i)));
  let next = 0;
  const blocks = parts.map(({ says, at = [100, 0, 400, 40], ...part }, order): Block => {
    const own = says.map(() => next++);
    const [x, y, width, height] = part.polygon
      ? at
      : [at[0], at[1] || 100 + 50 * order, at[2], at[3]];
    return {
      polygon: box(x, y, width, height),
      order,
      confidence: 1,
      text: says.join("\n"),
      lines: own,
      ...part,
    };
  });
  return { ...page(lines), blocks, ...more };
}

const table = (...rows: readonly (readonly string[])[]): Table => ({
  rows: rows.length,
  columns: rows[0]?.length ?? 0,
  cells: rows.flatMap((texts, row) =>
    texts.map((text, column) => ({
      row,
      column,
      rowSpan: 1,
      columnSpan: 1,
      text,
      header: row === 0,
    })),
  ),
});

const markdown = (...pages: readonly DocumentPage[]): string => {
  const writer = createWriter("md");
  return writer.head() + pages.map((one) => writer.page(one)).join("") + writer.tail();
};

describe("Markdown of a page whose structure is known", () => {
  it("has headings by level, lists, formulas, captions and heads, and no page numbers", () => {
    const text = markdown(
      pageOf([
        { type: "header", says: ["Journal"] },
        { type: "title", says: ["A title", "of two lines"] },
        { type: "heading", says: ["1.2 Part"], level: 2 },
        { type: "list", says: ["• first", "goes on", "• second"] },
        { type: "list", says: ["3. three", "4. four"] },
        { type: "list", says: ["1. one", "3. skips"] },
        { type: "formula", says: ["x2"], latex: "x^{2}" },
        { type: "formula", says: ["unread"] },
        { type: "caption", says: ["Figure 1"] },
        { type: "page-number", says: ["7"] },
      ]),
    );
    expect(text).toBe(
      [
        "Journal",
        "# A title of two lines",
        "### 1.2 Part",
        "- first goes on\n- second",
        "3. three\n4. four",
        "- 1\\. one\n- 3\\. skips",
        "$$\nx^{2}\n$$",
        "unread",
        "Figure 1\n",
      ].join("\n\n"),
    );
  });

  it("goes on in the next column, where a sentence is not over", () => {
    const left = { type: "text", at: [0, 100, 300, 400] } as const;
    const right = { type: "text", at: [350, 90, 300, 400] } as const;
    const joined = (before: string, after: string): string =>
      markdown(
        pageOf([
          { ...left, says: [before] },
          { ...right, says: [after] },
        ]),
      );
    expect(joined("it is not", "over yet.")).toBe("it is not over yet.\n");
    expect(joined("a divi-", "ded word")).toBe("a divided word\n");
    expect(joined("It is over.", "over again")).toBe("It is over.\n\nover again\n");
    expect(joined("it may be", "New things")).toBe("it may be\n\nNew things\n");
    expect(joined("今天", "天气")).toBe("今天天气\n");
    // One below the other they are two paragraphs.
    const below = pageOf([
      { type: "text", says: ["it is not"], at: [0, 100, 300, 40] },
      { type: "text", says: ["one text"], at: [0, 150, 300, 40] },
    ]);
    expect(markdown(below)).toBe("it is not\n\none text\n");
  });

  it("puts paragraphs and tables together that a page's end has parted", () => {
    const first = pageOf([
      { type: "text", says: ["The text goes"] },
      { type: "footer", says: ["12"] },
    ]);
    const second = pageOf(
      [
        { type: "header", says: ["Journal"] },
        { type: "text", says: ["on here."] },
        { type: "table", says: [], table: table(["a", "b"], ["1", "2"]) },
      ],
      { number: 2 },
    );
    const third = pageOf(
      [
        { type: "table", says: [], table: table(["a", "b"], ["3", "4"]) },
        { type: "text", says: ["The end."] },
      ],
      { number: 3 },
    );
    expect(markdown(first, second, third)).toBe(
      "The text goes on here.\n\n12\n\nJournal\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |\n\nThe end.\n",
    );
  });

  it("writes heads and feet once, and only those out of the way that repeat", () => {
    const headed = (number: number, head: string, text: string, foot: string): DocumentPage =>
      pageOf(
        [
          { type: "header", says: [head] },
          { type: "text", says: [text] },
          { type: "footer", says: [foot] },
          { type: "page-number", says: [String(number)] },
        ],
        { number },
      );
    const all = [
      headed(1, "The Lighthouse Log, page 1", "One goes", "mail@harbour.example"),
      // Misread, and with another number.
      headed(2, "The Lighthause Log, page 2", "on and", "A note of this page"),
      headed(3, "The Lighthouse Log, page 3", "on.", "mail@harbour.example"),
    ];
    expect(markdown(...all)).toBe(
      "The Lighthouse Log, page 1\n\nOne goes on and on.\n\nmail@harbour.example\n\nA note of this page\n",
    );
    expect(markdown(all[1] as DocumentPage)).toBe(
      "The Lighthause Log, page 2\n\non and\n\nA note of this page\n",
    );
    // A page of nothing but a foot.
    expect(markdown(pageOf([{ type: "footer", says: ["only this"] }]))).toBe("only this\n");
  });

  it("leaves tables apart whose columns differ, and writes what is left at the end", () => {
    const text = markdown(
      pageOf([{ type: "table", says: [], table: table(["a", "b"]) }]),
      pageOf([{ type: "table", says: [], table: table(["a"]) }], { number: 2 }),
    );
    expect(text.match(/^\| ---/gm)).toHaveLength(2);
  });
});

describe("JSON of a page whose structure is known", () => {
  it("follows the published schema, and leaves pictures out", () => {
    const schema = JSON.parse(
      readFileSync(new URL("../../../schema/page.schema.json", import.meta.url), "utf8"),
    ) as object;
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
    const image = { data: new Uint8Array(4), width: 1, height: 1 };
    const some = presentPage(
      pageOf([
        { type: "title", says: ["A title"] },
        { type: "heading", says: ["1 Part"], level: 1 },
        { type: "table", says: [], table: table(["a", "b"], ["1", "2"]) },
        { type: "figure", says: [], image },
        { type: "formula", says: [], latex: "x" },
      ]),
    );
    const record = JSON.parse(createWriter("jsonl").page(some)) as { blocks: Block[] };
    validate(record);
    expect(validate.errors ?? []).toEqual([]);
    expect(record.blocks.map(({ type }) => type)).toEqual(some.blocks?.map(({ type }) => type));
    expect(record.blocks[2]).toMatchObject({
      table: { rows: 2, columns: 2 },
      html: some.blocks?.[2]?.html,
    });
    expect(record.blocks[3]).not.toHaveProperty("image");
  });
});

describe("a page that callers get", () => {
  const some = presentPage(
    pageOf([
      { type: "title", says: ['<b> & "quotes"'] },
      { type: "table", says: [], table: table(["a", "b"], ["1 < 2", "3"]) },
      { type: "list", says: ["2) b", "3) c"] },
    ]),
  );

  it("has its tables as HTML, and well-formed HTML as a whole", () => {
    expect(some.blocks?.[1]?.html).toContain("<td>1 &lt; 2</td>");
    const { childNodes } = parseFragment(some.toHtml());
    const names = childNodes.map(({ nodeName }) => nodeName).filter((name) => name !== "#text");
    expect(names).toEqual(["h1", "table", "ol"]);
    expect(some.toHtml()).toContain("<h1>&lt;b&gt; &amp; &quot;quotes&quot;</h1>");
    expect(some.toHtml()).toContain('<ol start="2"><li>b</li><li>c</li></ol>');
  });

  it("stays plain data", () => {
    expect(Object.keys(some)).not.toContain("toMarkdown");
    expect(structuredClone({ ...some }).blocks).toHaveLength(3);
    expect(some.toMarkdown()).toBe(markdown(some));
  });
});
