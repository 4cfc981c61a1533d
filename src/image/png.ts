/**
 * Decodes PNG for runtimes whose canvas cannot. Own code because the wasm codec panics on damage,
 * leaks what it held and after some hundred damaged files refuses sound ones for good (measured).
 */
import type { RgbaImage } from "../types.ts";
import { ByteReader } from "./byte-reader.ts";
import { corrupt } from "./failure.ts";
import { pngChunks } from "./header-png.ts";
import { inflate } from "./inflate.ts";
import { PNG_SAMPLES, type PngFormat, rowWriter, unfilter } from "./png-pixels.ts";
import { checkPngChecksums } from "./png-checksum.ts";

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
