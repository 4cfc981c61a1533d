/** JPEG: size and colour layout from the frame header, orientation from the first EXIF segment, density from JFIF. */
import { ByteReader } from "../byte-reader.ts";
import { squareDpi, UNIT } from "./density.ts";
import { exifOrientation, type Orientation } from "./exif.ts";
import { corrupt } from "../failure.ts";
import type { StoredHeader } from "./stored.ts";

/** The frame header, and where the entropy-coded data begins. */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** Pixels per inch as JFIF says it. Cameras write EXIF, whose 72 means nothing. */
  readonly dpi: number | undefined;
  /** 1 grey, 3 YCbCr or RGB, 4 CMYK or YCCK. */
  readonly components: number;
  /** Bits per sample. */
  readonly precision: number;
  /** Low nibble of the SOF marker: 0 baseline, 1 extended, 2 progressive; the rest is exotic. */
  readonly process: number;
  /** Offset of the first start-of-scan marker, or the end of the file. */
  readonly scan: number;
}

const SOS = 0xda;
const EOI = 0xd9;
const APP0 = 0xe0;
const APP1 = 0xe1;
/** Bytes of a JFIF segment up to its density. */
const JFIF = 14;
const JFIF_UNITS: Readonly<Record<number, number>> = { 1: UNIT.inch, 2: UNIT.centimetre };

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function isStandalone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

/** Walks the marker segments up to the first scan. */
export function readJpegFrame(bytes: Uint8Array): JpegFrame {
  const reader = new ByteReader(bytes, "the JPEG header");
  let frame: Omit<JpegFrame, "orientation" | "dpi" | "scan"> | undefined;
  let dpi: number | undefined;
  let orientation: Orientation | undefined;
  let offset = 2;
  while (true) {
    // Between segments any byte that is not a marker is skipped, and 0xff may repeat as filler.
    while (reader.u8(offset) !== 0xff) offset++;
    while (reader.u8(offset) === 0xff) offset++;
    const marker = reader.u8(offset++);
    if (marker === 0 || isStandalone(marker)) continue;
    if (marker === EOI) break;
    if (marker === SOS) {
      offset -= 2;
      break;
    }
    const size = reader.u16(offset);
    if (size < 2) throw corrupt("a JPEG segment has no length");
    if (marker === APP1 && orientation === undefined && isExif(reader, offset, size)) {
      orientation = exifOrientation(reader.slice(offset + 8, size - 8));
    } else if (marker === APP0 && size >= JFIF && reader.text(offset + 2, 5) === "JFIF\0") {
      const unit = JFIF_UNITS[reader.u8(offset + 9)];
      if (unit) dpi = squareDpi(reader.u16(offset + 10), reader.u16(offset + 12), unit);
    } else if (isFrame(marker) && frame === undefined) {
      frame = {
        process: marker & 0x0f,
        precision: reader.u8(offset + 2),
        height: reader.u16(offset + 3),
        width: reader.u16(offset + 5),
        components: reader.u8(offset + 7),
      };
    }
    offset += size;
  }
  if (frame === undefined) throw corrupt("the JPEG has no frame header before its data");
  return { ...frame, orientation: orientation ?? 1, dpi, scan: offset };
}

function isExif(reader: ByteReader, offset: number, size: number): boolean {
  return size >= 8 && reader.text(offset + 2, 6) === "Exif\0\0" && offset + size <= reader.length;
}

export function readJpegHeader(bytes: Uint8Array): StoredHeader {
  const { width, height, orientation, dpi } = readJpegFrame(bytes);
  return { width, height, orientation, dpi };
}
