/** A page as coarse cells: which of them hold something that is not the page's ground. */
import type { RgbaImage } from "../../types.ts";

/** Cells by rows; 1 where something is drawn. */
export interface Cells {
  readonly data: Uint8Array;
  readonly columns: number;
  readonly rows: number;
  /** Side of a cell, in pixels. */
  readonly size: number;
}

/** Cells of a page at most, so that its size costs no memory. */
const MOST_CELLS = 250_000;
/** Pixels looked at along each side of a cell: enough to meet a stroke of one pixel in most of its cells. */
const SAMPLES = 6;
/** A colour is ground where it fills so much of the page. Flat panels are, shades of a photograph are not. */
const GROUND = 0.08;
/** Colours of ground, in bins of 16 values a channel. */
const MOST_GROUNDS = 6;
/** How far a channel may be from the ground: paper and compression are not even. */
const TOLERANCE = 40;
/** A cell holds something when so much of it does. */
const LEAST_INK = 0.12;

/** @param target side of a cell in pixels, where the page is not too large for that */
export function drawnCells(image: RgbaImage, target: number): Cells {
  const { width, height } = image;
  const least = Math.ceil(Math.sqrt((width * height) / MOST_CELLS));
  const size = Math.max(1, least, Math.round(target));
  const step = Math.max(1, Math.floor(size / SAMPLES));
  const [columns, rows] = [Math.ceil(width / size), Math.ceil(height / size)];
  const isGround = groundOf(image, step);
  const data = new Uint8Array(columns * rows);
  const ink = new Uint16Array(columns);
  const seen = new Uint16Array(columns);
  for (let row = 0; row < rows; row++) {
    ink.fill(0);
    seen.fill(0);
    const end = Math.min(height, (row + 1) * size);
    for (let y = row * size; y < end; y += step) {
      for (let x = 0; x < width; x += step) {
        const column = Math.floor(x / size);
        seen[column] = (seen[column] as number) + 1;
        if (!isGround((y * width + x) * 4)) ink[column] = (ink[column] as number) + 1;
      }
    }
    for (let column = 0; column < columns; column++) {
      const part = (ink[column] as number) / Math.max(1, seen[column] as number);
      data[row * columns + column] = part >= LEAST_INK ? 1 : 0;
    }
  }
  return { data, columns, rows, size };
}

/** Tells by a pixel's place in the data whether it has the colour of paper or of a flat panel. */
function groundOf({ data, width, height }: RgbaImage, step: number): (at: number) => boolean {
  const counts = new Uint32Array(16 ** 3);
  let all = 0;
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const bin = binAt(data, (y * width + x) * 4);
      counts[bin] = (counts[bin] as number) + 1;
      all++;
    }
  }
  const bins = Array.from(counts, (count, bin) => ({ count, bin }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const grounds = bins
    .filter(({ count }, i) => i === 0 || count >= GROUND * all)
    .slice(0, MOST_GROUNDS)
    .map(({ bin }) => [(bin >> 8) * 16 + 8, ((bin >> 4) & 15) * 16 + 8, (bin & 15) * 16 + 8]);
  // One look-up for a pixel instead of a comparison with each ground.
  const near = new Uint8Array(16 ** 3);
  for (let bin = 0; bin < near.length; bin++) {
    const [r, g, b] = [(bin >> 8) * 16 + 8, ((bin >> 4) & 15) * 16 + 8, (bin & 15) * 16 + 8];
    const isNear = grounds.some(
      ([red = 0, green = 0, blue = 0]) =>
        Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue)) <= TOLERANCE,
    );
    near[bin] = isNear ? 1 : 0;
  }
  return (at) => near[binAt(data, at)] === 1;
}

function binAt(data: RgbaImage["data"], at: number): number {
  const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
  return ((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4);
}

/** Cells with something at most `reach` cells away in both directions. */
export function widened({ data, columns, rows, size }: Cells, reach: number): Cells {
  const across = new Uint8Array(data.length);
  const both = new Uint8Array(data.length);
  for (let row = 0; row < rows; row++) spread(data, across, row * columns, 1, columns, reach);
  for (let column = 0; column < columns; column++) {
    spread(across, both, column, columns, rows, reach);
  }
  return { data: both, columns, rows, size };
}

function spread(
  from: Uint8Array,
  to: Uint8Array,
  start: number,
  stride: number,
  length: number,
  reach: number,
): void {
  let until = -1;
  for (let i = 0; i < length; i++) {
    if (from[start + i * stride] !== 1) continue;
    const end = Math.min(length - 1, i + reach);
    for (let k = Math.max(until + 1, i - reach); k <= end; k++) to[start + k * stride] = 1;
    until = Math.max(until, end);
  }
}

/** One connected part of the widened cells; the extent and number of those that hold something. */
export interface Patch {
  left: number;
  right: number;
  top: number;
  bottom: number;
  count: number;
}

/** Patches that hang together in `wide`; bounds are cells of `drawn`, right and bottom inside. */
export function patchesOf(drawn: Cells, wide: Cells): Patch[] {
  const { columns, rows } = drawn;
  const open = wide.data.slice();
  const patches: Patch[] = [];
  const stack: number[] = [];
  for (let first = 0; first < open.length; first++) {
    if (open[first] !== 1) continue;
    const patch: Patch = { left: columns, right: -1, top: rows, bottom: -1, count: 0 };
    open[first] = 0;
    stack.push(first);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [x, y] = [at % columns, Math.floor(at / columns)];
      if (drawn.data[at] === 1) {
        patch.left = Math.min(patch.left, x);
        patch.right = Math.max(patch.right, x);
        patch.top = Math.min(patch.top, y);
        patch.bottom = Math.max(patch.bottom, y);
        patch.count++;
      }
      const next = [
        x > 0 ? at - 1 : -1,
        x < columns - 1 ? at + 1 : -1,
        y > 0 ? at - columns : -1,
        y < rows - 1 ? at + columns : -1,
      ];
      for (const other of next) {
        if (other < 0 || open[other] !== 1) continue;
        open[other] = 0;
        stack.push(other);
      }
    }
    if (patch.count > 0) patches.push(patch);
  }
  return patches;
}
