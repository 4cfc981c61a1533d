/** JSON and JSON lines. The form of a page is published as schema/page.schema.json; fields are only ever added. */
import type { ErrorCode } from "../errors.ts";
import type {
  Block,
  DocumentPage,
  Line,
  PageWarning,
  Quad,
  TableCell,
  Timings,
  Word,
} from "../types.ts";
import { rounded } from "./place.ts";
import type { DocumentWriter, WriterInfo } from "./writer.ts";

/** One page as JSON. */
interface PageRecord {
  file?: string;
  page: number;
  source: DocumentPage["source"];
  language?: string;
  width: number;
  height: number;
  dpi?: number;
  rotation: number;
  text: string;
  lines: (Omit<Line, "words"> & { words?: Word[] })[];
  blocks?: BlockRecord[];
  warnings?: readonly PageWarning[];
  timings: Timings;
  error?: { code: ErrorCode; message: string };
}

/** One part of a page. Its picture, if it has one, has no place in JSON. */
type BlockRecord = Omit<Block, "image">;

/** An array of pages. */
export function jsonWriter(info: WriterInfo): DocumentWriter {
  let pages = 0;
  return {
    head: () => "[",
    page: (page) => `${pages++ === 0 ? "" : ","}\n${JSON.stringify(toRecord(page, info))}`,
    tail: () => (pages === 0 ? "]\n" : "\n]\n"),
  };
}

/** One page on each line. */
export function jsonLinesWriter(info: WriterInfo): DocumentWriter {
  return {
    head: () => "",
    page: (page) => `${JSON.stringify(toRecord(page, info))}\n`,
    tail: () => "",
  };
}

function toRecord(page: DocumentPage, info: WriterInfo): PageRecord {
  const { dpi, error } = page;
  return {
    ...(info.source === undefined ? {} : { file: info.source }),
    page: page.number,
    source: page.source,
    ...(info.language === undefined ? {} : { language: info.language }),
    width: page.width,
    height: page.height,
    ...(dpi === undefined ? {} : { dpi }),
    rotation: page.rotation,
    text: page.text,
    lines: page.lines.map((line) => ({
      ...toPiece(line),
      ...(line.source ? { source: line.source } : {}),
      ...(line.words ? { words: line.words.map(toPiece) } : {}),
    })),
    ...(page.blocks ? { blocks: page.blocks.map(toBlock) } : {}),
    ...(page.warnings ? { warnings: page.warnings } : {}),
    timings: page.timings,
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  };
}

function toBlock({ image: _picture, ...block }: Block): BlockRecord {
  const { table } = block;
  return {
    ...block,
    polygon: toPolygon(block.polygon),
    confidence: rounded(block.confidence, 4),
    ...(table ? { table: { ...table, cells: table.cells.map(toCell) } } : {}),
  };
}

function toCell({ polygon, ...cell }: TableCell): TableCell {
  return polygon ? { ...cell, polygon: toPolygon(polygon) } : cell;
}

/** Hundredths of a pixel and ten-thousandths of a probability: more digits are noise, and half of the file. */
function toPiece({ text, confidence, polygon }: Word): Word {
  return { text, confidence: rounded(confidence, 4), polygon: toPolygon(polygon) };
}

function toPolygon(polygon: Quad): Quad {
  return polygon.map(([x, y]) => [rounded(x, 2), rounded(y, 2)] as const) as unknown as Quad;
}
