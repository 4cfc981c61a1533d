/** Decodes BMP in plain code, so that both platforms agree on masks and on the unused fourth byte. */
import type { RgbaImage } from "../types.ts";
import { ByteReader } from "./byte-reader.ts";
import { corrupt, unsupported } from "./failure.ts";
import { type BmpLayout, readBmpLayout } from "./headers/bmp.ts";

const PLAIN = 0;
/** Run lengths by the compression, with the bits per pixel that they are for. */
const RUN_LENGTHS: Readonly<Record<number, number>> = { 1: 8, 2: 4 };
const BIT_FIELDS = 3;
const ALPHA_BIT_FIELDS = 6;
const MASKS = 54;

/** One colour channel inside a pixel word. */
interface Channel {
  readonly mask: number;
  readonly shift: number;
  readonly most: number;
}

function channel(mask: number): Channel {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  return { mask, shift, most: mask >>> shift };
}

function sample(word: number, { mask, shift, most }: Channel): number {
  return most === 0 ? 0 : Math.round((((word & mask) >>> shift) * 255) / most);
}

/** Red, green, blue, alpha. */
function channels(reader: ByteReader, layout: BmpLayout): Channel[] {
  if (layout.compression === PLAIN) {
    // The fourth byte of a plain 32-bit pixel is unused and often zero: it is not an alpha.
    const masks = layout.bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
    return masks.map(channel);
  }
  const hasAlpha = layout.compression === ALPHA_BIT_FIELDS || layout.infoSize >= 56;
  const masks = [0, 4, 8].map((offset) => reader.u32(MASKS + offset, true));
  return [...masks, hasAlpha ? reader.u32(MASKS + 12, true) : 0].map(channel);
}

function palette(reader: ByteReader, layout: BmpLayout): Uint8Array {
  const { colours, paletteStride, infoSize } = layout;
  const start = 14 + infoSize;
  reader.need(start, colours * paletteStride);
  const table = new Uint8Array(256 * 4);
  for (let index = 0; index < colours; index++) {
    const from = start + index * paletteStride;
    for (let c = 0; c < 3; c++) table[index * 4 + c] = reader.u8(from + 2 - c);
  }
  return table;
}

/** Decodes 1, 4, 8, 16, 24 and 32 bits per pixel, and run lengths at 4 and 8. */
export function decodeBmp(bytes: Uint8Array): RgbaImage {
  const layout = readBmpLayout(bytes);
  const { width, height, bits, compression, topDown, pixels } = layout;
  const fields = compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS;
  const runs = RUN_LENGTHS[compression] === bits && !topDown;
  if (compression !== PLAIN && !runs && !(fields && (bits === 16 || bits === 32))) {
    throw unsupported(`BMP compression ${compression} at ${bits} bits is not decoded.`);
  }
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw corrupt(`the BMP has ${bits} bits per pixel`);
  const reader = new ByteReader(bytes, "the BMP");
  if (runs) {
    const indices = expandRuns(reader, layout);
    const data = new Uint8ClampedArray(width * height * 4);
    const readRow = indexedRow(8, palette(reader, layout));
    for (let row = 0; row < height; row++) {
      readRow(indices, (height - 1 - row) * width, data, row * width * 4, width);
    }
    return { data, width, height };
  }
  const stride = ((width * bits + 31) >>> 5) * 4;
  // Writers may leave out the padding of the last row.
  reader.need(pixels, stride * (height - 1) + Math.ceil((width * bits) / 8));
  const data = new Uint8ClampedArray(width * height * 4);
  const readRow =
    bits <= 8
      ? indexedRow(bits, palette(reader, layout))
      : directRow(bits, channels(reader, layout));
  for (let row = 0; row < height; row++) {
    const from = pixels + (topDown ? row : height - 1 - row) * stride;
    readRow(bytes, from, data, row * width * 4, width);
  }
  return { data, width, height };
}

/** Palette indices, a byte each, rows from the bottom. What the runs leave out has index 0. */
function expandRuns(reader: ByteReader, { width, height, bits, pixels }: BmpLayout): Uint8Array {
  const indices = new Uint8Array(width * height);
  let [x, y, at] = [0, 0, pixels];
  const put = (index: number): void => {
    // Runs beyond the end of a row are cut, as everyone does.
    if (x < width && y < height) indices[y * width + x] = index;
    x++;
  };
  const part = (byte: number, i: number): number =>
    bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15;
  while (y < height) {
    const count = reader.u8(at++);
    const value = reader.u8(at++);
    if (count > 0) {
      for (let i = 0; i < count; i++) put(part(value, i));
    } else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) break;
    else if (value === 2) {
      x += reader.u8(at++);
      y += reader.u8(at++);
    } else {
      const size = bits === 8 ? value : (value + 1) >> 1;
      for (let i = 0; i < value; i++) put(part(reader.u8(at + (bits === 8 ? i : i >> 1)), i));
      // Literal runs end on an even byte.
      at += size + (size & 1);
    }
  }
  return indices;
}

type RowReader = (
  bytes: Uint8Array,
  from: number,
  data: Uint8ClampedArray,
  to: number,
  width: number,
) => void;

function indexedRow(bits: number, table: Uint8Array): RowReader {
  const most = (1 << bits) - 1;
  return (bytes, from, data, to, width) => {
    for (let x = 0; x < width; x++, to += 4) {
      const bit = x * bits;
      const index = ((bytes[from + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & most;
      data.set(table.subarray(index * 4, index * 4 + 3), to);
      data[to + 3] = 255;
    }
  };
}

function directRow(bits: number, [red, green, blue, alpha]: Channel[]): RowReader {
  if (!red || !green || !blue || !alpha) throw corrupt("the BMP has no colour masks");
  const size = bits / 8;
  return (bytes, from, data, to, width) => {
    for (let x = 0; x < width; x++, to += 4, from += size) {
      let word = (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8);
      if (size > 2) word |= (bytes[from + 2] ?? 0) << 16;
      if (size > 3) word |= (bytes[from + 3] ?? 0) << 24;
      data[to] = sample(word, red);
      data[to + 1] = sample(word, green);
      data[to + 2] = sample(word, blue);
      data[to + 3] = alpha.most === 0 ? 255 : sample(word, alpha);
    }
  };
}
