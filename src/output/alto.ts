/** ALTO 4.4 in pixels. <https://www.loc.gov/standards/alto/> */
import type { DocumentPage, Line, Quad } from "../types.ts";
import { groupLines } from "./blocks.ts";
import { baseline, boxAround, isTilted, rounded, textAngle } from "./place.ts";
import { isRightToLeft } from "./script.ts";
import { SOFTWARE, SOFTWARE_VERSION } from "./software.ts";
import { type SpacedWord, wordsOf } from "./words.ts";
import type { DocumentWriter, WriterInfo } from "./writer.ts";
import { escapeXml, xmlComment } from "./xml.ts";

const NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#";
const SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd";
const PROCESSING = "processing_1";

/** Degrees below which a block is upright: the detector's own noise. */
const LEAST_ROTATION = 0.1;

export function altoWriter(info: WriterInfo): DocumentWriter {
  return {
    head: () => head(info),
    page: (page) => `${[...pageElement(page, info)].join("\n")}\n`,
    tail: () => "  </Layout>\n</alto>\n",
  };
}

function head({ source }: WriterInfo): string {
  const image =
    source === undefined
      ? ""
      : `
    <sourceImageInformation>
      <fileName>${escapeXml(source)}</fileName>
    </sourceImageInformation>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${NAMESPACE} ${SCHEMA}" SCHEMAVERSION="4.4">
  <Description>
    <MeasurementUnit>pixel</MeasurementUnit>${image}
    <Processing ID="${PROCESSING}">
      <processingCategory>contentGeneration</processingCategory>
      <processingSoftware>
        <softwareName>${SOFTWARE}</softwareName>
        <softwareVersion>${SOFTWARE_VERSION}</softwareVersion>
      </processingSoftware>
    </Processing>
  </Description>
  <Layout>
`;
}

function* pageElement(page: DocumentPage, { language }: WriterInfo): Generator<string> {
  const { number: n, width, height } = page;
  if (page.error) yield `    ${xmlComment(`${page.error.code}: ${page.error.message}`)}`;
  // What the document said itself was not made by this software.
  const processing = page.source === "ocr" ? ` PROCESSINGREFS="${PROCESSING}"` : "";
  const lang = language === undefined ? "" : ` LANG="${language}"`;
  yield `    <Page ID="page_${n}" PHYSICAL_IMG_NR="${n}" WIDTH="${width}" HEIGHT="${height}"${processing}${lang}>`;
  yield `      <PrintSpace ID="space_${n}" HPOS="0" VPOS="0" WIDTH="${width}" HEIGHT="${height}">`;
  let lineNumber = 0;
  const strings = { next: 1 };
  for (const [b, { paragraphs }] of groupLines(page.lines).entries()) {
    // ALTO has no paragraphs: a text block is one. The block they share is a composed one.
    const many = paragraphs.length > 1;
    if (many) {
      yield `        <ComposedBlock ID="area_${n}_${b + 1}"${place(paragraphs.flat(), page)}>`;
    }
    for (const [p, lines] of paragraphs.entries()) {
      const id = `block_${n}_${b + 1}_${p + 1}`;
      yield `        <TextBlock ID="${id}"${place(lines, page)}${rotation(lines)}>`;
      for (const line of lines) {
        yield* textLine(line, `line_${n}_${++lineNumber}`, strings, page);
      }
      yield "        </TextBlock>";
    }
    if (many) yield "        </ComposedBlock>";
  }
  yield "      </PrintSpace>";
  yield "    </Page>";
}

function* textLine(
  line: Line,
  id: string,
  strings: { next: number },
  page: DocumentPage,
): Generator<string> {
  const direction = isRightToLeft(line.text) ? ' BASEDIRECTION="rtl"' : "";
  const points = baseline(line.polygon).map(([x, y]) => `${rounded(x, 1)},${rounded(y, 1)}`);
  const attributes = `${place([line], page)} BASELINE="${points.join(" ")}"${direction}`;
  yield `          <TextLine ID="${id}"${attributes}>${shape(line.polygon)}`;
  const words = wordsOf(line);
  for (const [i, word] of words.entries()) {
    const confidence = ` WC="${rounded(Math.min(1, Math.max(0, word.confidence)), 4)}"`;
    const content = ` CONTENT="${escapeXml(word.text)}"`;
    const start = `<String ID="string_${page.number}_${strings.next++}"${place([word], page)}`;
    const outline = shape(word.polygon);
    const end = outline === "" ? "/>" : `>${outline}</String>`;
    yield `            ${start}${confidence}${content}${end}`;
    const next = words[i + 1];
    if (word.spaceAfter && next) yield `            ${space(word, next, page)}`;
  }
  yield "          </TextLine>";
}

/** The gap between two words; empty where their boxes touch. */
function space(before: SpacedWord, after: SpacedWord, page: DocumentPage): string {
  const a = boxAround([before.polygon], page);
  const b = boxAround([after.polygon], page);
  // From right to left the next word lies before this one; in turned text there is no gap along x.
  const [from, to] = a.left <= b.left ? [a.right, b.left] : [b.right, a.left];
  const [top, bottom] = [Math.min(a.top, b.top), Math.max(a.bottom, b.bottom)];
  const width = Math.max(0, to - from);
  return `<SP HPOS="${from}" VPOS="${top}" WIDTH="${width}" HEIGHT="${bottom - top}"/>`;
}

function place(pieces: readonly { readonly polygon: Quad }[], page: DocumentPage): string {
  const quads = pieces.map(({ polygon }) => polygon);
  const { left, top, right, bottom } = boxAround(quads, page);
  return ` HPOS="${left}" VPOS="${top}" WIDTH="${right - left}" HEIGHT="${bottom - top}"`;
}

/** Degrees counter-clockwise, of the first line: the lines of a block hardly differ. */
function rotation(lines: readonly Line[]): string {
  const angle = lines[0] === undefined ? 0 : textAngle(lines[0].polygon);
  if (Math.abs(angle) < LEAST_ROTATION) return "";
  return ` ROTATION="${rounded((360 - angle) % 360, 1)}"`;
}

function shape(polygon: Quad): string {
  if (!isTilted(polygon)) return "";
  const points = polygon.map(([x, y]) => `${rounded(x, 1)},${rounded(y, 1)}`).join(" ");
  return `<Shape><Polygon POINTS="${points}"/></Shape>`;
}
