/**
 * Makes a still WebP of the first frame of an animated one. The wasm codec refuses animations,
 * browsers show their first frame.
 */
import { ByteReader } from "./byte-reader.ts";
import { corrupt } from "./failure.ts";

const FIRST_CHUNK = 12;
const FRAME_HEADER = 16;
const ANIMATION_FLAG = 2;
const ALPHA_FLAG = 16;

/** The first frame as a file of its own, and its place on the canvas. */
export interface WebpFrame {
  readonly bytes: Uint8Array;
  readonly left: number;
  readonly top: number;
}

/** Undefined for a WebP that is not animated. */
export function firstWebpFrame(bytes: Uint8Array): WebpFrame | undefined {
  const reader = new ByteReader(bytes, "the WebP");
  const animated =
    reader.text(FIRST_CHUNK) === "VP8X" && (reader.u8(FIRST_CHUNK + 8) & ANIMATION_FLAG) !== 0;
  if (!animated) return undefined;
  for (let offset = FIRST_CHUNK; ;) {
    const size = reader.u32(offset + 4, true);
    if (reader.text(offset) === "ANMF") {
      const frame = reader.slice(offset + 8, size);
      if (size <= FRAME_HEADER) throw corrupt("the WebP has an empty frame");
      return { bytes: still(frame), left: u24(frame, 0) * 2, top: u24(frame, 3) * 2 };
    }
    offset += 8 + size + (size & 1);
  }
}

function still(frame: Uint8Array): Uint8Array {
  const payload = frame.subarray(FRAME_HEADER);
  const file = new Uint8Array(FIRST_CHUNK + 18 + payload.length);
  const view = new DataView(file.buffer);
  const put = (offset: number, tag: string): void =>
    file.set(
      Uint8Array.from(tag, (letter) => letter.charCodeAt(0)),
      offset,
    );
  put(0, "RIFF");
  view.setUint32(4, file.length - 8, true);
  put(8, "WEBP");
  put(12, "VP8X");
  view.setUint32(16, 10, true);
  // Separate alpha counts only when the extended header announces it; lossless carries its own.
  view.setUint8(20, String.fromCharCode(...payload.subarray(0, 4)) === "ALPH" ? ALPHA_FLAG : 0);
  file.set(frame.subarray(6, 12), 24);
  file.set(payload, 30);
  return file;
}

function u24(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8) | ((bytes[offset + 2] ?? 0) << 16);
}
