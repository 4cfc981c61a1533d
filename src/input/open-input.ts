/** Turns anything that `engine.read` takes into something that can cross to a worker. */
import type { ImageInput, ImageLimits, RgbaImage } from "../types.ts";
import { checkBytes, checkSize, invalidInput, openBytes } from "./input-checks.ts";
import { openLocation } from "./open-location.ts";
import type { OpenInput, Picture } from "../pool/call.ts";
import type { WireInput } from "../pool/worker-types.ts";

/** A picture of which everything is known. */
export type TakenPicture = Required<Omit<Picture, "frame">>;

/**
 * A copy up to this size stays on the host until the read is done, so that the read can be run again when
 * its worker dies; a larger one is given away, because it would lie in memory twice.
 */
const KEPT_BYTES = 32 * 2 ** 20;

/**
 * Takes hold of an input. What the caller may change or close later is copied at once; the caller's
 * own buffers and bitmaps stay his. Paths, URLs and blobs are opened when a worker is free.
 *
 * @throws GlyphpoolError `INVALID_INPUT`, `IMAGE_TOO_LARGE`; `open` also `INPUT_NOT_FOUND`
 */
export async function takeInput(input: ImageInput, limits: ImageLimits): Promise<TakenPicture> {
  if (typeof input === "string" || input instanceof URL) {
    const open: Picture["open"] = (signal) => openLocation(input, limits, signal);
    return { open, repeatable: true, bytes: 0, close: nothing };
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

function takeBlob(blob: Blob, limits: ImageLimits): TakenPicture {
  checkBytes(blob.size, limits);
  // Blobs cannot cross to Deno's workers.
  const open: Picture["open"] =
    "Deno" in globalThis
      ? async () => openBytes(new Uint8Array(await blob.arrayBuffer()))
      : async () => ({ input: { kind: "blob", blob }, transfer: [] });
  return { open, repeatable: true, bytes: blob.size, close: nothing };
}

function takeBytes(source: Uint8Array, limits: ImageLimits): TakenPicture {
  checkBytes(source.byteLength, limits);
  const bytes = new Uint8Array(source);
  return copied({ kind: "bytes", bytes }, bytes.buffer);
}

function takePixels({ data, width, height }: RgbaImage, limits: ImageLimits): TakenPicture {
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || data.length !== width * height * 4) {
    const size = `${width} × ${height} pixels with ${data.length} values`;
    throw invalidInput(`RGBA pixels need width × height × 4 values, but these are ${size}`);
  }
  checkSize(width, height, limits);
  const copy = new Uint8ClampedArray(data);
  return copied({ kind: "pixels", image: { data: copy, width, height } }, copy.buffer);
}

/** Our own copy of something: kept where it is small, given away where it is large. */
function copied(input: WireInput, buffer: ArrayBuffer): TakenPicture {
  const bytes = buffer.byteLength;
  const repeatable = bytes <= KEPT_BYTES;
  const transfer = repeatable ? [] : [buffer];
  return { open: async () => ({ input, transfer }), repeatable, bytes, close: nothing };
}

async function takeDrawable(source: ImageBitmapSource, limits: ImageLimits): Promise<TakenPicture> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(source);
  } catch (cause) {
    // A canvas without area, an image that has not loaded, a closed bitmap or frame.
    throw invalidInput(`${describe(source)} has no picture to read`, cause);
  }
  const { width, height } = bitmap;
  try {
    checkSize(width, height, limits);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  const open = async (): Promise<OpenInput> => ({
    input: { kind: "bitmap", bitmap },
    transfer: [bitmap],
  });
  return { open, repeatable: false, bytes: width * height * 4, close: () => bitmap.close() };
}

function nothing(): void {}

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
