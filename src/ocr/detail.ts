/** Where an image has fine detail, be it text, a pattern or noise: what a look at a smaller scale may have missed. */
import { type Frame, toImageRect } from "./frame.ts";
import type { Rect } from "../types.ts";

/** Side of a cell in pixels of the image. */
export const CELL = 16;

/** Sum of the differences of the three channels that makes an edge. Paper and JPEG noise stay below it. */
const EDGE = 90;

/** Edges that make a cell one with detail; a speck has fewer. */
const LEAST_EDGES = 3;

/** Cells of a frame, row by row. */
export interface DetailGrid {
  readonly columns: number;
  readonly rows: number;
  /** 1 for a cell with detail. */
  readonly cells: Uint8Array;
}

/** Looks at every second row of the pixels, and compares each pixel with the second one beside and below it. */
export function findDetail(frame: Frame): DetailGrid {
  const { image, part } = frame;
  const columns = Math.ceil(frame.width / CELL);
  const rows = Math.ceil(frame.height / CELL);
  const cells = new Uint8Array(columns * rows);
  const { data, width: stride } = image;
  const edges = new Uint16Array(Math.ceil(part.width / CELL));
  for (let top = 0; top < part.height; top += CELL) {
    edges.fill(0);
    const bottom = Math.min(top + CELL, part.height - 2);
    for (let y = top; y < bottom; y += 2) {
      let at = ((part.y + y) * stride + part.x) * 4;
      for (let x = 0; x < part.width - 2; x++, at += 4) {
        if (difference(data, at, at + 8) >= EDGE || difference(data, at, at + 8 * stride) >= EDGE) {
          edges[x >> 4] = (edges[x >> 4] as number) + 1;
        }
      }
    }
    edges.forEach((count, i) => {
      if (count < LEAST_EDGES) return;
      const [x, y] = [i * CELL, top];
      const [u, v] = frame.turned ? [frame.width - 1 - y, x] : [x, y];
      cells[Math.floor(v / CELL) * columns + Math.floor(u / CELL)] = 1;
    });
  }
  return { columns, rows, cells };
}

/**
 * How many rows of an upright rectangle of the frame hold edges: the height of the print in a box, which detectors draw
 * much too high around letters of a few pixels.
 */
export function printHeight(frame: Frame, box: Rect): number {
  const { image, turned } = frame;
  const { data, width: stride } = image;
  const { x, y, width, height } = toImageRect(frame, box);
  const left = Math.max(0, Math.floor(x));
  const top = Math.max(0, Math.floor(y));
  const right = Math.min(stride, Math.ceil(x + width)) - (turned ? 0 : 2);
  const bottom = Math.min(image.height, Math.ceil(y + height)) - (turned ? 2 : 0);
  const [rowStep, columnStep, neighbour] = turned
    ? [4, 4 * stride, 8 * stride]
    : [4 * stride, 4, 8];
  const [rows, columns] = turned ? [right - left, bottom - top] : [bottom - top, right - left];
  let printed = 0;
  for (let row = 0; row < rows; row++) {
    let at = (top * stride + left) * 4 + row * rowStep;
    let edges = 0;
    for (let i = 0; i < columns && edges < LEAST_EDGES; i++, at += columnStep) {
      if (difference(data, at, at + neighbour) >= EDGE) edges++;
    }
    if (edges >= LEAST_EDGES) printed++;
  }
  return printed;
}

function difference(data: Uint8Array | Uint8ClampedArray, a: number, b: number): number {
  return (
    Math.abs((data[a] as number) - (data[b] as number)) +
    Math.abs((data[a + 1] as number) - (data[b + 1] as number)) +
    Math.abs((data[a + 2] as number) - (data[b + 2] as number))
  );
}

/** Takes the detail out of a rectangle, in pixels of the frame; cells that it touches count as inside. */
export function coverDetail({ columns, rows, cells }: DetailGrid, rect: Rect): void {
  const { left, top, right, bottom } = cellsOf(rect, columns, rows);
  for (let y = top; y < bottom; y++) cells.fill(0, y * columns + left, y * columns + right);
}

/** How many cells that a rectangle touches have detail. */
export function countDetail({ columns, rows, cells }: DetailGrid, rect: Rect): number {
  const { left, top, right, bottom } = cellsOf(rect, columns, rows);
  let count = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) count += cells[y * columns + x] as number;
  }
  return count;
}

function cellsOf(
  { x, y, width, height }: Rect,
  columns: number,
  rows: number,
): { left: number; top: number; right: number; bottom: number } {
  return {
    left: Math.max(0, Math.floor(x / CELL)),
    top: Math.max(0, Math.floor(y / CELL)),
    right: Math.min(columns, Math.ceil((x + width) / CELL)),
    bottom: Math.min(rows, Math.ceil((y + height) / CELL)),
  };
}
