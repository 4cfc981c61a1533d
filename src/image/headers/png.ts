/** PNG: size from IHDR, density from pHYs, orientation from an eXIf chunk before the pixels (as Chromium applies it). */
import { ByteReader } from "../byte-reader.ts";
import { squareDpi, UNIT } from "./density.ts";
import { exifOrientation, type Orientation } from "./exif.ts";
import { corrupt } from "../failure.ts";
import type { StoredHeader } from "./stored.ts";

const SIGNATURE = 8;
/** Length, type and checksum around a chunk's data. */
const FRAME = 12;
/** Bytes of pHYs, and its unit that is one. */
const PHYS = 9;
const PER_METRE = 1;

/** Chunks in file order; ends at IEND, at the end of the file or at the first chunk cut short. */
export function* pngChunks(
  reader: ByteReader,
): Generator<{ type: string; start: number; size: number }> {
  let offset = SIGNATURE;
  while (offset + 8 <= reader.length) {
    const size = reader.u32(offset);
    const type = reader.text(offset + 4);
    yield { type, start: offset + 8, size };
    if (type === "IEND") return;
    offset += size + FRAME;
  }
}

export function readPngHeader(bytes: Uint8Array): StoredHeader {
  const reader = new ByteReader(bytes, "the PNG header");
  if (reader.u32(SIGNATURE) < 13 || reader.text(SIGNATURE + 4) !== "IHDR") {
    throw corrupt("the PNG does not begin with IHDR");
  }
  const width = reader.u32(SIGNATURE + 8);
  const height = reader.u32(SIGNATURE + 12);
  reader.need(SIGNATURE + 8, 13);
  let orientation: Orientation = 1;
  let dpi: number | undefined;
  for (const chunk of pngChunks(reader)) {
    if (chunk.type === "IDAT") break;
    if (chunk.type === "eXIf" && chunk.start + chunk.size <= reader.length) {
      orientation = exifOrientation(reader.slice(chunk.start, chunk.size));
    }
    if (chunk.type === "pHYs" && chunk.size === PHYS && chunk.start + PHYS <= reader.length) {
      const [x, y] = [reader.u32(chunk.start), reader.u32(chunk.start + 4)];
      // Any other unit tells only whether the pixels are square.
      if (reader.u8(chunk.start + 8) === PER_METRE) dpi = squareDpi(x, y, UNIT.metre);
    }
  }
  return { width, height, orientation, dpi };
}
