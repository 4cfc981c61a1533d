import { corrupt, unsupported } from "../failure.ts";
import { readJpegFrame } from "../headers/jpeg.ts";
import { readTiffDirectory, TIFF_TAG, type TiffDirectory, tiffValue } from "../headers/tiff.ts";
import type { PlatformDecoder } from "../platform-decoder.ts";
import { PHOTOMETRIC, sampleLayout, type SampleLayout, toBytes, toRgba } from "./samples.ts";
import { throwIfAborted } from "../../errors.ts";
import type { RgbaImage } from "../../types.ts";
import { ByteReader } from "../byte-reader.ts";
import { decodeCcitt } from "./ccitt.ts";
import { inflate } from "../inflate.ts";
import { unpackBits, unpackLzw } from "./unpack.ts";

/** JPEG strips of a TIFF as whole files for the platform's JPEG decoder. */

/** An Adobe segment that says "no colour transform": without it decoders assume YCbCr. */
const RGB_MARKER: readonly number[] = [
  0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0,
];

function assemble(strip: Uint8Array, { tags }: TiffDirectory): Uint8Array {
  const tables = Uint8Array.from(tags.get(TIFF_TAG.jpegTables) ?? []);
  const rgb = tiffValue(tags, TIFF_TAG.photometric, 6) === PHOTOMETRIC.rgb;
  // The shared tables come as a JPEG of their own; drop its end and the strip's start marker.
  const shared = tables.length >= 4 ? tables.subarray(2, -2) : tables.subarray(0, 0);
  const marker = rgb ? RGB_MARKER : [];
  const file = new Uint8Array(strip.length + marker.length + shared.length);
  file.set(strip.subarray(0, 2));
  file.set(marker, 2);
  file.set(shared, 2 + marker.length);
  file.set(strip.subarray(2), 2 + marker.length + shared.length);
  return file;
}

