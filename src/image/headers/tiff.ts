/** TIFF: the tags of one directory, both byte orders. */
import { tiffDirectories, type TiffForm, tiffForm } from "../../core/tiff-chain.ts";
import { GlyphpoolError } from "../../errors.ts";
import { ByteReader } from "../byte-reader.ts";
import { squareDpi, UNIT } from "./density.ts";
import { toOrientation } from "./exif.ts";
import { corrupt } from "../failure.ts";
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
const RATIONAL = 5;
/** Bytes per value of the types: BYTE, SHORT, LONG, RATIONAL, UNDEFINED; of BigTIFF LONG8 and IFD8. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 5: 8, 7: 1, 16: 8, 18: 8 };
/** By the value of the tag; 1 is not a unit, and inches are the default. */
const UNITS: Readonly<Record<number, number>> = { 2: UNIT.inch, 3: UNIT.centimetre };
/** More strips than rows in any image within reach. */
const MAX_VALUES = 1 << 20;

/** Reads the directory of one page, from 0, and counts the others. */
export function readTiffDirectory(bytes: Uint8Array, frame: number = 0): TiffDirectory {
  const reader = new ByteReader(bytes, "the TIFF");
  const littleEndian = reader.u16(0) === 0x4949;
  const form = tiffForm(bytes) ?? { little: littleEndian, big: false };
  const pages = tiffDirectories(bytes);
  // The first one is read even where it leaves the file, for the error that says so.
  const start =
    pages[frame] ?? (frame === 0 ? reader.u32(form.big ? 12 : 4, littleEndian) : undefined);
  if (start === undefined) {
    const message = `The TIFF has ${pages.length} pages; there is no page ${frame + 1}.`;
    throw new GlyphpoolError("PAGE_NOT_FOUND", message);
  }
  return { littleEndian, tags: readTags(reader, start, form), pages: pages.length };
}

function readTags(reader: ByteReader, start: number, { little, big }: TiffForm): TiffTags {
  const tags = new Map<number, readonly number[]>();
  const count = big ? u64(reader, start, little) : reader.u16(start, little);
  const [head, length, word] = big ? [8, 20, 8] : [2, 12, 4];
  const number = (at: number): number => (big ? u64(reader, at, little) : reader.u32(at, little));
  reader.need(start + head, count * length);
  for (let index = 0; index < count; index++) {
    const entry = start + head + index * length;
    const tag = reader.u16(entry, little);
    const type = reader.u16(entry + 2, little);
    const size = SIZES[type];
    // A repeated tag could make one array be read thousands of times; the first one counts.
    if (!WANTED.has(tag) || size === undefined || tags.has(tag)) continue;
    const values = number(entry + 4);
    const inline = entry + 4 + word;
    const at = values * size <= word ? inline : number(inline);
    if (DISPENSABLE.has(tag) && at + values * size > reader.length) continue;
    if (values > MAX_VALUES) throw corrupt(`TIFF tag ${tag} has ${values} values`);
    reader.need(at, values * size); // bounds the allocation by the file's own length
    tags.set(
      tag,
      Array.from({ length: values }, (_, i) => readValue(reader, at + i * size, type, little)),
    );
  }
  return tags;
}

function readValue(reader: ByteReader, at: number, type: number, little: boolean): number {
  if (type === RATIONAL) return reader.u32(at, little) / reader.u32(at + 4, little);
  const size = SIZES[type];
  if (size === 8) return u64(reader, at, little);
  if (size === 1) return reader.u8(at);
  return size === 2 ? reader.u16(at, little) : reader.u32(at, little);
}

/** Offsets beyond 2⁵³ lie outside of every file, and fail as such. */
function u64(reader: ByteReader, at: number, little: boolean): number {
  const [low, high] = little ? [at, at + 4] : [at + 4, at];
  return reader.u32(high, little) * 2 ** 32 + reader.u32(low, little);
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
