/** What lies under and over each place of a page, as a coarse grid that is painted in drawing order. */
import type { Point } from "../../../src/types.ts";
import type { Box } from "./box.ts";
import { UNKNOWN, WHITE } from "./colour.ts";

/** Points. Smaller cells cost time and tell no more: text is larger. */
const LEAST_CELL = 2;
/** Cells along the longer side of the page, at most. */
const MAX_CELLS = 500;
/** Underlines, strikes and rules are thinner than this. They hide no text. Points. */
const LEAST_COVER = 4;

export type CoverKind = "shape" | "picture";

export class Paper {
  readonly #cell: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #colour: Int32Array;
  /** When the cell was last covered by something opaque; 0 for never. */
  readonly #shape: Int32Array;
  readonly #picture: Int32Array;

  constructor(width: number, height: number) {
    this.#cell = Math.max(LEAST_CELL, Math.max(width, height) / MAX_CELLS);
    this.#columns = Math.max(1, Math.ceil(width / this.#cell));
    this.#rows = Math.max(1, Math.ceil(height / this.#cell));
    const cells = this.#columns * this.#rows;
    this.#colour = new Int32Array(cells).fill(WHITE);
    this.#shape = new Int32Array(cells);
    this.#picture = new Int32Array(cells);
  }

  /**
   * @param colour 0xRRGGBB, or {@link UNKNOWN}
   * @param time rises with each drawing step
   * @param opaque whether nothing shines through
   */
  paint(box: Box, colour: number, time: number, kind: CoverKind, opaque: boolean): void {
    const thin = Math.min(box[2] - box[0], box[3] - box[1]) < LEAST_COVER;
    const [left, right] = this.#range(box[0], box[2], this.#columns);
    const [top, bottom] = this.#range(box[1], box[3], this.#rows);
    const covered = kind === "shape" ? this.#shape : this.#picture;
    for (let y = top; y < bottom; y++) {
      const row = y * this.#columns;
      this.#colour.fill(opaque ? colour : UNKNOWN, row + left, row + right);
      if (opaque && !thin) covered.fill(time, row + left, row + right);
    }
  }

  /** 0xRRGGBB, or {@link UNKNOWN}. */
  colourAt(place: Point): number {
    return this.#colour[this.#index(place)] ?? WHITE;
  }

  /** What was drawn over all of these places after that time. */
  coverSince(places: readonly Point[], time: number): CoverKind | undefined {
    const under = (covered: Int32Array): boolean =>
      places.every((place) => (covered[this.#index(place)] ?? 0) > time);
    if (under(this.#shape)) return "shape";
    return under(this.#picture) ? "picture" : undefined;
  }

  /** Part of the page that pictures cover, 0–1. */
  get pictureShare(): number {
    let count = 0;
    for (const time of this.#picture) if (time > 0) count++;
    return count / this.#picture.length;
  }

  #range(from: number, to: number, count: number): [number, number] {
    const place = (value: number): number =>
      Math.min(count, Math.max(0, Math.round(value / this.#cell))) || 0;
    return [place(from), place(to)];
  }

  #index([x, y]: Point): number {
    const column = Math.min(this.#columns - 1, Math.max(0, Math.floor(x / this.#cell)));
    const row = Math.min(this.#rows - 1, Math.max(0, Math.floor(y / this.#cell)));
    return row * this.#columns + column;
  }
}
