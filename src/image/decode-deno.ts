import { ByteReader } from "./byte-reader.ts";
import { corrupt, unsupported } from "./failure.ts";
import { GlyphpoolError, throwIfAborted } from "../errors.ts";
import type { RgbaImage } from "../types.ts";
import type { ImageHeader } from "./headers/header.ts";
import { readJpegFrame } from "./headers/jpeg.ts";
import type { PlatformDecoder } from "./platform-decoder.ts";
import { decodePng } from "./png/decode.ts";

/**
 * Makes a still WebP of the first frame of an animated one. The wasm codec refuses animations,
 * browsers show their first frame.
 */

const FIRST_CHUNK = 12;
const FRAME_HEADER = 16;
const ANIMATION_FLAG = 2;
const ALPHA_FLAG = 16;

/** The first frame as a file of its own, and its place on the canvas. */
interface WebpFrame {
  readonly bytes: Uint8Array;
  readonly left: number;
  readonly top: number;
}

/** Undefined for a WebP that is not animated. */
function firstWebpFrame(bytes: Uint8Array): WebpFrame | undefined {
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

/**
 * Decodes for Deno, whose canvas gives no pixels back: PNG in plain code, the rest with wasm codecs.
 * Only Deno's worker entry imports this file: a browser bundle must not contain the codecs.
 *
 * The codecs return pixels as stored; `decodeImage` turns them.
 */

/** Deno's decoder. Codecs are loaded when their first image comes. */
export const denoDecoder: PlatformDecoder = {
  async decode(bytes, header, signal) {
    // Named one by one: an ImageData has its fields on the prototype, where a spread finds nothing.
    const { data, width, height } = await decodeStored(bytes, header);
    throwIfAborted(signal);
    return { data, width, height, upright: false };
  },
};

async function decodeStored(bytes: Uint8Array, header: ImageHeader): Promise<RgbaImage> {
  switch (header.format) {
    case "png":
      return await decodePng(bytes);
    case "jpeg":
      return await decodeJpeg(bytes);
    case "webp":
      return await decodeWebp(bytes, header);
    case "avif":
      return await decodeAvif(bytes);
    case "bmp":
    case "gif":
    case "tiff":
    case "pnm":
      break; // shared code decodes these
  }
  throw unsupported(`${header.format} is not decoded by the platform.`);
}

/** A buffer of exactly these bytes: the codecs take no views. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return whole ? buffer : new Uint8Array(bytes).buffer;
}

async function decodeJpeg(bytes: Uint8Array): Promise<RgbaImage> {
  const { components, precision, process } = readJpegFrame(bytes);
  if (precision !== 8 || process > 2) {
    throw unsupported(`JPEG process ${process} at ${precision} bits is not decoded.`);
  }
  if (components === 4) return await decodeCmykJpeg(bytes);
  const codec = await load("jpeg", () => import("@jsquash/jpeg/decode.js"));
  return await run(codec, () => codec.default(exactBuffer(bytes)));
}

/** mozjpeg has no conversion from CMYK and YCCK. */
async function decodeCmykJpeg(bytes: Uint8Array): Promise<RgbaImage> {
  const { default: codec } = await load("jpeg-js", () => import("jpeg-js"));
  return codec.decode(bytes, {
    useTArray: true,
    formatAsRGBA: true,
    tolerantDecoding: false,
    // The limits were checked before; the codec's own are lower than ours may be.
    maxResolutionInMP: Number.POSITIVE_INFINITY,
    maxMemoryUsageInMB: Number.POSITIVE_INFINITY,
  });
}

async function decodeWebp(bytes: Uint8Array, header: ImageHeader): Promise<RgbaImage> {
  const codec = await load("webp", () => import("@jsquash/webp/decode.js"));
  const frame = firstWebpFrame(bytes);
  const image = await run(codec, () => codec.default(exactBuffer(frame?.bytes ?? bytes)));
  return frame === undefined ? image : placeOnCanvas(image, frame, header);
}

/** A frame of an animation may be smaller than its canvas; the rest is see-through. */
function placeOnCanvas(
  image: RgbaImage,
  { left, top }: WebpFrame,
  { width, height }: ImageHeader,
): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  const columns = Math.max(0, Math.min(image.width, width - left));
  const rows = Math.min(image.height, height - top);
  for (let y = 0; y < rows; y++) {
    const start = y * image.width * 4;
    data.set(image.data.subarray(start, start + columns * 4), ((y + top) * width + left) * 4);
  }
  return { data, width, height };
}

async function decodeAvif(bytes: Uint8Array): Promise<RgbaImage> {
  const codec = await load("avif", () => import("@jsquash/avif/decode.js"));
  const image = await run(codec, () => codec.default(exactBuffer(bytes)));
  if (image === null) throw new Error("The AVIF codec returned nothing.");
  return image;
}

/** A missing codec is a broken installation, not a broken image. */
async function load<T>(name: string, importer: () => Promise<T>): Promise<T> {
  try {
    return await importer();
  } catch (cause) {
    throw new GlyphpoolError("INTERNAL", `The ${name} codec cannot be loaded.`, { cause });
  }
}

interface Codec {
  init(options?: { printErr: () => void }): Promise<void>;
}

/** Codecs that have an instance in good order. */
const ready = new WeakSet<Codec>();

/**
 * Runs a codec that lives in wasm. One that exited or trapped keeps its memory and perhaps a broken
 * state, so the next image gets a fresh instance; an ordinary refusal leaves it in good order.
 *
 * A wasm heap stays as large as the largest image it has seen (measured for 12 megapixels: JPEG 47,
 * WebP 56, AVIF 198 MiB) and does not grow with their number. Recycling the worker is the
 * only way to get it back.
 */
async function run<T>(codec: Codec, decode: () => Promise<T>): Promise<T> {
  if (!ready.has(codec)) {
    await codec.init({ printErr: () => undefined }); // warnings about damage belong to no console
    ready.add(codec);
  }
  try {
    return await decode();
  } catch (error) {
    // An exit throws a plain object.
    if (!(error instanceof Error) || error instanceof WebAssembly.RuntimeError) ready.delete(codec);
    throw error;
  }
}
