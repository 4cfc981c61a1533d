/** Checksums of the PNG chunks without which there is no picture. */
import { ByteReader } from "../byte-reader.ts";
import { corrupt } from "../failure.ts";
import { pngChunks } from "../headers/png.ts";

const CRITICAL: ReadonlySet<string> = new Set(["IHDR", "PLTE", "IDAT"]);
const POLYNOMIAL = 0xedb88320;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
  return value;
});

/** CRC-32 as PNG and zip use it, over all parts as if they were one. */
export function crc32(...parts: readonly Uint8Array[]): number {
  let crc = 0xffffffff;
  for (const bytes of parts) {
    for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}

/** Throws `IMAGE_CORRUPT` when a critical chunk is damaged. Other chunks may be; decoders skip them. */
export function checkPngChecksums(bytes: Uint8Array): void {
  const reader = new ByteReader(bytes, "the PNG");
  for (const { type, start, size } of pngChunks(reader)) {
    if (!CRITICAL.has(type)) continue;
    // The checksum covers the type as well as the data.
    if (crc32(reader.slice(start - 4, size + 4)) !== reader.u32(start + size)) {
      throw corrupt(`the checksum of a PNG ${type} chunk is wrong`);
    }
  }
}
