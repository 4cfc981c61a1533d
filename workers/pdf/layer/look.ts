/** A cheap look at a page without the text that is known: is there ink left that may be text? */
import type { Quad, RgbaImage } from "../../../src/types.ts";
import type { Box } from "./box.ts";

/** Pixels per inch: print of 6 points is 6 to 8 pixels high. */
export const LOOK_DPI = 90;
/** Pixels along each side of the cells that are looked at. */
const CELL = 4;
/** Difference between the lightest and the darkest pixel of a cell with an edge in it, of 255. */
const EDGE = 70;
/** Cells that are so far apart belong together: the space between two words. */
const REACH = 3;
/** Smaller patches are specks, rules and dots: cells, pixels. */
const LEAST_CELLS = 8;
const LEAST_HEIGHT = 6;
const LEAST_WIDTH = 12;

export interface Look {
  /** Patches of ink, in the unit of the boxes that were asked about. */
  readonly ink: readonly Box[];
  /** Part of the hidden words that have ink under them, 0–1; 1 where there are none. */
  readonly support: number;
}

/**
 * @param image the page without its known text
 * @param scale pixels per point
 * @param where only these parts matter, in points
 * @param hidden words that a reader cannot see, in points: their ink is explained
 */
export function lookAt(
  image: RgbaImage,
  scale: number,
  where: readonly Box[],
  hidden: readonly Quad[],
): Look {
  const columns = Math.ceil(image.width / CELL);
  const rows = Math.ceil(image.height / CELL);
  const busy = edges(image, columns, rows);
  const cellsOf = ([left, top, right, bottom]: Box): Box => [
    Math.max(0, Math.floor((left * scale) / CELL)),
    Math.max(0, Math.floor((top * scale) / CELL)),
    Math.min(columns, Math.ceil((right * scale) / CELL)),
    Math.min(rows, Math.ceil((bottom * scale) / CELL)),
  ];
  const words = hidden.map((quad) => cellsOf(around(quad)));
  const supported = words.filter((box) => some(busy, columns, box)).length;
  const asked = new Uint8Array(busy.length);
  for (const box of where) fill(asked, columns, cellsOf(box), 1);
  for (const box of words) fill(asked, columns, box, 0);
  for (let i = 0; i < busy.length; i++) busy[i] = (busy[i] as number) & (asked[i] as number);
  const ink = patches(busy, columns, rows).map(([left, top, right, bottom]): Box => {
    const size = CELL / scale;
    return [left * size, top * size, right * size, bottom * size];
  });
  return { ink, support: words.length === 0 ? 1 : supported / words.length };
}

export function around(quad: Quad): Box {
  const xs = quad.map(([x]) => x);
  const ys = quad.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Cells with an edge in them, or between them and the next. */
function edges({ data, width, height }: RgbaImage, columns: number, rows: number): Uint8Array {
  const low = new Uint8Array(columns * rows).fill(255);
  const high = new Uint8Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / CELL) * columns;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      // Green is most of what the eye sees; coloured ink on white is dark in one of the three.
      const light = Math.min(data[at] as number, data[at + 1] as number, data[at + 2] as number);
      const cell = row + Math.floor(x / CELL);
      if (light < (low[cell] as number)) low[cell] = light;
      if (light > (high[cell] as number)) high[cell] = light;
    }
  }
  return low.map((value, i) => ((high[i] as number) - value >= EDGE ? 1 : 0));
}

function fill(
  cells: Uint8Array,
  columns: number,
  [left, top, right, bottom]: Box,
  value: number,
): void {
  for (let y = top; y < bottom; y++) cells.fill(value, y * columns + left, y * columns + right);
}

function some(cells: Uint8Array, columns: number, [left, top, right, bottom]: Box): boolean {
  for (let y = top; y < bottom; y++) {
    if (cells.subarray(y * columns + left, y * columns + right).includes(1)) return true;
  }
  return false;
}

/** Cells that lie near each other, as boxes of cells; what is too small for a word is left out. */
function patches(busy: Uint8Array, columns: number, rows: number): Box[] {
  const found: Box[] = [];
  const seen = new Uint8Array(busy.length);
  for (let start = 0; start < busy.length; start++) {
    if (!busy[start] || seen[start]) continue;
    const stack = [start];
    seen[start] = 1;
    let [left, top, right, bottom, count] = [columns, rows, 0, 0, 0];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [x, y] = [at % columns, Math.floor(at / columns)];
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
      count++;
      for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
        for (let u = Math.max(0, x - REACH); u <= Math.min(columns - 1, x + REACH); u++) {
          const next = v * columns + u;
          if (!busy[next] || seen[next]) continue;
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
    const large = (right - left) * CELL >= LEAST_WIDTH && (bottom - top) * CELL >= LEAST_HEIGHT;
    if (large && count >= LEAST_CELLS) found.push([left, top, right, bottom]);
  }
  return found;
}
