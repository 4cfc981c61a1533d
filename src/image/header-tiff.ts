/** TIFF: the tags of the first directory, both byte orders. */
import { ByteReader } from "./byte-reader.ts";
import { toOrientation } from "./exif.ts";
import { corrupt, unsupported } from "./failure.ts";
import type { StoredHeader } from "./header.ts";

/** Tag numbers that decoding needs. */
export const TIFF_TAG = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planar: 284,
  t4Options: 292,
  predictor: 317,
  colourMap: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
} as const;

/** Integer tags of one directory by tag number. */
export type TiffTags = ReadonlyMap<number, readonly number[]>;

export interface TiffDirectory {
  readonly littleEndian: boolean;
  readonly tags: TiffTags;
  readonly pages: number;
}

const WANTED: ReadonlySet<number> = new Set(Object.values(TIFF_TAG));
/** Bytes per value of the integer types: BYTE, SHORT, LONG, UNDEFINED. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 7: 1 };
/** More pages than any scan has; a loop of directories ends here too. */
const MAX_PAGES = 10_000;
/** More strips than rows in any image within reach. */
const MAX_VALUES = 1 << 20;

/** Reads the first directory and counts the others. */
export function readTiffDirectory(bytes: Uint8Array): TiffDirectory {
  const reader = new ByteReader(bytes, "the TIFF");
  const littleEndian = reader.u16(0) === 0x4949;
  if (reader.u16(2, littleEndian) === 43) throw unsupported("BigTIFF is not supported.");
  const first = reader.u32(4, littleEndian);
  const tags = readTags(reader, first, littleEndian);
  return { littleEndian, tags, pages: countPages(reader, first, littleEndian) };
}

function readTags(reader: ByteReader, start: number, little: boolean): TiffTags {
  const tags = new Map<number, readonly number[]>();
  const count = reader.u16(start, little);
  reader.need(start + 2, count * 12);
  for (let index = 0; index < count; index++) {
    const entry = start + 2 + index * 12;
    const tag = reader.u16(entry, little);
    const size = SIZES[reader.u16(entry + 2, little)];
    // A repeated tag could make one array be read thousands of times; the first one counts.
    if (!WANTED.has(tag) || size === undefined || tags.has(tag)) continue;
    const values = reader.u32(entry + 4, little);
    if (values > MAX_VALUES) throw corrupt(`TIFF tag ${tag} has ${values} values`);
    const at = values * size <= 4 ? entry + 8 : reader.u32(entry + 8, little);
    reader.need(at, values * size); // bounds the allocation by the file's own length
    tags.set(
      tag,
      Array.from({ length: values }, (_, i) => readValue(reader, at + i * size, size, little)),
    );
  }
  return tags;
}

function readValue(reader: ByteReader, at: number, size: number, little: boolean): number {
  if (size === 1) return reader.u8(at);
  return size === 2 ? reader.u16(at, little) : reader.u32(at, little);
}

function countPages(reader: ByteReader, first: number, little: boolean): number {
  const seen = new Set<number>();
  let offset = first;
  // A broken chain costs the later pages, not the first one.
  while (offset !== 0 && !seen.has(offset) && seen.size < MAX_PAGES) {
    if (offset + 2 > reader.length) break;
    seen.add(offset);
    const next = offset + 2 + reader.u16(offset, little) * 12;
    if (next + 4 > reader.length) break;
    offset = reader.u32(next, little);
  }
  return seen.size;
}

/** First value of a tag. */
export function tiffValue(tags: TiffTags, tag: number, fallback: number): number {
  return tags.get(tag)?.[0] ?? fallback;
}

export function readTiffHeader(bytes: Uint8Array): StoredHeader {
  const { tags, pages } = readTiffDirectory(bytes);
  if (!tags.has(TIFF_TAG.width) || !tags.has(TIFF_TAG.height)) {
    throw corrupt("the first TIFF directory has no image size");
  }
  return {
    width: tiffValue(tags, TIFF_TAG.width, 0),
    height: tiffValue(tags, TIFF_TAG.height, 0),
    orientation: toOrientation(tiffValue(tags, TIFF_TAG.orientation, 1)),
    pages,
  };
}
