/** Unfiltered PNG rows to RGBA: every colour type and bit depth. */
import { paeth } from "./png-filter.ts";

/** What IHDR, PLTE and tRNS say about the samples. */
export interface PngFormat {
  readonly bits: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array | undefined;
}

/** Samples per pixel by colour type. */
export const PNG_SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Undoes the filter of each row in place; `raw` holds rows of a filter byte and `stride` bytes. */
export function unfilter(raw: Uint8Array, stride: number, height: number, step: number): boolean {
  for (let y = 0; y < height; y++) {
    const row = y * (stride + 1) + 1;
    const above = row - stride - 1;
    const filter = raw[row - 1] ?? 0;
    if (filter > 4) return false;
    if (filter === 0) continue;
    for (let i = 0; i < stride; i++) {
      const left = i >= step ? (raw[row + i - step] ?? 0) : 0;
      const up = y > 0 ? (raw[above + i] ?? 0) : 0;
      let guess = left;
      if (filter === 2) guess = up;
      else if (filter === 3) guess = (left + up) >> 1;
      else if (filter === 4)
        guess = paeth(left, up, y > 0 && i >= step ? (raw[above + i - step] ?? 0) : 0);
      raw[row + i] = (raw[row + i] ?? 0) + guess;
    }
  }
  return true;
}

/** RGBA words of all values of a lone sample of at most eight bits. */
function table({ bits, colourType, palette, transparency }: PngFormat): Uint32Array {
  const colours = new Uint8Array(256 * 4).fill(255);
  const most = (1 << bits) - 1;
  const key = colourType === 0 && transparency ? keyOf(transparency, 0) : -1;
  for (let value = 0; value <= most; value++) {
    for (let c = 0; c < 3; c++) {
      colours[value * 4 + c] =
        colourType === 3 ? (palette[value * 3 + c] ?? 0) : (value * 255) / most;
    }
    if (colourType === 3) colours[value * 4 + 3] = transparency?.[value] ?? 255;
    else if (value === key) colours[value * 4 + 3] = 0;
  }
  return new Uint32Array(colours.buffer);
}

function keyOf(transparency: Uint8Array, sample: number): number {
  return ((transparency[sample * 2] ?? 0) << 8) | (transparency[sample * 2 + 1] ?? 0);
}

/** Writes one row: pixel `x` of the row goes to word `start + x * step` of the image. */
export type RowWriter = (row: Uint8Array, width: number, start: number, step: number) => void;

/** A writer for the format; sixteen-bit samples keep their high byte. */
export function rowWriter(format: PngFormat, data: Uint8ClampedArray): RowWriter {
  const { bits, colourType, transparency } = format;
  const samples = PNG_SAMPLES[colourType] ?? 1;
  if (samples === 1 && bits <= 8) {
    const colours = table(format);
    const words = new Uint32Array(data.buffer);
    const most = (1 << bits) - 1;
    return (row, width, start, step) => {
      for (let x = 0, to = start; x < width; x++, to += step) {
        const bit = x * bits;
        const value = ((row[bit >> 3] ?? 0) >> (8 - bits - (bit & 7))) & most;
        words[to] = colours[value] ?? 0;
      }
    };
  }
  const size = bits >> 3;
  const colours = samples >= 3 ? 3 : 1;
  const hasAlpha = samples === colours + 1;
  const keys =
    transparency && !hasAlpha
      ? Array.from({ length: colours }, (_, sample) => keyOf(transparency, sample))
      : undefined;
  return (row, width, start, step) => {
    for (let x = 0, to = start * 4, at = 0; x < width; x++, to += step * 4, at += samples * size) {
      data[to] = row[at] ?? 0;
      data[to + 1] = row[colours === 3 ? at + size : at] ?? 0;
      data[to + 2] = row[colours === 3 ? at + size * 2 : at] ?? 0;
      data[to + 3] = hasAlpha ? (row[at + colours * size] ?? 0) : 255;
      if (keys && matches(row, at, size, keys)) data[to + 3] = 0;
    }
  };
}

function matches(row: Uint8Array, at: number, size: number, keys: readonly number[]): boolean {
  return keys.every((key, sample) => {
    const high = row[at + sample * size] ?? 0;
    return (size === 2 ? (high << 8) | (row[at + sample * 2 + 1] ?? 0) : high) === key;
  });
}
