/** hOCR 1.2, as XHTML that both XML and HTML parsers read. <https://kba.github.io/hocr-spec/1.2/> */
import type { DocumentPage, Line, Quad } from "../types.ts";
import { groupLines } from "./blocks.ts";
import { baseline, boxAround, isTilted, rounded, textAngle, textHeight } from "./place.ts";
import { isRightToLeft } from "./script.ts";
import { SOFTWARE, SOFTWARE_VERSION } from "./software.ts";
import { wordsOf } from "./words.ts";
import type { DocumentWriter, WriterInfo } from "./writer.ts";
import { escapeXml, xmlComment } from "./xml.ts";

const CAPABILITIES =
  "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf ocrp_poly ocrp_dir ocrp_lang";

/** Degrees from which on text counts as turned rather than as a line with a slope. */
const TURNED = 45;

export function hocrWriter(info: WriterInfo): DocumentWriter {
  return {
    head: () => head(info),
    page: (page) => `${[...body(page, info)].join("\n")}\n`,
    tail: () => " </body>\n</html>\n",
  };
}

function head({ title, source, language }: WriterInfo): string {
  const lang = language === undefined ? "" : ` xml:lang="${language}" lang="${language}"`;
  const meta = (name: string, content: string): string =>
    `  <meta name="${name}" content="${content}"/>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"${lang}>
 <head>
  <title>${escapeXml(title ?? source ?? "")}</title>
  <meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
${meta("ocr-system", `${SOFTWARE} ${SOFTWARE_VERSION}`)}${meta("ocr-capabilities", CAPABILITIES)}${
    language === undefined ? "" : meta("ocr-langs", language)
  } </head>
 <body>
`;
}

function* body(page: DocumentPage, info: WriterInfo): Generator<string> {
  const n = page.number;
  if (page.error) yield `  ${xmlComment(`${page.error.code}: ${page.error.message}`)}`;
  yield `  <div class="ocr_page" id="page_${n}" title="${pageTitle(page, info)}">`;
  let paragraphNumber = 0;
  let lineNumber = 0;
  const words = { next: 1 };
  for (const [b, { paragraphs }] of groupLines(page.lines).entries()) {
    const area = bbox(paragraphs.flat(), page);
    yield `   <div class="ocr_carea" id="block_${n}_${b + 1}" title="${area}">`;
    for (const lines of paragraphs) {
      yield `    <p class="ocr_par" id="par_${n}_${++paragraphNumber}" title="${bbox(lines, page)}">`;
      for (const line of lines) yield lineSpan(line, `line_${n}_${++lineNumber}`, words, page);
      yield "    </p>";
    }
    yield "   </div>";
  }
  yield "  </div>";
}

/** A line stays on one line of the file: a line feed between two words would be a space between them. */
function lineSpan(line: Line, id: string, words: { next: number }, page: DocumentPage): string {
  const direction = isRightToLeft(line.text) ? ' dir="rtl"' : "";
  const spans = wordsOf(line).map((word) => {
    const title = `${bbox([word], page)}; x_wconf ${Math.round(word.confidence * 100)}`;
    const span = `<span class="ocrx_word" id="word_${page.number}_${words.next++}" title="${title}">`;
    return `${span}${escapeXml(word.text)}</span>${word.spaceAfter ? " " : ""}`;
  });
  const start = `<span class="ocr_line" id="${id}"${direction} title="${lineTitle(line, page)}">`;
  return `     ${start}${spans.join("")}</span>`;
}

function pageTitle({ number, width, height, dpi }: DocumentPage, { source }: WriterInfo): string {
  // The value ends at the next quote, for which there is no escape.
  const image = source === undefined ? "" : `image "${source.replaceAll('"', "'")}"; `;
  const resolution = dpi === undefined ? "" : `; scan_res ${Math.round(dpi)} ${Math.round(dpi)}`;
  return `${escapeXml(image)}bbox 0 0 ${width} ${height}; ppageno ${number - 1}${resolution}`;
}

function lineTitle(line: Line, page: DocumentPage): string {
  const { polygon } = line;
  const parts = [bbox([line], page)];
  const angle = textAngle(polygon);
  if (Math.abs(angle) < TURNED) parts.push(baselineOf(polygon, page));
  else parts.push(`textangle ${rounded((360 - angle) % 360, 2)}`); // counter-clockwise
  parts.push(`x_size ${rounded(textHeight(polygon), 2)}`);
  if (isTilted(polygon)) parts.push(`poly ${polygon.flat().map(Math.round).join(" ")}`);
  return parts.join("; ");
}

/** Slope, and the height of the baseline at the box's left side, counted downwards from its lower edge. */
function baselineOf(polygon: Quad, page: DocumentPage): string {
  const [[x0, y0], [x1, y1]] = baseline(polygon);
  const { left, bottom } = boxAround([polygon], page);
  const slope = x1 === x0 ? 0 : (y1 - y0) / (x1 - x0);
  return `baseline ${rounded(slope, 4)} ${rounded(y0 + slope * (left - x0) - bottom, 2)}`;
}

function bbox(pieces: readonly { readonly polygon: Quad }[], page: DocumentPage): string {
  const quads = pieces.map(({ polygon }) => polygon);
  const { left, top, right, bottom } = boxAround(quads, page);
  return `bbox ${left} ${top} ${right} ${bottom}`;
}
