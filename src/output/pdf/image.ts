/** JPEG and PNG files as PDF images, without decoding them where that can be avoided. */
import { type PDFDocument, PDFHexString, type PDFRef } from "@cantoo/pdf-lib";
import { GlyphpoolError } from "../../errors.ts";
import { exifOrientation, type Orientation, swapsSides } from "./exif-orientation.ts";

export interface PdfImage {
  readonly ref: PDFRef;
  /** Pixels of the upright picture. */
  readonly width: number;
  readonly height: number;
  /** How the stored picture has to be turned. */
  readonly orientation: Orientation;
}

/** @throws GlyphpoolError `INVALID_INPUT` where the bytes are not such a file */
export async function embedImage(
  doc: PDFDocument,
  bytes: Uint8Array,
  type: "image/jpeg" | "image/png",
): Promise<PdfImage> {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { ref, width, height, orientation } =
      type === "image/jpeg" ? embedJpeg(doc, bytes, view) : await embedPng(doc, bytes, view);
    const turned = swapsSides(orientation);
    return { ref, width: turned ? height : width, height: turned ? width : height, orientation };
  } catch (cause) {
    throw new GlyphpoolError("INVALID_INPUT", `The background is not a readable ${type}.`, {
      cause,
    });
  }
}

const APP1 = 0xe1;
const APP14 = 0xee;
const COLOUR_SPACES: Readonly<Record<number, string>> = {
  1: "DeviceGray",
  3: "DeviceRGB",
  4: "DeviceCMYK",
};

/** The file's bytes are the stream. */
function embedJpeg(doc: PDFDocument, bytes: Uint8Array, view: DataView): PdfImage {
  if (view.getUint16(0) !== 0xffd8) throw new RangeError("no JPEG");
  let orientation: Orientation = 1;
  let adobe = false;
  for (let at = 2; ;) {
    while (view.getUint8(at) !== 0xff) at++;
    while (view.getUint8(at) === 0xff) at++;
    const marker = view.getUint8(at++);
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const size = view.getUint16(at);
    const segment = bytes.subarray(at + 2, at + size);
    if (marker === APP1 && startsWith(segment, "Exif\0\0"))
      orientation = exifOrientation(segment.subarray(6));
    if (marker === APP14 && startsWith(segment, "Adobe")) adobe = true;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!isFrame) {
      at += size;
      continue;
    }
    const [height, width] = [view.getUint16(at + 3), view.getUint16(at + 5)];
    const components = view.getUint8(at + 7);
    const space = COLOUR_SPACES[components];
    if (space === undefined || width === 0 || height === 0) throw new RangeError("no such JPEG");
    const stream = doc.context.stream(bytes, {
      ...imageEntries(width, height, space, view.getUint8(at + 2)),
      Filter: "DCTDecode",
      // Adobe's CMYK is stored inverted.
      ...(components === 4 && adobe ? { Decode: [1, 0, 1, 0, 1, 0, 1, 0] } : {}),
    });
    return { ref: doc.context.register(stream), width, height, orientation };
  }
}

/** What stands in the way of using a PNG's compressed rows as they are: alpha or interlacing. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1 };

/** The compressed rows are the stream, for PDF knows their filters; only alpha and interlacing cost a decoding. */
async function embedPng(doc: PDFDocument, bytes: Uint8Array, view: DataView): Promise<PdfImage> {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a)
    throw new RangeError("no PNG");
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colour, interlaced] = [view.getUint8(24), view.getUint8(25), view.getUint8(28)];
  const rows: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  let transparent = false;
  let orientation: Orientation = 1;
  for (let at = 8; at < bytes.length;) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + size);
    if (name === "IDAT") rows.push(data);
    else if (name === "PLTE") palette = data;
    else if (name === "tRNS") transparent = true;
    else if (name === "eXIf") orientation = exifOrientation(data);
    else if (name === "IEND") break;
    at += size + 12;
  }
  const channels = PNG_CHANNELS[colour];
  const indexed = colour === 3;
  if (channels === undefined || interlaced !== 0 || transparent || (indexed && !palette)) {
    const image = await doc.embedPng(bytes);
    await image.embed();
    return { ref: image.ref, width, height, orientation };
  }
  if (rows.length === 0 || width === 0 || height === 0) throw new RangeError("no such PNG");
  const space = indexed
    ? ["Indexed", "DeviceRGB", (palette?.length ?? 0) / 3 - 1, PDFHexString.of(toHex(palette))]
    : (COLOUR_SPACES[channels] as string);
  const stream = doc.context.stream(concat(rows), {
    ...imageEntries(width, height, space, depth),
    Filter: "FlateDecode",
    DecodeParms: { Predictor: 15, Colors: channels, BitsPerComponent: depth, Columns: width },
  });
  return { ref: doc.context.register(stream), width, height, orientation };
}

function imageEntries<T>(Width: number, Height: number, ColorSpace: T, BitsPerComponent: number) {
  return { Type: "XObject", Subtype: "Image", Width, Height, ColorSpace, BitsPerComponent };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Array.from(text).every((letter, i) => bytes[i] === letter.charCodeAt(0));
}

function toHex(bytes: Uint8Array = new Uint8Array()): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
