import { paeth } from "./filter.ts";
import type { RgbaImage } from "../../types.ts";
import { ByteReader } from "../byte-reader.ts";
import { corrupt } from "../failure.ts";
import { pngChunks } from "../headers/png.ts";
import { inflate } from "../inflate.ts";
import { checkPngChecksums } from "./checksum.ts";

/** Unfiltered PNG rows to RGBA: every colour type and bit depth. */

/** What IHDR, PLTE and tRNS say about the samples. */
interface PngFormat {
  readonly bits: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: number;
  readonly palette: Uint8Array;
  readonly transparency: Uint8Array | undefined;
}

/** Samples per pixel by colour type. */
const PNG_SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Undoes the filter of each row in place; `raw` holds rows of a filter byte and `stride` bytes. */
function unfilter(raw: Uint8Array, stride: number, height: number, step: number): boolean {
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
type RowWriter = (row: Uint8Array, width: number, start: number, step: number) => void;

/** A writer for the format; sixteen-bit samples keep their high byte. */
function rowWriter(format: PngFormat, data: Uint8ClampedArray): RowWriter {
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

/**
 * Decodes PNG for runtimes whose canvas cannot. Own code because the wasm codec panics on damage,
 * leaks what it held and after some hundred damaged files refuses sound ones for good (measured).
 */

const IHDR = 16;

/** One pass of the picture: its size and where its pixels go. */
interface Pass {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
}

/** Left, top, horizontal and vertical step of Adam7. */
const ADAM7: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Bit depths that each colour type may have. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

function passesOf(width: number, height: number, interlaced: boolean): Pass[] {
  const grid = interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const);
  return grid
    .map(([left, top, stepX, stepY]) => ({
      width: Math.ceil((width - left) / stepX),
      height: Math.ceil((height - top) / stepY),
      left,
      top,
      stepX,
      stepY,
    }))
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Decodes a whole PNG; alpha stays straight, eXIf is not applied. */
export async function decodePng(bytes: Uint8Array): Promise<RgbaImage> {
  checkPngChecksums(bytes);
  const reader = new ByteReader(bytes, "the PNG");
  const width = reader.u32(IHDR);
  const height = reader.u32(IHDR + 4);
  const bits = reader.u8(IHDR + 8);
  const colourType = reader.u8(IHDR + 9);
  if (!DEPTHS[colourType]?.includes(bits)) {
    throw corrupt(`the PNG has colour type ${colourType} at ${bits} bits`);
  }
  let palette: Uint8Array = new Uint8Array(0);
  let transparency: Uint8Array | undefined;
  const parts: Uint8Array[] = [];
  for (const { type, start, size } of pngChunks(reader)) {
    if (type === "PLTE") palette = reader.slice(start, size);
    else if (type === "tRNS") transparency = reader.slice(start, size);
    else if (type === "IDAT") parts.push(reader.slice(start, size));
  }
  if (colourType === 3 && palette.length < 3) throw corrupt("the PNG has no palette");
  const depth = bits * (PNG_SAMPLES[colourType] ?? 1);
  const passes = passesOf(width, height, reader.u8(IHDR + 12) === 1);
  const sizeOf = (pass: Pass): number => (((pass.width * depth + 7) >> 3) + 1) * pass.height;
  const raw = await inflate(
    parts,
    passes.reduce((sum, pass) => sum + sizeOf(pass), 0),
  );
  const format: PngFormat = { bits, colourType, palette, transparency };
  const data = new Uint8ClampedArray(width * height * 4);
  const write = rowWriter(format, data);
  let offset = 0;
  for (const pass of passes) {
    const stride = (pass.width * depth + 7) >> 3;
    const rows = raw.subarray(offset, offset + sizeOf(pass));
    offset += rows.length;
    if (!unfilter(rows, stride, pass.height, Math.max(1, depth >> 3))) {
      throw corrupt("the PNG has a row with an unknown filter");
    }
    for (let y = 0; y < pass.height; y++) {
      const row = rows.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
      write(row, pass.width, (pass.top + y * pass.stepY) * width + pass.left, pass.stepX);
    }
  }
  return { data, width, height };
}
