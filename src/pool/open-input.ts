/** Turns anything that `engine.read` takes into something that can cross to a worker. */
import type { ImageInput, ImageLimits, RgbaImage } from "../types.ts";
import { checkBytes, checkSize, invalidInput, openBytes } from "./input-checks.ts";
import { openLocation } from "./open-location.ts";
import type { ReadJob } from "./ocr-service.ts";

type Opener = ReadJob["open"];

/**
 * Takes hold of an input. What the caller may change or close later is copied at once; the caller's
 * own buffers and bitmaps stay his. Paths, URLs and blobs are opened when a worker is free.
 *
 * @throws GlyphpoolError `INVALID_INPUT`, `IMAGE_TOO_LARGE`; the opener also `INPUT_NOT_FOUND`
 */
export async function takeInput(input: ImageInput, limits: ImageLimits): Promise<Opener> {
  if (typeof input === "string" || input instanceof URL) {
    return (signal) => openLocation(input, limits, signal);
  }
  if (input instanceof Blob) return takeBlob(input, limits);
  if (input instanceof ArrayBuffer || isSharedBuffer(input)) {
    return takeBytes(new Uint8Array(input), limits);
  }
  if (ArrayBuffer.isView(input)) {
    return takeBytes(new Uint8Array(input.buffer, input.byteOffset, input.byteLength), limits);
  }
  if (isPixels(input)) return takePixels(input, limits);
  if (isDrawable(input)) return await takeDrawable(input, limits);
  throw invalidInput(`a value of type ${describe(input)} cannot be read`);
}

function takeBlob(blob: Blob, limits: ImageLimits): Opener {
  checkBytes(blob.size, limits);
  // Blobs cannot cross to Deno's workers.
  if ("Deno" in globalThis) return async () => openBytes(new Uint8Array(await blob.arrayBuffer()));
  return async () => ({ input: { kind: "blob", blob }, transfer: [] });
}

function takeBytes(bytes: Uint8Array, limits: ImageLimits): Opener {
  checkBytes(bytes.byteLength, limits);
  const copy = new Uint8Array(bytes);
  return async () => openBytes(copy);
}

function takePixels({ data, width, height }: RgbaImage, limits: ImageLimits): Opener {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || data.length !== width * height * 4) {
    const size = `${width} × ${height} pixels with ${data.length} values`;
    throw invalidInput(`RGBA pixels need width × height × 4 values, but these are ${size}`);
  }
  checkSize(width, height, limits);
  const copy = new Uint8ClampedArray(data);
  const image = { data: copy, width, height };
  return async () => ({ input: { kind: "pixels", image }, transfer: [copy.buffer] });
}

async function takeDrawable(source: ImageBitmapSource, limits: ImageLimits): Promise<Opener> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    // A canvas without area, an image that has not loaded, a closed bitmap or frame.
    throw invalidInput(`${describe(source)} has no picture to read`, cause);
  }
  checkSize(bitmap.width, bitmap.height, limits);
  return async () => ({ input: { kind: "bitmap", bitmap }, transfer: [bitmap] });
}

function isSharedBuffer(input: unknown): input is ArrayBuffer {
  return typeof SharedArrayBuffer !== "undefined" && input instanceof SharedArrayBuffer;
}

/** ImageData as well: it has the same fields. */
function isPixels(input: unknown): input is RgbaImage {
  const data = (input as Partial<RgbaImage> | null | undefined)?.data;
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray;
}

/** By name, because most of these classes exist on some platforms only. */
const DRAWABLE = [
  "ImageBitmap",
  "OffscreenCanvas",
  "HTMLCanvasElement",
  "HTMLImageElement",
  "VideoFrame",
] as const;

function isDrawable(input: unknown): input is ImageBitmapSource {
  // Deno has bitmaps, but neither a way to their pixels nor one into a worker.
  if ("Deno" in globalThis) return false;
  const known = globalThis as unknown as Record<string, unknown>;
  return DRAWABLE.some((name) => {
    const type = known[name];
    return typeof type === "function" && input instanceof type;
  });
}

function describe(input: unknown): string {
  if (input === null || typeof input !== "object") return input === null ? "null" : typeof input;
  return input.constructor?.name ?? "object";
}
