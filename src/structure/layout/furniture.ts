/** What stands in the margins of a page: running heads, footers, page numbers. */
import { boxAround, sharedX, weightedMedian, widthOf, type Box, type TextLine } from "./frame.ts";
import { letterWidth } from "./print-size.ts";
import { rowOf } from "./rows.ts";
import { captionStart, isPageNumber, sectionDepth } from "./marks.ts";

export type Furniture = "header" | "footer" | "page-number";

/** Rows that a running head or a footer has at most. */
const MOST_BANDS = 4;
/** Part of the page's height that its margin may take, with a stroke or a page number to tell, and without. */
const MARGIN = 0.15;
const PLAIN_MARGIN = 0.1;
/** Running heads are not larger than the text: height against the text's. */
const MOST_HEIGHT = 1.3;
/** The same of the width of their letters. */
const MOST_WIDTH = 1.3;
/**
 * White space that sets off a running head by itself, and one with a page number: heights of the text's boxes.
 * An empty line between two paragraphs leaves two thirds of one.
 */
const PLAIN_GAP = 1;
const NUMBERED_GAP = 0.5;
/** White space that a stroke takes where it sets off a margin, and the most between two rows of one. */
const RULED_GAP = 0.5;
const INNER_GAP = 1;
/** A stroke sets off a margin when it has so much of the text's width. */
const STROKE = 0.6;
/** How far from the middle of its row a page number may stand between others, as a part of the row. */
const MIDDLE = 0.1;
/** Fewer lines are not a page but a label or a part of one. */
const LEAST_LINES = 6;

export interface FurnitureInput {
  readonly lines: readonly TextLine[];
  /** Figures and tables. */
  readonly others: readonly Box[];
  /** Horizontal strokes. */
  readonly strokes: readonly Box[];
  readonly page: Box;
  /** Height of the text. */
  readonly body: number;
}

/** By the index of the page's line. */
export function findFurniture(input: FurnitureInput): Map<number, Furniture> {
  const found = new Map<number, Furniture>();
  if (input.lines.length < LEAST_LINES) return found;
  const upsideDown: FurnitureInput = {
    ...input,
    lines: input.lines.map(flipped),
    others: input.others.map(flipped),
    strokes: input.strokes.map(flipped),
    page: flipped(input.page),
  };
  for (const [side, type] of [
    [input, "header"],
    [upsideDown, "footer"],
  ] as const) {
    for (const band of marginBands(side, type)) {
      for (const line of band) {
        const number = isPageNumber(line.text) && isOuter(line, band);
        found.set(line.index, number ? "page-number" : type);
      }
    }
  }
  // A page that is nothing but margins was misunderstood.
  return found.size < input.lines.length ? found : new Map();
}

function flipped<T extends Box>(box: T): T {
  return { ...box, top: -box.bottom, bottom: -box.top };
}

/** Rows from the upper edge on that stand in the margin. */
function marginBands(
  { lines, others, strokes, page, body }: FurnitureInput,
  type: "header" | "footer",
): TextLine[][] {
  const bands = outermost(lines);
  const width = widthOf(boxAround(lines));
  const height = page.bottom - page.top;
  const letters = usualLetters(lines);
  let accepted = 0;
  let numbered = false;
  for (const [i, band] of bands.entries()) {
    const box = boxAround(band);
    const depth = (box.bottom - page.top) / height;
    if (depth > MARGIN || band.some((line) => line.height > MOST_HEIGHT * body)) break;
    // Boxes are higher than their letters, and tell less of a title's size.
    if (band.some((line) => (letterWidth([rowOf([line])]) ?? 0) > MOST_WIDTH * letters)) break;
    const outer = bands[i - 1];
    // What stands away from the margin's other rows is text again.
    if (outer && box.top - boxAround(outer).bottom > INNER_GAP * body) break;
    if (band.some(({ text }) => captionStart(text)?.sure === true)) break;
    const inner = nextContent(bands.slice(0, i + 1).flat(), lines, others);
    if (inner === undefined) break;
    numbered ||= band.some((line) => isPageNumber(line.text) && isOuter(line, band));
    const gap = inner - box.bottom;
    const between = strokes.filter(
      (stroke) => middle(stroke) > middle(box) && stroke.top < inner + body / 2,
    );
    const ruled = between.some((stroke) => widthOf(stroke) >= STROKE * width);
    // Under a short stroke or with a mark they are footnotes.
    const noted = between.length > 0 || band.some(({ text }) => /^[*∗†‡§¶※¹²³]/u.test(text));
    if (type === "footer" && !ruled && noted) break;
    const plain =
      depth <= PLAIN_MARGIN && gap >= PLAIN_GAP * body && !isHeading(band.map(({ text }) => text));
    const wide = gap >= RULED_GAP * body;
    if ((ruled && wide) || plain || (numbered && gap >= NUMBERED_GAP * body)) accepted = i + 1;
  }
  return bands.slice(0, accepted);
}

/** Width of most letters; infinite where none are known. */
function usualLetters(lines: readonly TextLine[]): number {
  const known = lines.flatMap((line) => {
    const value = letterWidth([rowOf([line])]);
    return value === undefined ? [] : [{ value, weight: widthOf(line) }];
  });
  return weightedMedian(known) || Infinity;
}

function isHeading(texts: readonly string[]): boolean {
  return texts.length === 1 && sectionDepth(texts[0] as string) !== undefined;
}

/** The first rows of a page, whatever columns they belong to. */
function outermost(lines: readonly TextLine[]): TextLine[][] {
  const bands: TextLine[][] = [];
  for (const line of lines.toSorted((a, b) => middle(a) - middle(b))) {
    const band = bands.at(-1);
    const first = band?.[0];
    if (band && first && middle(line) - middle(first) <= Math.min(line.height, first.height) / 2) {
      band.push(line);
    } else if (bands.length < MOST_BANDS) {
      bands.push([line]);
    } else {
      break;
    }
  }
  return bands;
}

/** Where the page goes on below some lines, unless it ends there. */
function nextContent(
  above: readonly TextLine[],
  lines: readonly TextLine[],
  others: readonly Box[],
): number | undefined {
  const taken = new Set(above);
  // A logo in the margin is part of it.
  const { bottom } = boxAround(above);
  const rest = [
    ...lines.filter((line) => !taken.has(line)),
    ...others.filter((other) => other.bottom > bottom),
  ];
  return rest.length === 0 ? undefined : Math.min(...rest.map(({ top }) => top));
}

/** A page number stands alone, at an end of its row, or in the middle of it. */
function isOuter(line: TextLine, band: readonly TextLine[]): boolean {
  const lefts = band.filter((other) => other !== line && other.right <= line.left);
  const rights = band.filter((other) => other !== line && other.left >= line.right);
  const crowded = band.some((other) => other !== line && sharedX(other, line) > 0);
  const box = boxAround(band);
  const off = Math.abs(line.left + line.right - box.left - box.right) / 2;
  const central = off < MIDDLE * widthOf(box);
  return !crowded && (central || lefts.length === 0 || rights.length === 0);
}

function middle({ top, bottom }: Box): number {
  return (top + bottom) / 2;
}
