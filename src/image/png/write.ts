/** Pixels as a PNG file, as small as its format allows without loss: black and white, grey or colour. */
import { throwIfAborted } from "../../errors.ts";
import type { RgbaImage } from "../../types.ts";
import { crc32 } from "./checksum.ts";
import { filterRow } from "./filter.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes of rows that go to the compressor together. */
const STRIP = 2 ** 20;

/** How the samples of a picture are stored. */
interface Samples {
  /** 1 or 8. */
  readonly bits: number;
  /** 0 grey, 2 RGB. */
  readonly colourType: 0 | 2;
  /** Bytes of one row. */
  readonly stride: number;
}

/**
 * Encodes opaque pixels; the alpha channel is not looked at. Needs memory for the compressed file and a
 * megabyte of rows.
 *
 * Source: PNG (third edition), W3C 2025, sections 5, 9 and 11.
 *
 * @throws GlyphpoolError `ABORTED`
 */
export async function encodePng(
  image: RgbaImage,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = image;
  const samples = samplesOf(image);
  const header = new Uint8Array(13);
  const fields = new DataView(header.buffer);
  fields.setUint32(0, width);
  fields.setUint32(4, height);
  header.set([samples.bits, samples.colourType], 8);
  const rows = await compress(rowStrips(image, samples, signal));
  const file = [
    Uint8Array.from(SIGNATURE),
    ...chunk("IHDR", [header]),
    ...chunk("IDAT", rows),
    ...chunk("IEND", []),
  ];
  return new Uint8Array(await new Blob(file).arrayBuffer());
}

function samplesOf({ data, width }: RgbaImage): Samples {
  let extremes = true;
  for (let at = 0; at < data.length; at += 4) {
    const red = data[at] as number;
    if (red !== data[at + 1] || red !== data[at + 2]) {
      return { bits: 8, colourType: 2, stride: width * 3 };
    }
    extremes &&= red === 0 || red === 255;
  }
  if (extremes) return { bits: 1, colourType: 0, stride: (width + 7) >> 3 };
  return { bits: 8, colourType: 0, stride: width };
}

/** Filtered rows, each behind the number of its filter. */
function* rowStrips(
  image: RgbaImage,
  samples: Samples,
  signal: AbortSignal | undefined,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { bits, stride } = samples;
  const rowsPerStrip = Math.max(1, Math.floor(STRIP / (stride + 1)));
  let row = new Uint8Array(stride);
  let above = new Uint8Array(stride);
  for (let top = 0; top < image.height; top += rowsPerStrip) {
    throwIfAborted(signal);
    const rows = Math.min(rowsPerStrip, image.height - top);
    const strip = new Uint8Array((stride + 1) * rows);
    for (let y = 0; y < rows; y++) {
      packRow(image, top + y, samples, row);
      const target = strip.subarray(y * (stride + 1), (y + 1) * (stride + 1));
      // Filters predict bytes from bytes, which tells nothing of eight pixels in one.
      if (bits === 1) target.set(row, 1);
      else filterRow(row, above, stride / image.width, target);
      [row, above] = [above, row];
    }
    yield strip;
  }
}

function packRow(
  { data, width }: RgbaImage,
  y: number,
  { bits, colourType }: Samples,
  row: Uint8Array,
): void {
  let from = y * width * 4;
  if (bits === 1) {
    row.fill(0);
    for (let x = 0; x < width; x++, from += 4) {
      if (data[from] === 255) row[x >> 3] = (row[x >> 3] as number) | (0x80 >> (x & 7));
    }
  } else if (colourType === 0) {
    for (let x = 0; x < width; x++, from += 4) row[x] = data[from] as number;
  } else {
    for (let to = 0; to < row.length; to += 3, from += 4) {
      row[to] = data[from] as number;
      row[to + 1] = data[from + 1] as number;
      row[to + 2] = data[from + 2] as number;
    }
  }
}

async function compress(
  strips: Generator<Uint8Array<ArrayBuffer>, void, undefined>,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      const { done, value } = strips.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of source.pipeThrough(new CompressionStream("deflate"))) parts.push(part);
  return parts;
}

/** Length, type and data, and the checksum of the latter two. */
function chunk(type: string, data: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  const name = new TextEncoder().encode(type);
  const [length, checksum] = [new Uint8Array(4), new Uint8Array(4)];
  const size = data.reduce((sum, { length: bytes }) => sum + bytes, 0);
  new DataView(length.buffer).setUint32(0, size);
  new DataView(checksum.buffer).setUint32(0, crc32(name, ...data));
  return [length, name, ...data, checksum];
}
