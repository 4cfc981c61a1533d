/** TSV with the twelve columns of Tesseract: one row for each page, block, paragraph, line and word. */
import type { DocumentPage, Quad } from "../types.ts";
import { groupLines } from "./blocks.ts";
import { boxAround, rounded } from "./place.ts";
import { printable } from "./text.ts";
import { wordsOf } from "./words.ts";
import type { DocumentWriter } from "./writer.ts";

const COLUMNS =
  "level page_num block_num par_num line_num word_num left top width height conf text".split(" ");

/** Numbers of page, block, paragraph, line and word; what a level does not have is 0. */
type Numbers = readonly [number, number, number, number, number];

export function tsvWriter(): DocumentWriter {
  return {
    head: () => `${COLUMNS.join("\t")}\n`,
    page: (page) => [...rows(page)].join(""),
    tail: () => "",
  };
}

function* rows(page: DocumentPage): Generator<string> {
  const n = page.number;
  const corners = { left: 0, top: 0, right: page.width, bottom: page.height };
  yield row(1, [n, 0, 0, 0, 0], corners);
  const group = (level: number, numbers: Numbers, quads: readonly Quad[]): string =>
    row(level, numbers, boxAround(quads, page));
  for (const [b, { paragraphs }] of groupLines(page.lines).entries()) {
    const quads = paragraphs.flat().map(({ polygon }) => polygon);
    yield group(2, [n, b + 1, 0, 0, 0], quads);
    for (const [p, lines] of paragraphs.entries()) {
      const paragraph = lines.map(({ polygon }) => polygon);
      yield group(3, [n, b + 1, p + 1, 0, 0], paragraph);
      for (const [l, line] of lines.entries()) {
        yield group(4, [n, b + 1, p + 1, l + 1, 0], [line.polygon]);
        for (const [w, word] of wordsOf(line).entries()) {
          const box = boxAround([word.polygon], page);
          const confidence = String(rounded(word.confidence * 100, 2));
          yield row(5, [n, b + 1, p + 1, l + 1, w + 1], box, confidence, word.text);
        }
      }
    }
  }
}

function row(
  level: number,
  numbers: Numbers,
  { left, top, right, bottom }: ReturnType<typeof boxAround>,
  confidence: string = "-1",
  text: string = "",
): string {
  const cells = [level, ...numbers, left, top, right - left, bottom - top, confidence];
  // A tab or line feed inside a word would be another cell or row.
  return `${cells.join("\t")}\t${printable(text.replace(/\s/gu, " "))}\n`;
}
