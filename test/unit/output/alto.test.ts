import { readFileSync } from "node:fs";
import { XmlDocument, XmlElement, XsdValidator } from "libxml2-wasm";
import { describe, expect, it } from "vitest";
import { GlyphpoolError } from "../../../src/errors.ts";
import { createWriter, formatPage } from "../../../src/output/formats.ts";
import { bare, box, line, manifoldPage, page, SCRIPTS, turnedLine } from "./hand-made.ts";

/** Our part of the standard's schema. */
const SCHEMA = new URL("alto-subset.xsd", import.meta.url);

function expectValid(xml: string): void {
  using schema = XmlDocument.fromString(readFileSync(SCHEMA, "utf8"));
  using validator = XsdValidator.fromDoc(schema);
  using doc = XmlDocument.fromString(xml);
  validator.validate(doc);
}

/** The attributes of every element of a name, in the order of the file. */
function elements(xml: string, name: string): Record<string, string>[] {
  using doc = XmlDocument.fromString(xml);
  return doc
    .find(`//a:${name}`, { a: "http://www.loc.gov/standards/alto/ns-v4#" })
    .map((node) => Object.fromEntries((node as XmlElement).attrs.map((a) => [a.name, a.value])));
}

describe("ALTO", () => {
  it("is what the standard allows, for any text", () => {
    const writer = createWriter("alto", { source: 'a<b>&"c.png', language: "zh-Hant" });
    const failed = new GlyphpoolError("IMAGE_CORRUPT", "cut -- off -");
    const pages = [
      manifoldPage(),
      page([], { number: 2 }),
      page([], { number: 3, error: failed }),
      manifoldPage({ number: 4, source: "layer" }),
      page([{ ...bare("", box(0, 0, 5, 5)), words: [] }], { number: 5 }),
    ];
    expectValid(writer.head() + pages.map((each) => writer.page(each)).join("") + writer.tail());
  });

  it("is refused where it breaks the rules: the schema does check", () => {
    const good = formatPage(page([line("a b", 0, 0)]), "alto");
    expectValid(good);
    for (const [from, to] of [
      ['WC="0.9"', 'WC="90"'],
      ['ID="string_1_2"', 'ID="string_1_1"'],
      ["<SP", "<HYP"],
      [' CONTENT="a"', ""],
      [">pixel<", ">px<"],
    ] as const) {
      expect(good).toContain(from);
      expect(() => expectValid(good.replace(from, to)), to).toThrow(
        /Schemas validity error|Element/,
      );
    }
  });

  it("has blocks, lines, strings and the spaces between them", () => {
    const lines = [line("ab c", 10, 20), line("de", 10, 50)];
    expect(formatPage(page(lines), "alto", { source: "x.png", language: "en" }))
      .toBe(`<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd" SCHEMAVERSION="4.4">
  <Description>
    <MeasurementUnit>pixel</MeasurementUnit>
    <sourceImageInformation>
      <fileName>x.png</fileName>
    </sourceImageInformation>
    <Processing ID="processing_1">
      <processingCategory>contentGeneration</processingCategory>
      <processingSoftware>
        <softwareName>glyphpool</softwareName>
        <softwareVersion>0.1.0</softwareVersion>
      </processingSoftware>
    </Processing>
  </Description>
  <Layout>
    <Page ID="page_1" PHYSICAL_IMG_NR="1" WIDTH="1000" HEIGHT="1400" PROCESSINGREFS="processing_1" LANG="en">
      <PrintSpace ID="space_1" HPOS="0" VPOS="0" WIDTH="1000" HEIGHT="1400">
        <TextBlock ID="block_1_1_1" HPOS="10" VPOS="20" WIDTH="40" HEIGHT="50">
          <TextLine ID="line_1_1" HPOS="10" VPOS="20" WIDTH="40" HEIGHT="20" BASELINE="10,36 50,36">
            <String ID="string_1_1" HPOS="10" VPOS="20" WIDTH="20" HEIGHT="20" WC="0.9" CONTENT="ab"/>
            <SP HPOS="30" VPOS="20" WIDTH="10" HEIGHT="20"/>
            <String ID="string_1_2" HPOS="40" VPOS="20" WIDTH="10" HEIGHT="20" WC="0.9" CONTENT="c"/>
          </TextLine>
          <TextLine ID="line_1_2" HPOS="10" VPOS="50" WIDTH="20" HEIGHT="20" BASELINE="10,66 30,66">
            <String ID="string_1_3" HPOS="10" VPOS="50" WIDTH="20" HEIGHT="20" WC="0.9" CONTENT="de"/>
          </TextLine>
        </TextBlock>
      </PrintSpace>
    </Page>
  </Layout>
</alto>
`);
  });

  it("gives the text back, without what XML forbids", () => {
    const contents = elements(formatPage(manifoldPage(), "alto"), "String").map(
      (each) => each["CONTENT"],
    );
    expect(contents.slice(0, 3)).toEqual(SCRIPTS.markup.split(" "));
    expect(contents.slice(3, 7)).toEqual(["bell", "", "", "end"]);
    expect(contents.slice(7, 11)).toEqual(SCRIPTS.emoji.split(" "));
    // Logical order: the first word is the one at the right.
    expect(contents.slice(11, 13)).toEqual(SCRIPTS.arabic.split(" "));
  });

  it("says how text is turned, and its outline where a box says less", () => {
    const up = turnedLine(line("up", 700, 1200), -90, [700, 1200]);
    const xml = formatPage(page([line("ab", 10, 20), up]), "alto");
    // Degrees counter-clockwise; the text's top-left is the lower left corner of what is seen.
    expect(elements(xml, "TextBlock").map((each) => each["ROTATION"])).toEqual([undefined, "90"]);
    expect(elements(xml, "Polygon").map((each) => each["POINTS"])).toEqual([
      "700,1200 700,1180 720,1180 720,1200",
      "700,1200 700,1180 720,1180 720,1200",
    ]);
    expect(elements(xml, "TextLine")[1]).toMatchObject({
      HPOS: "700",
      VPOS: "1180",
      WIDTH: "20",
      HEIGHT: "20",
      BASELINE: "716,1200 716,1180",
    });
  });

  it("says what runs from right to left, and where its spaces are", () => {
    const xml = formatPage(page([line(SCRIPTS.hebrew, 100, 430, { rightToLeft: true })]), "alto");
    expect(elements(xml, "TextLine")[0]).toMatchObject({ BASEDIRECTION: "rtl" });
    // שלום is four letters at 150 … 190, עולם four at 100 … 140.
    expect(elements(xml, "SP")).toEqual([{ HPOS: "140", VPOS: "430", WIDTH: "10", HEIGHT: "20" }]);
  });

  it("has no spaces where the script has none", () => {
    const chinese = manifoldPage().lines[5];
    const xml = formatPage(page(chinese ? [chinese] : []), "alto");
    expect(elements(xml, "String").map((each) => each["CONTENT"])).toEqual(["中", "文", "字"]);
    expect(elements(xml, "SP")).toEqual([]);
  });

  it("names what it refers to", () => {
    const xml = formatPage(page([]), "alto");
    const [made] = elements(xml, "Processing");
    expect(elements(xml, "Page")[0]).toMatchObject({ PROCESSINGREFS: made?.["ID"] });
  });

  it("does not claim to have made a text layer", () => {
    const [layer] = elements(formatPage(page([], { source: "layer" }), "alto"), "Page");
    expect(layer).not.toHaveProperty("PROCESSINGREFS");
  });
});
