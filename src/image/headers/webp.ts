/**
 * WebP: simple lossy (VP8), simple lossless (VP8L) and extended (VP8X, the canvas size).
 * An EXIF chunk is ignored on purpose: Chromium does not turn WebP by it, and what we read has to
 * lie where the page shows it.
 */
import { ByteReader } from "../byte-reader.ts";
import { corrupt } from "../failure.ts";
import type { StoredHeader } from "./stored.ts";

const FIRST_CHUNK = 12;

export function readWebpHeader(bytes: Uint8Array): StoredHeader {
  const reader = new ByteReader(bytes, "the WebP header");
  const type = reader.text(FIRST_CHUNK);
  const data = FIRST_CHUNK + 8;
  if (type === "VP8 ") {
    if (reader.text(data + 3, 3) !== "\x9d\x01\x2a") throw corrupt("the WebP is not a key frame");
    return {
      width: reader.u16(data + 6, true) & 0x3fff,
      height: reader.u16(data + 8, true) & 0x3fff,
    };
  }
  if (type === "VP8L") {
    if (reader.u8(data) !== 0x2f) throw corrupt("the WebP has no lossless signature");
    const packed = reader.u32(data + 1, true);
    return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
  }
  if (type === "VP8X") {
    return { width: u24(reader, data + 4) + 1, height: u24(reader, data + 7) + 1 };
  }
  throw corrupt("the WebP begins with an unknown chunk");
}

function u24(reader: ByteReader, offset: number): number {
  return reader.u16(offset, true) | (reader.u8(offset + 2) << 16);
}
