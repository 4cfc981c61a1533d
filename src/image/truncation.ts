/**
 * Finds cut files before a decoder sees them: decoders fill the missing part with grey and call it
 * a success. Only what is certain is refused; junk behind a complete image is common and harmless.
 */
import { ByteReader } from "./byte-reader.ts";
import { corrupt } from "./failure.ts";
import type { ImageFormat } from "./headers/header.ts";
import { readGifFrame, skipSubBlocks } from "./headers/gif.ts";
import { boxes } from "./headers/isobmff.ts";
import { readJpegFrame } from "./headers/jpeg.ts";
import { pngChunks } from "./headers/png.ts";

/** Throws `IMAGE_CORRUPT` when the file ends before its image does. BMP and TIFF check as they decode. */
export function checkComplete(bytes: Uint8Array, format: ImageFormat): void {
  if (format === "png") checkPng(bytes);
  else if (format === "jpeg") checkJpeg(bytes);
  else if (format === "webp") checkWebp(bytes);
  else if (format === "gif") checkGif(bytes);
  else if (format === "avif") checkAvif(bytes);
}

function checkPng(bytes: Uint8Array): void {
  let type = "";
  // The checksum of IEND may be missing: nothing depends on it.
  for (const chunk of pngChunks(new ByteReader(bytes, "the PNG"))) type = chunk.type;
  if (type !== "IEND") throw corrupt("the PNG ends without its IEND chunk");
}

function checkJpeg(bytes: Uint8Array): void {
  // Scan data cannot hold this marker, and thumbnails lie before the scan, so any hit is the end.
  const { scan } = readJpegFrame(bytes);
  for (let i = bytes.length - 1; i > scan; i--) {
    if (bytes[i] === 0xd9 && bytes[i - 1] === 0xff) return;
  }
  throw corrupt("the JPEG ends without its end marker");
}

function checkWebp(bytes: Uint8Array): void {
  const size = new ByteReader(bytes, "the WebP").u32(4, true) + 8;
  // Writers exist that count the pad byte but leave it out.
  if (size > bytes.length + 1) throw corrupt(`the WebP has ${bytes.length} of ${size} bytes`);
}

function checkGif(bytes: Uint8Array): void {
  // The trailer may be missing: the first frame is complete when its chain of blocks is.
  skipSubBlocks(new ByteReader(bytes, "the GIF"), readGifFrame(bytes).data + 1);
}

function checkAvif(bytes: Uint8Array): void {
  const reader = new ByteReader(bytes, "the AVIF");
  let data = false;
  for (const box of boxes(reader, 0, reader.length)) data ||= box.type === "mdat";
  if (!data) throw corrupt("the AVIF ends before its data");
}
