import { XmlDocument } from "libxml2-wasm";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { describe, expect, it } from "vitest";
import { GlyphpoolError } from "../../../src/errors.ts";
import { createWriter, formatPage } from "../../../src/output/formats.ts";
import { line, manifoldPage, page, SCRIPTS, turnedLine } from "./hand-made.ts";

interface Found {
  readonly kind: string;
  readonly tag: string;
  readonly text: string;
  readonly parents: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** The properties of the title: their values as they stand. */
  readonly properties: Readonly<Record<string, string>>;
}

type Node = DefaultTreeAdapterTypes.ChildNode;

function textOf(node: Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

/** Every element of hOCR, and the metadata, as an HTML parser sees them. */
function read(html: string): { found: Found[]; meta: Record<string, string> } {
  const found: Found[] = [];
  const meta: Record<string, string> = {};
  const visit = (node: Node, parents: readonly string[]): void => {
    if (!("childNodes" in node)) return;
    const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
    const kind = attributes["class"];
    if (node.tagName === "meta") meta[attributes["name"] ?? ""] = attributes["content"] ?? "";
    if (kind) {
      const parts = (attributes["title"] ?? "").match(/(?:"[^"]*"|[^;"])+/g) ?? [];
      const properties = Object.fromEntries(
        parts.map((part) => {
          const [name = "", ...values] = part.trim().split(" ");
          return [name, values.join(" ")];
        }),
      );
      found.push({ kind, tag: node.tagName, text: textOf(node), parents, attributes, properties });
    }
    for (const child of node.childNodes) visit(child, kind ? [...parents, kind] : parents);
  };
  const errors: string[] = [];
  const document = parse(html, { onParseError: ({ code }) => errors.push(code) });
  // The XML declaration is the price of being XML as well.
  expect(errors.filter((code) => code !== "unexpected-question-mark-instead-of-tag-name")).toEqual(
    [],
  );
  for (const node of document.childNodes) visit(node, []);
  return { found, meta };
}

/** What holds what, from the page down. */
const NESTING = ["ocr_page", "ocr_carea", "ocr_par", "ocr_line", "ocrx_word"];
const TAGS = ["div", "div", "p", "span", "span"];

