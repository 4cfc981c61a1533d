/** Where a page shows pictures: what is drawn on it beside text and ruling lines. */
import type { Line, Rect, RgbaImage } from "../../types.ts";
import { bodyHeight, frameOf, linesAlong, rectAround } from "./frame.ts";
import { drawnCells, patchesOf, widened, type Cells, type Patch } from "./picture-cells.ts";
import type { Rulings } from "../rulings/ruling.ts";

/** Cells to the height of a line. */
const CELLS_PER_LINE = 3;
/** Height of a line on a page without text, as a part of its longer side: about 60 lines. */
const USUAL_LINE = 1 / 60;
/** Sides and area of a picture at least, in heights of a line: what is smaller is a sign or a letter. */
const LEAST_SIDE = 3;
const LEAST_AREA = 25;
/** Cells of its box that a picture fills at least; frames around text fill less. */
const LEAST_FILL = 0.08;
/** Text in a picture: as a part of its area, and of all text of the page. */
const MOST_TEXT = 0.3;
const MOST_OF_PAGE = 0.5;
/** Parts of a picture stand no further apart, in heights of a line. */
const REACH = 1;
/** What is lower or narrower is not a part of a picture by itself, in heights of a line. */
const STRIP = 1.5;
/** Strokes over so much of the page part it or frame it; shorter ones may be axes. */
const LONG = 0.5;
/** Labels of a picture lie in it by so much of their area. */
const LABEL = 0.3;
/** Letters of a number or sign beside a picture at most, and its distance in its own heights. */
const SIGN_LETTERS = 6;
const LABEL_GAP = 1;

interface Text {
  readonly rect: Rect;
  readonly text: string;
}

/**
 * Works on cells of a third of a line's height, so that neither the size of the image nor its kind matters.
 *
 * @param lines the text of the page; what they cover is not drawn
 * @returns boxes in pixels that do not overlap, from top to bottom
 */
export function findPictures(image: RgbaImage, lines: readonly Line[], rulings: Rulings): Rect[] {
  const height =
    bodyHeight(linesAlong(frameOf(lines, false), lines, false).along) ||
    USUAL_LINE * Math.max(image.width, image.height);
  const cells = drawnCells(image, height / CELLS_PER_LINE);
  const texts = lines.map(({ polygon, text }): Text => ({ rect: rectAround([polygon]), text }));
  for (const { rect } of texts) erase(cells, grown(rect, height / 4));
  for (const stroke of longStrokes(rulings, image)) erase(cells, grown(stroke, cells.size / 2));
  const reach = Math.max(1, Math.round((REACH * height) / cells.size / 2));
  const solid = patchesOf(cells, widened(cells, reach)).filter((patch) => isFilled(patch));
  const boxes = solid.map((patch) => rectOf(patch, cells.size, image));
  // Strips are strokes and text that was not read: they hold nothing together.
  const drawn = boxes.filter((box) => Math.min(box.width, box.height) > STRIP * height);
  const large = merged(drawn, REACH * height).filter(
    (box) =>
      Math.min(box.width, box.height) >= LEAST_SIDE * height &&
      box.width * box.height >= LEAST_AREA * height * height &&
      isPicture(box, texts),
  );
  const labelled = large.map((box) => withLabels(box, texts));
  return merged(labelled, 0).toSorted((a, b) => a.y - b.y || a.x - b.x);
}

function longStrokes({ horizontal, vertical }: Rulings, page: RgbaImage): Rect[] {
  const across = horizontal
    .filter(({ from, to }) => to - from >= LONG * page.width)
    .map(({ at, from, to, thickness: height }) => ({
      x: from,
      y: at - height / 2,
      width: to - from,
      height,
    }));
  const down = vertical
    .filter(({ from, to }) => to - from >= LONG * page.height)
    .map(({ at, from, to, thickness: width }) => ({
      x: at - width / 2,
      y: from,
      width,
      height: to - from,
    }));
  return [...across, ...down];
}

function erase({ data, columns, rows, size }: Cells, { x, y, width, height }: Rect): void {
  const [left, right] = [Math.max(0, Math.floor(x / size)), Math.ceil((x + width) / size)];
  const [top, bottom] = [Math.max(0, Math.floor(y / size)), Math.ceil((y + height) / size)];
  for (let row = top; row < Math.min(rows, bottom); row++) {
    data.fill(0, row * columns + left, row * columns + Math.max(left, Math.min(columns, right)));
  }
}

function grown({ x, y, width, height }: Rect, by: number): Rect {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function isFilled({ left, right, top, bottom, count }: Patch): boolean {
  return count >= LEAST_FILL * (right - left + 1) * (bottom - top + 1);
}

function rectOf(patch: Patch, size: number, image: RgbaImage): Rect {
  const [x, y] = [patch.left * size, patch.top * size];
  return {
    x,
    y,
    width: Math.min(image.width, (patch.right + 1) * size) - x,
    height: Math.min(image.height, (patch.bottom + 1) * size) - y,
  };
}

/** Boxes that overlap, or stand nearer than a distance, become one. */
function merged(boxes: readonly Rect[], apart: number): Rect[] {
  const result: Rect[] = [];
  for (const box of boxes) {
    let joined = box;
    for (let i = result.length - 1; i >= 0; i--) {
      const other = result[i] as Rect;
      if (!touches(joined, other, apart)) continue;
      joined = union(joined, other);
      result.splice(i, 1);
      i = result.length; // the larger box may reach others
    }
    result.push(joined);
  }
  return result;
}

function touches(a: Rect, b: Rect, apart: number): boolean {
  return (
    a.x - (b.x + b.width) < apart &&
    b.x - (a.x + a.width) < apart &&
    a.y - (b.y + b.height) < apart &&
    b.y - (a.y + a.height) < apart
  );
}

function union(a: Rect, b: Rect): Rect {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** Whether what is drawn is more than the ground of text. */
function isPicture(box: Rect, texts: readonly Text[]): boolean {
  const inside = texts.reduce((sum, { rect }) => sum + sharedArea(rect, box), 0);
  const all = texts.reduce((sum, { rect }) => sum + rect.width * rect.height, 0);
  return inside <= MOST_TEXT * box.width * box.height && inside <= MOST_OF_PAGE * all;
}

function withLabels(box: Rect, texts: readonly Text[]): Rect {
  const labels = texts.filter(({ rect, text }) => {
    // Wider than half of the picture is a line of the page that touches it.
    if (rect.width > box.width / 2) return false;
    if (sharedArea(rect, box) >= LABEL * Math.max(1, rect.width * rect.height)) return true;
    return isSign(text) && isBeside(rect, box, LABEL_GAP * Math.min(rect.width, rect.height));
  });
  return labels.map(({ rect }) => rect).reduce(union, box);
}

/** Numbers at an axis and letters of parts; no word. */
function isSign(text: string): boolean {
  return text.length <= SIGN_LETTERS && !/\p{L}{3}|\p{Script=Han}/u.test(text);
}

/** Whether a box stands next to another, not off its corners. */
function isBeside(a: Rect, b: Rect, apart: number): boolean {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(across, down) > 0 && Math.min(across, down) > -apart;
}

function sharedArea(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}
