/**
 * Decodes with wasm codecs, for Deno, whose canvas cannot give pixels back. Only Deno's worker entry
 * imports this file: a browser bundle must not contain the codecs.
 *
 * The codecs return pixels as stored; `decodeImage` turns them.
 */
import { throwIfAborted } from "../errors.ts";
import type { RgbaImage } from "../types.ts";
import { unsupported } from "./failure.ts";
import type { ImageHeader } from "./header.ts";
import { readJpegFrame } from "./header-jpeg.ts";
import type { PlatformDecoder } from "./platform-decoder.ts";
import { firstWebpFrame } from "./webp-frame.ts";

/** Deno's decoder. Codecs are loaded when their first image comes. */
export const denoDecoder: PlatformDecoder = {
  async decode(bytes, header, signal) {
    // Named one by one: an ImageData has its fields on the prototype, where a spread finds nothing.
    const { data, width, height } = await decodeStored(bytes, header);
    throwIfAborted(signal);
    return { data, width, height, upright: false };
  },
};

function decodeStored(bytes: Uint8Array, header: ImageHeader): Promise<RgbaImage> {
  switch (header.format) {
    case "png":
      return decodePng(bytes);
    case "jpeg":
      return decodeJpeg(bytes);
    case "webp":
      return decodeWebp(bytes, header);
    case "avif":
      return decodeAvif(bytes);
    default:
      throw unsupported(`${header.format} is not decoded by the platform.`);
  }
}

/** A buffer of exactly these bytes: the codecs take no views. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return whole ? buffer : new Uint8Array(bytes).buffer;
}

async function decodePng(bytes: Uint8Array): Promise<RgbaImage> {
  const { decode } = await import("@jsquash/png/decode.js");
  return await decode(exactBuffer(bytes));
}

async function decodeJpeg(bytes: Uint8Array): Promise<RgbaImage> {
  const { components, precision, process } = readJpegFrame(bytes);
  if (precision !== 8 || process > 2) {
    throw unsupported(`JPEG process ${process} at ${precision} bits is not decoded.`);
  }
  if (components === 4) return await decodeCmykJpeg(bytes);
  const codec = await import("@jsquash/jpeg/decode.js");
  return await orRestart(codec, () => codec.default(exactBuffer(bytes)));
}

/** mozjpeg has no conversion from CMYK and YCCK. */
async function decodeCmykJpeg(bytes: Uint8Array): Promise<RgbaImage> {
  const { default: codec } = await import("jpeg-js");
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
  const codec = await import("@jsquash/webp/decode.js");
  const frame = firstWebpFrame(bytes);
  const image = await orRestart(codec, () => codec.default(exactBuffer(frame?.bytes ?? bytes)));
  if (frame === undefined) return image;
  const { width, height } = header;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < image.height && y + frame.top < height; y++) {
    const columns = Math.min(image.width, width - frame.left);
    const row = image.data.subarray(y * image.width * 4, (y * image.width + columns) * 4);
    data.set(row, ((y + frame.top) * width + frame.left) * 4);
  }
  return { data, width, height };
}

async function decodeAvif(bytes: Uint8Array): Promise<RgbaImage> {
  const codec = await import("@jsquash/avif/decode.js");
  const image = await orRestart(codec, () => codec.default(exactBuffer(bytes)));
  if (image === null) throw new Error("The AVIF codec returned nothing.");
  return image;
}

/**
 * A codec that failed half-way keeps its memory and perhaps a broken state: the next call gets a
 * fresh instance.
 */
async function orRestart<T>(
  codec: { init(): Promise<void> },
  decode: () => Promise<T>,
): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    await codec.init();
    throw error;
  }
}