describe("hOCR", () => {
  const writer = createWriter("hocr", { source: 'my "scan"; 1.png', language: "en", title: "<T>" });
  const failed = new GlyphpoolError("IMAGE_CORRUPT", "cut -- off");
  const pages = [
    manifoldPage({ dpi: 299.6 }),
    page([], { number: 2 }),
    page([], { number: 3, error: failed }),
  ];
  const html = writer.head() + pages.map((each) => writer.page(each)).join("") + writer.tail();

  it("is well-formed XML for any text", () => {
    using doc = XmlDocument.fromString(html);
    expect(doc.root.name).toBe("html");
  });

  it("has the metadata that hOCR asks for, and names every class that it uses", () => {
    const { found, meta } = read(html);
    expect(meta["ocr-system"]).toBe("glyphpool 0.1.0");
    expect(meta["ocr-langs"]).toBe("en");
    const capabilities = meta["ocr-capabilities"]?.split(" ") ?? [];
    for (const { kind } of found) expect(capabilities).toContain(kind);
    // Properties and attributes that have to be announced.
    expect(capabilities).toEqual(expect.arrayContaining(["ocrp_poly", "ocrp_dir", "ocrp_lang"]));
    expect(html).toContain('lang="en"');
    expect(html).toContain("<title>&lt;T&gt;</title>");
  });

  it("nests its elements, each with a box inside its parent's and an id of its own", () => {
    const { found } = read(html);
    const boxes = new Map<string, number[]>();
    for (const { kind, tag, parents, properties } of found) {
      const level = NESTING.indexOf(kind);
      expect(parents).toEqual(NESTING.slice(0, level));
      expect(tag).toBe(TAGS[level]);
      const own = (properties["bbox"] ?? "").split(" ").map(Number);
      expect(own.every(Number.isInteger)).toBe(true);
      const [left, top, right, bottom] = own as [number, number, number, number];
      const outer = boxes.get(NESTING[level - 1] ?? "") ?? [0, 0, 1000, 1400];
      expect(left >= (outer[0] ?? 0) && top >= (outer[1] ?? 0)).toBe(true);
      expect(right <= (outer[2] ?? 0) && bottom <= (outer[3] ?? 0)).toBe(true);
      boxes.set(kind, own);
    }
    const ids = found.map(({ attributes }) => attributes["id"]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("tells pages, resolution and file", () => {
    const properties = read(html)
      .found.filter(({ kind }) => kind === "ocr_page")
      .map((each) => each.properties);
    expect(properties).toEqual([
      { image: `"my 'scan'; 1.png"`, bbox: "0 0 1000 1400", ppageno: "0", scan_res: "300 300" },
      { image: `"my 'scan'; 1.png"`, bbox: "0 0 1000 1400", ppageno: "1" },
      { image: `"my 'scan'; 1.png"`, bbox: "0 0 1000 1400", ppageno: "2" },
    ]);
    expect(html).toContain("<!-- IMAGE_CORRUPT: cut - - off -->");
  });

  it("gives the text back, with spaces where there are any", () => {
    const texts = read(html)
      .found.filter(({ kind }) => kind === "ocr_line")
      .map(({ text }) => text);
    expect(texts).toEqual([
      SCRIPTS.markup,
      "bell   end",
      SCRIPTS.emoji,
      SCRIPTS.arabic,
      SCRIPTS.hebrew,
      SCRIPTS.chinese,
      "left column one",
      "left column two",
      "right column one",
      "right column two",
      "skewed by five degrees",
      "runs upwards",
      "a line without words",
    ]);
  });

  it("tells the baseline from the lower left corner of the box, y downwards", () => {
    const skewed = turnedLine(line("skewed by five degrees", 100, 800), 5, [100, 800]);
    const lines = read(formatPage(page([line("ab", 10, 20), skewed]), "hocr")).found.filter(
      ({ kind }) => kind === "ocr_line",
    );
    // A fifth of the height above the lower edge: 20 / 5.
    expect(lines[0]?.properties).toEqual({ bbox: "10 20 30 40", baseline: "0 -4", x_size: "20" });
    // tan 5° = 0.0875. Left 100 - 20 sin 5° = 98.26, bottom 800 + 220 sin 5° + 20 cos 5° = 839.1. The baseline
    // starts at (100 - 16 sin 5°, 800 + 16 cos 5°) = (98.61, 815.94), at x = 98 it is at 815.89: 840 - 24.11.
    expect(lines[1]?.properties).toMatchObject({
      bbox: "98 800 320 840",
      baseline: "0.0875 -24.11",
      x_size: "20",
      poly: "100 800 319 819 317 839 98 820",
    });
  });

  it("tells the angle of turned text counter-clockwise, and which text runs from right to left", () => {
    const turn = (degrees: number): string | undefined => {
      const turned = turnedLine(line("turned", 500, 500), degrees, [500, 500]);
      const lines = read(formatPage(page([turned]), "hocr")).found;
      return lines.find(({ kind }) => kind === "ocr_line")?.properties["textangle"];
    };
    expect([-90, 180, 90, 10].map(turn)).toEqual(["90", "180", "270", undefined]);
    const [, , , first] = read(
      formatPage(page([line(SCRIPTS.arabic, 0, 0, { rightToLeft: true })]), "hocr"),
    ).found;
    expect(first?.attributes["dir"]).toBe("rtl");
  });

  it("gives the confidence of a word in percent", () => {
    const { found } = read(formatPage(page([line("ab", 10, 20, { confidence: 0.876 })]), "hocr"));
    expect(found.at(-1)?.properties).toEqual({ bbox: "10 20 30 40", x_wconf: "88" });
  });
});
