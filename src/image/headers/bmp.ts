/** BMP: OS/2 core headers (16-bit sizes) and Windows headers (top-down when the height is negative). */
import { ByteReader } from "../byte-reader.ts";
import type { StoredHeader } from "./stored.ts";

/** Everything that is needed to read the pixels. */
export interface BmpLayout {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  /** 0 plain, 1 and 2 run lengths, 3 and 6 bit fields. */
  readonly compression: number;
  /** Size of the information header that follows the 14-byte file header. */
  readonly infoSize: number;
  /** Bytes per palette entry. */
  readonly paletteStride: number;
  readonly colours: number;
  readonly pixels: number;
}

const FILE_HEADER = 14;
const CORE_HEADER = 12;

export function readBmpLayout(bytes: Uint8Array): BmpLayout {
  const reader = new ByteReader(bytes, "the BMP header");
  const pixels = reader.u32(10, true);
  const infoSize = reader.u32(FILE_HEADER, true);
  if (infoSize === CORE_HEADER) {
    const bits = reader.u16(24, true);
    return {
      width: reader.u16(18, true),
      height: reader.u16(20, true),
      topDown: false,
      bits,
      compression: 0,
      infoSize,
      paletteStride: 3,
      colours: bits <= 8 ? 1 << bits : 0,
      pixels,
    };
  }
  const height = reader.i32(22, true);
  const bits = reader.u16(28, true);
  // OS/2 2.x headers may be cut short anywhere behind the bit count; what is absent is zero.
  const field = (offset: number): number =>
    offset + 4 <= FILE_HEADER + infoSize ? reader.u32(offset, true) : 0;
  const most = bits <= 8 ? 1 << bits : 0;
  const used = field(46);
  return {
    width: reader.i32(18, true),
    height: Math.abs(height),
    topDown: height < 0,
    bits,
    compression: field(30),
    infoSize,
    paletteStride: 4,
    colours: used > 0 ? Math.min(used, most) : most,
    pixels,
  };
}

export function readBmpHeader(bytes: Uint8Array): StoredHeader {
  const { width, height } = readBmpLayout(bytes);
  return { width, height };
}
