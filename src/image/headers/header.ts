/**
 * What an encoded image says about itself, read without decoding a pixel: the format by its magic
 * bytes (never by a file name) and the upright size, so that limits can be checked first.
 */
import { GlyphpoolError } from "../../errors.ts";
import { dpiField } from "./density.ts";
import type { Orientation } from "./exif.ts";
import type { StoredHeader } from "./stored.ts";
import { corrupt, unsupported } from "../failure.ts";
import { isPnm, readPnmHeader } from "../pnm.ts";
import { readBmpHeader } from "./bmp.ts";
import { readGifHeader } from "./gif.ts";
import { isAvif, readAvifHeader } from "./isobmff.ts";
import { readJpegHeader } from "./jpeg.ts";
import { readPngHeader } from "./png.ts";
import { readTiffHeader } from "./tiff.ts";
import { readWebpHeader } from "./webp.ts";

export type ImageFormat = "png" | "jpeg" | "webp" | "gif" | "bmp" | "tiff" | "avif" | "pnm";

/** Facts of one image in a file. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** Width of the upright image: after the orientation was applied. */
  readonly width: number;
  /** Height of the upright image. */
  readonly height: number;
  /** How the stored pixels have to be turned; 1 means not at all. */
  readonly orientation: Orientation;
  /** Number of images in a TIFF. */
  readonly pages?: number;
  /** Pixels per inch, where the file tells it credibly; of PNG, JPEG and TIFF. */
  readonly dpi?: number;
}

const READERS: Readonly<Record<ImageFormat, (bytes: Uint8Array, frame: number) => StoredHeader>> = {
  png: readPngHeader,
  jpeg: readJpegHeader,
  webp: readWebpHeader,
  gif: readGifHeader,
  bmp: readBmpHeader,
  tiff: readTiffHeader,
  avif: readAvifHeader,
  pnm: readPnmHeader,
};

const MAGIC: readonly (readonly [ImageFormat, string])[] = [
  ["png", "\x89PNG\r\n\x1a\n"],
  ["jpeg", "\xff\xd8\xff"],
  ["gif", "GIF87a"],
  ["gif", "GIF89a"],
  ["tiff", "II*\0"],
  ["tiff", "MM\0*"],
  ["tiff", "II+\0"],
  ["tiff", "MM\0+"],
];

function sniff(bytes: Uint8Array): ImageFormat | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  for (const [format, magic] of MAGIC) {
    // A file cut inside its magic is damaged, not foreign, once three bytes agree.
    const compared = Math.min(magic.length, head.length);
    if (compared >= 3 && head.slice(0, compared) === magic.slice(0, compared)) return format;
  }
  if (head.startsWith("RIFF") && "WEBP".startsWith(head.slice(8, 12))) return "webp";
  if (head.slice(4, 8) === "ftyp") return isAvif(bytes) ? "avif" : undefined;
  if (isPnm(bytes)) return "pnm";
  // "BM" alone begins many a text; the reserved words or the header size must agree as well.
  if (head.startsWith("BM") && isBmp(bytes)) return "bmp";
  return undefined;
}

function isBmp(bytes: Uint8Array): boolean {
  if (bytes.length < 18) return bytes.subarray(2).some((byte) => byte < 9);
  return bytes[15] === 0 && bytes[16] === 0 && bytes[17] === 0 && (bytes[14] ?? 0) >= 12;
}

const HEIC_BRANDS: ReadonlySet<string> = new Set([
  "heic",
  "heix",
  "hevc",
  "hevx",
  "heim",
  "heis",
  "mif1",
  "msf1",
]);

const FOREIGN: readonly (readonly [magic: string, name: string])[] = [
  ["\0\0\0\x0cJXL ", "a JPEG XL image"],
  ["\xff\x0a", "a JPEG XL image"],
  ["\0\0\0\x0cjP  ", "a JPEG 2000 image"],
  ["\xff\x4f\xff\x51", "a JPEG 2000 image"],
  ["\0\0\x01\0", "an icon (ICO)"],
  ["8BPS", "a Photoshop document"],
  ["\x01\x00\x00\x00\x58\x00\x00\x00", "a Windows metafile (EMF)"],
  ["\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)"],
  ["AT&TFORM", "a DjVu document"],
  ["gimp xcf", "a GIMP image"],
];

/** What else people hand in, for an error that helps. */
function foreignName(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  if (head.startsWith("%PDF-")) return "The bytes are a PDF, not an image.";
  if (head.slice(4, 8) === "ftyp") {
    return HEIC_BRANDS.has(head.slice(8, 12))
      ? "The bytes are a HEIC image. Convert it to JPEG, PNG or AVIF; phones can also be set to take JPEG."
      : "The bytes are a video or another media file, not an image.";
  }
  for (const [magic, name] of FOREIGN) {
    if (head.startsWith(magic)) return `The bytes are ${name}. Convert it to PNG.`;
  }
  if (/^\s*(<\?xml|<svg)/.test(head))
    return "The bytes are an SVG drawing or XML. Convert it to PNG.";
  return "The bytes are not an image of a known format.";
}

/**
 * Reads the header of an encoded image.
 *
 * @throws GlyphpoolError `INVALID_INPUT` for no bytes, `UNSUPPORTED_FORMAT` for unknown ones,
 * `IMAGE_CORRUPT` for a known format with a damaged header
 */
export function readImageHeader(bytes: Uint8Array, frame: number = 0): ImageHeader {
  if (bytes.byteLength === 0) {
    throw new GlyphpoolError("INVALID_INPUT", "The image is empty: it has zero bytes.");
  }
  const format = sniff(bytes);
  if (format === undefined) throw unsupported(foreignName(bytes));
  if (frame > 0 && format !== "tiff") {
    throw new GlyphpoolError(
      "PAGE_NOT_FOUND",
      "The image has one page. Only TIFF files have more.",
    );
  }
  const stored = READERS[format](bytes, frame);
  if (stored.width < 1 || stored.height < 1) {
    throw corrupt(`its header says ${stored.width} × ${stored.height} pixels`);
  }
  const orientation = stored.orientation ?? 1;
  const turned = orientation >= 5;
  return {
    format,
    width: turned ? stored.height : stored.width,
    height: turned ? stored.width : stored.height,
    orientation,
    ...(stored.pages === undefined ? {} : { pages: stored.pages }),
    ...dpiField(stored.dpi),
  };
}
