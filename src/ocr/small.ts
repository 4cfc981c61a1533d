/**
 * Pictures that are hardly larger than a line or a character. Detectors need paper around text, and letters of a
 * middling size; enlarging such a picture to the size of a page, as the reference does, costs a second and finds less.
 */
import type { Line, Point, Quad, Rect, RgbaImage, Word } from "../types.ts";
import { boundsOf } from "../core/quad.ts";
import { growQuad } from "./geometry.ts";
import { rectQuad } from "./region.ts";

/** A picture is small when its short side has fewer pixels. */
const SMALL_SIDE = 150;

/** Least difference from the paper, of the strongest channel, that makes ink. */
const LEAST_INK = 40;

/** Ink differs from the paper by so much of what differs most. */
const INK_SHARE = 0.45;

/** Gaps in a row of text across its height, as a part of it: dots over letters, colons, equals signs. */
const INNER_GAP = 0.3;

/** A row of text fills so much of the height of its picture. */
const LEAST_ROW = 0.15;

/** A character of fewer pixels cannot be read. */
const LEAST_HEIGHT = 5;

/** Rows and columns that are looked at, at most: ink of a large picture is large. */
const SAMPLES = 2000;

/** The one row of ink that a picture holds. */
export interface InkRow {
  /** In pixels of the image. */
  readonly box: Rect;
  /** The widest gap along the row in pixels. */
  readonly gap: number;
}

export function isSmall({ width, height }: Rect): boolean {
  return Math.min(width, height) < SMALL_SIDE;
}

/** A part of an image with a border of its own paper. */
export function addBorder(
  image: RgbaImage,
  part: Rect,
): { readonly image: RgbaImage; readonly left: number; readonly top: number } {
  const border = Math.min(64, Math.max(16, Math.round(Math.min(part.width, part.height) / 2)));
  const paper = paperOf(image, part);
  const width = part.width + 2 * border;
  const height = part.height + 2 * border;
  const data = new Uint8Array(width * height * 4);
  data.set(paper);
  // A pixel at a time is slow on a strip of forty thousand; each copy doubles what there is.
  for (let done = 4; done < data.length; done *= 2) data.copyWithin(done, 0, done);
  for (let y = 0; y < part.height; y++) {
    const from = ((part.y + y) * image.width + part.x) * 4;
    const row = image.data.subarray(from, from + part.width * 4);
    data.set(row, ((border + y) * width + border) * 4);
  }
  return { image: { data, width, height }, left: part.x - border, top: part.y - border };
}

/** A line of a picture with a border, in the frame of the picture without. */
export function moveLine(line: Line, left: number, top: number, bounds: Rect): Line {
  const move = (quad: Quad): Quad =>
    quad.map(([x, y]): Point => [
      Math.min(Math.max(x + left, bounds.x), bounds.x + bounds.width),
      Math.min(Math.max(y + top, bounds.y), bounds.y + bounds.height),
    ]) as unknown as Quad;
  const moveWord = (word: Word): Word => ({ ...word, polygon: move(word.polygon) });
  return {
    ...line,
    polygon: move(line.polygon),
    ...(line.words ? { words: line.words.map(moveWord) } : {}),
  };
}

/** The scale at which a detector is shown a small picture, of whose height `print` pixels are print. */
export function smallScale(print: number | undefined): number {
  return print === undefined ? 1 : Math.min(2, Math.max(0.75, 32 / print));
}

/**
 * Looks for ink that lies in one row, on plain paper.
 *
 * @returns nothing where there is no ink, or more than one row, or only a speck
 */
export function findInkRow(image: RgbaImage, part: Rect): InkRow | undefined {
  const paper = paperOf(image, part);
  const step = Math.max(1, Math.floor(Math.max(part.width, part.height) / SAMPLES));
  const columns = Math.ceil(part.width / step);
  const rows = Math.ceil(part.height / step);
  const differences = new Uint8Array(columns * rows);
  let strongest = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = ((part.y + row * step) * image.width + part.x + column * step) * 4;
      let most = 0;
      for (let c = 0; c < 3; c++) {
        most = Math.max(most, Math.abs((image.data[at + c] as number) - (paper[c] as number)));
      }
      differences[row * columns + column] = most;
      strongest = Math.max(strongest, most);
    }
  }
  if (strongest < LEAST_INK) return undefined;
  const ink = Math.max(LEAST_INK, INK_SHARE * strongest);
  const inRow = new Uint8Array(rows);
  const inColumn = new Uint8Array(columns);
  differences.forEach((value, i) => {
    if (value < ink) return;
    inRow[Math.floor(i / columns)] = 1;
    inColumn[i % columns] = 1;
  });
  const across = extent(inRow);
  const along = extent(inColumn);
  const height = across.to - across.from;
  if (across.gap > INNER_GAP * height) return undefined;
  if (height < LEAST_ROW * rows || height * step < LEAST_HEIGHT) return undefined;
  return {
    box: {
      x: part.x + along.from * step,
      y: part.y + across.from * step,
      width: (along.to - along.from) * step,
      height: height * step,
    },
    gap: along.gap * step,
  };
}

/** Whether the lines that were found lie in the row, and belong together as one. */
export function isOneLine({ box, gap }: InkRow, quads: readonly Quad[]): boolean {
  if (quads.length === 0) return true;
  const bounds = quads.map(boundsOf);
  // Lines that are set close have gaps like those over the dots of letters; their boxes tell them apart.
  const lowestTop = Math.max(...bounds.map(({ y }) => y));
  const highestBottom = Math.min(...bounds.map(({ y, height }) => y + height));
  return (
    gap <= 1.2 * box.height &&
    lowestTop < Math.min(highestBottom, box.y + box.height) &&
    highestBottom > box.y
  );
}

/** The row with some of the paper around it. */
export function rowCrop({ box }: InkRow): Quad {
  const across = 0.12 * box.height;
  return growQuad(rectQuad(box), 0.15 * box.height, across, across);
}

/** From the first to behind the last 1, and the longest run of 0 between them. */
function extent(flags: Uint8Array): { from: number; to: number; gap: number } {
  const from = flags.indexOf(1);
  const to = flags.lastIndexOf(1) + 1;
  let gap = 0;
  let run = 0;
  for (let i = from; i < to; i++) {
    run = flags[i] === 1 ? 0 : run + 1;
    gap = Math.max(gap, run);
  }
  return { from, to, gap };
}

/** The median colour along the edges. */
function paperOf(image: RgbaImage, part: Rect): readonly [number, number, number, number] {
  const counts = [0, 1, 2].map(() => new Uint32Array(256));
  let all = 0;
  const add = (x: number, y: number): void => {
    const at = ((part.y + y) * image.width + part.x + x) * 4;
    counts.forEach((count, c) => {
      const value = image.data[at + c] as number;
      count[value] = (count[value] as number) + 1;
    });
    all++;
  };
  for (let x = 0; x < part.width; x++) {
    add(x, 0);
    add(x, part.height - 1);
  }
  for (let y = 0; y < part.height; y++) {
    add(0, y);
    add(part.width - 1, y);
  }
  const [red, green, blue] = counts.map((count) => {
    let sum = 0;
    return count.findIndex((n) => (sum += n) >= all / 2);
  });
  return [red ?? 255, green ?? 255, blue ?? 255, 255];
}