/** RGBA of one strip or tile, exactly `width × height`. */
async function decodeTiffJpeg(
  strip: Uint8Array,
  directory: TiffDirectory,
  width: number,
  height: number,
  decoder: PlatformDecoder,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | Uint8ClampedArray> {
  const bytes = assemble(strip, directory);
  const frame = readJpegFrame(bytes);
  // Checked before decoding: the strip's own header could promise anything.
  if (frame.width !== width || frame.height < height || frame.height > height + 16) {
    throw corrupt(`a TIFF strip is ${frame.width} × ${frame.height}, not ${width} × ${height}`);
  }
  const header = { format: "jpeg", width, height: frame.height, orientation: 1 } as const;
  const { data } = await decoder.decode(bytes, header, signal);
  return data.subarray(0, width * height * 4);
}

/**
 * Decodes the first image of a TIFF, which no browser and no small codec does.
 * Own code because utif2 spins forever on damaged fax strips and looping directories, and logs.
 * JPEG strips are given to the platform's JPEG decoder.
 */

/** The grid of strips or tiles that the image is cut into. */
interface Segments {
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly across: number;
  readonly down: number;
  /** The last strip is only as high as what is left; tiles are always whole. */
  readonly tiled: boolean;
}

const COMPRESSION = { none: 1, rle: 2, g3: 3, g4: 4, lzw: 5, jpeg: 7, packBits: 32773 } as const;
const DEFLATE: readonly number[] = [8, 32946];
/** Tile sides beyond this belong to no scan; the bound keeps a hostile tile from its gigabytes. */
const MAX_TILE = 8192;

function segmentsOf({ tags }: TiffDirectory, width: number, height: number): Segments {
  const tileWidth = tiffValue(tags, TIFF_TAG.tileWidth, 0);
  const tiled = tileWidth > 0;
  const offsets = tags.get(tiled ? TIFF_TAG.tileOffsets : TIFF_TAG.stripOffsets);
  const counts = tags.get(tiled ? TIFF_TAG.tileByteCounts : TIFF_TAG.stripByteCounts);
  if (!offsets) throw corrupt("the TIFF does not say where its pixels are");
  const tileHeight = tiffValue(tags, TIFF_TAG.tileHeight, 0);
  const rows = tiled
    ? tileHeight
    : Math.min(tiffValue(tags, TIFF_TAG.rowsPerStrip, height), height);
  if (rows < 1 || (tiled && Math.max(tileWidth, rows) > MAX_TILE)) {
    throw corrupt(`the TIFF has strips or tiles of ${tiled ? tileWidth : width} × ${rows}`);
  }
  return {
    offsets,
    counts: counts ?? [],
    width: tiled ? tileWidth : width,
    height: rows,
    across: tiled ? Math.ceil(width / tileWidth) : 1,
    down: Math.ceil(height / rows),
    tiled,
  };
}

/** Samples of one strip or tile, a byte each. */
async function unpack(
  packed: Uint8Array,
  directory: TiffDirectory,
  layout: SampleLayout,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const { tags } = directory;
  const compression = tiffValue(tags, TIFF_TAG.compression, COMPRESSION.none);
  const size = ((width * layout.samples * layout.bits + 7) >> 3) * height;
  const t4 = tiffValue(tags, TIFF_TAG.t4Options, 0);
  const fax = (mode: "rle" | "g3" | "g4"): Uint8Array => {
    if (layout.bits !== 1 || layout.samples !== 1)
      throw corrupt("a fax TIFF is not black and white");
    const leastBitFirst = tiffValue(tags, TIFF_TAG.fillOrder, 1) === 2;
    return decodeCcitt(packed, {
      width,
      height,
      mode,
      twoDimensional: (t4 & 1) !== 0,
      leastBitFirst,
    });
  };
  let raw: Uint8Array;
  if (compression === COMPRESSION.none) {
    if (packed.length < size) throw corrupt(`a TIFF strip has ${packed.length} of ${size} bytes`);
    raw = packed;
  } else if (compression === COMPRESSION.lzw) raw = unpackLzw(packed, size);
  else if (compression === COMPRESSION.packBits) raw = unpackBits(packed, size);
  else if (DEFLATE.includes(compression)) raw = await inflate([packed], size);
  else if (compression === COMPRESSION.g4) raw = fax("g4");
  else if (compression === COMPRESSION.g3) raw = fax("g3");
  else if (compression === COMPRESSION.rle) raw = fax("rle");
  else throw unsupported(`TIFF compression ${compression} is not decoded.`);
  return toBytes(raw, width, height, layout);
}

/** Copies the part of a strip or tile that lies inside the image. */
function place(
  source: Uint8Array | Uint8ClampedArray,
  sourceWidth: number,
  target: Uint8Array | Uint8ClampedArray,
  image: { width: number; height: number },
  left: number,
  top: number,
  size: number,
): void {
  const columns = Math.min(sourceWidth, image.width - left) * size;
  for (let y = top, from = 0; y < image.height && from < source.length; y++) {
    target.set(source.subarray(from, from + columns), (y * image.width + left) * size);
    from += sourceWidth * size;
  }
}

/** Decodes one image, from 0. The pixels are as stored: the orientation tag is not applied here. */
export async function decodeTiff(
  bytes: Uint8Array,
  decoder: PlatformDecoder,
  signal?: AbortSignal,
  frame: number = 0,
): Promise<RgbaImage> {
  const directory = readTiffDirectory(bytes, frame);
  const { tags } = directory;
  const reader = new ByteReader(bytes, "the TIFF");
  const width = tiffValue(tags, TIFF_TAG.width, 0);
  const height = tiffValue(tags, TIFF_TAG.height, 0);
  const layout = sampleLayout(directory);
  const segments = segmentsOf(directory, width, height);
  const perPlane = segments.across * segments.down;
  const isJpeg = tiffValue(tags, TIFF_TAG.compression, 1) === COMPRESSION.jpeg;
  if (layout.photometric === 6 && !isJpeg) {
    throw unsupported("TIFF with YCbCr samples is decoded from JPEG strips only.");
  }
  if (isJpeg && layout.planes > 1) throw unsupported("TIFF with JPEG planes is not decoded.");
  const image = { width, height };
  const planes = isJpeg
    ? [new Uint8Array(width * height * 4)]
    : Array.from({ length: layout.planes }, () => new Uint8Array(width * height * layout.samples));
  for (const [plane, target] of planes.entries()) {
    for (let index = 0; index < perPlane; index++) {
      throwIfAborted(signal);
      const number = plane * perPlane + index;
      const offset = segments.offsets[number];
      if (offset === undefined) throw corrupt(`the TIFF lacks strip ${number}`);
      const left = (index % segments.across) * segments.width;
      const top = Math.floor(index / segments.across) * segments.height;
      const rows = segments.tiled ? segments.height : Math.min(segments.height, height - top);
      // Old writers leave the byte count out, or count more than is there.
      const count = Math.min(segments.counts[number] ?? Infinity, reader.length - offset);
      const packed = reader.slice(offset, count);
      const part = isJpeg
        ? await decodeTiffJpeg(packed, directory, segments.width, rows, decoder, signal)
        : await unpack(packed, directory, layout, segments.width, rows);
      place(part, segments.width, target, image, left, top, isJpeg ? 4 : layout.samples);
    }
  }
  const [first] = planes;
  const data = isJpeg && first ? first : toRgba(planes, width * height, layout);
  return { data, width, height };
}
