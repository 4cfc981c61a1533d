/** TIFF: the tags of one directory, both byte orders. */
import { tiffDirectories } from "../../core/tiff-chain.ts";
import { GlyphpoolError } from "../../errors.ts";
import { ByteReader } from "../byte-reader.ts";
import { squareDpi, UNIT } from "./density.ts";
import { toOrientation } from "./exif.ts";
import { corrupt, unsupported } from "../failure.ts";
import type { StoredHeader } from "./stored.ts";

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
  xResolution: 282,
  yResolution: 283,
  planar: 284,
  t4Options: 292,
  resolutionUnit: 296,
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

/** Tags with numbers of one directory by tag number. */
export type TiffTags = ReadonlyMap<number, readonly number[]>;

export interface TiffDirectory {
  readonly littleEndian: boolean;
  readonly tags: TiffTags;
  readonly pages: number;
}

const WANTED: ReadonlySet<number> = new Set(Object.values(TIFF_TAG));
/** Damaged, they must not cost the picture. */
const DISPENSABLE: ReadonlySet<number> = new Set([
  TIFF_TAG.xResolution,
  TIFF_TAG.yResolution,
  TIFF_TAG.resolutionUnit,
]);
/** Bytes per value of the types: BYTE, SHORT, LONG, RATIONAL, UNDEFINED. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 5: 8, 7: 1 };
/** By the value of the tag; 1 is no unit, and inches are the default. */
const UNITS: Readonly<Record<number, number>> = { 2: UNIT.inch, 3: UNIT.centimetre };
/** More strips than rows in any image within reach. */
const MAX_VALUES = 1 << 20;

/** Reads the directory of one page, from 0, and counts the others. */
export function readTiffDirectory(bytes: Uint8Array, frame: number = 0): TiffDirectory {
  const reader = new ByteReader(bytes, "the TIFF");
  const littleEndian = reader.u16(0) === 0x4949;
  if (reader.u16(2, littleEndian) === 43) throw unsupported("BigTIFF is not supported.");
  const pages = tiffDirectories(bytes);
  // The first one is read even where it leaves the file, for the error that says so.
  const start = pages[frame] ?? (frame === 0 ? reader.u32(4, littleEndian) : undefined);
  if (start === undefined) {
    const message = `The TIFF has ${pages.length} pages; there is no page ${frame + 1}.`;
    throw new GlyphpoolError("PAGE_NOT_FOUND", message);
  }
  return { littleEndian, tags: readTags(reader, start, littleEndian), pages: pages.length };
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
    const at = values * size <= 4 ? entry + 8 : reader.u32(entry + 8, little);
    if (DISPENSABLE.has(tag) && at + values * size > reader.length) continue;
    if (values > MAX_VALUES) throw corrupt(`TIFF tag ${tag} has ${values} values`);
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
  if (size === 8) return reader.u32(at, little) / reader.u32(at + 4, little);
  return size === 2 ? reader.u16(at, little) : reader.u32(at, little);
}

/** First value of a tag. */
export function tiffValue(tags: TiffTags, tag: number, fallback: number): number {
  return tags.get(tag)?.[0] ?? fallback;
}

export function readTiffHeader(bytes: Uint8Array, frame: number = 0): StoredHeader {
  const { tags, pages } = readTiffDirectory(bytes, frame);
  if (!tags.has(TIFF_TAG.width) || !tags.has(TIFF_TAG.height)) {
    throw corrupt("the TIFF directory has no image size");
  }
  const unit = UNITS[tiffValue(tags, TIFF_TAG.resolutionUnit, 2)];
  const x = tiffValue(tags, TIFF_TAG.xResolution, 0);
  const y = tiffValue(tags, TIFF_TAG.yResolution, 0);
  return {
    width: tiffValue(tags, TIFF_TAG.width, 0),
    height: tiffValue(tags, TIFF_TAG.height, 0),
    orientation: toOrientation(tiffValue(tags, TIFF_TAG.orientation, 1)),
    pages,
    dpi: unit === undefined ? undefined : squareDpi(x, y, unit),
  };
}
