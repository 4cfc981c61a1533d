/** PBM, PGM and PPM (Netpbm), as text and as bytes: bits, greys and colours with up to 16 bits a sample. */
import type { RgbaImage } from "../types.ts";
import { corrupt } from "./failure.ts";
import type { StoredHeader } from "./headers/stored.ts";

interface PnmLayout {
  readonly width: number;
  readonly height: number;
  /** 1 bits, 2 greys, 3 colours. */
  readonly kind: number;
  readonly text: boolean;
  readonly most: number;
  /** Where the pixels begin. */
  readonly pixels: number;
}

export function isPnm(bytes: Uint8Array): boolean {
  const [letter, digit = 0, space = 0] = bytes;
  return letter === 0x50 && digit >= 0x31 && digit <= 0x36 && (isSpace(space) || space === 0x23);
}

export function readPnmHeader(bytes: Uint8Array): StoredHeader {
  const { width, height } = readLayout(bytes);
  return { width, height };
}

/** @throws GlyphpoolError `IMAGE_CORRUPT` */
export function decodePnm(bytes: Uint8Array): RgbaImage {
  const layout = readLayout(bytes);
  const { width, height, kind, most } = layout;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  const next = layout.text ? textSamples(bytes, layout) : byteSamples(bytes, layout);
  const channels = kind === 3 ? 3 : 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      for (let c = 0; c < channels; c++) {
        const value = next(x);
        // A bit that is set is ink.
        data[at + c] = kind === 1 ? 255 * (1 - value) : (255 * value) / most;
      }
      if (channels === 1) data.fill(data[at] as number, at + 1, at + 3);
    }
  }
  return { data, width, height };
}

function readLayout(bytes: Uint8Array): PnmLayout {
  const digit = (bytes[1] as number) - 0x30;
  const kind = ((digit - 1) % 3) + 1;
  let at = 2;
  const number = (): number => {
    const [value, end] = readNumber(bytes, at);
    at = end;
    return value;
  };
  const [width, height] = [number(), number()];
  const most = kind === 1 ? 1 : number();
  if (most < 1 || most > 65_535) throw corrupt(`the PNM has ${most} as its largest value`);
  // One blank stands between the header and bytes.
  return { width, height, kind, text: digit <= 3, most, pixels: at + 1 };
}

/** The next number behind blanks and comments, and where it ends. */
function readNumber(bytes: Uint8Array, from: number): [value: number, end: number] {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === 0x23) while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++;
    else if (!isSpace(byte)) break;
  }
  const start = at;
  let value = 0;
  for (; at < bytes.length && isDigit(bytes[at] as number); at++) {
    value = Math.min(value * 10 + (bytes[at] as number) - 0x30, 2 ** 31);
  }
  if (at === start) throw corrupt(`the PNM ends or has no number at byte ${at}`);
  return [value, at];
}

function textSamples(bytes: Uint8Array, { kind, pixels }: PnmLayout): () => number {
  let at = pixels - 1;
  return () => {
    if (kind !== 1) {
      const [value, end] = readNumber(bytes, at);
      at = end;
      return value;
    }
    // Bits may stand without blanks between them.
    while (at < bytes.length && isSpace(bytes[at] as number)) at++;
    const bit = (bytes[at++] ?? 0) - 0x30;
    if (bit !== 0 && bit !== 1) throw corrupt(`the PBM has no bit at byte ${at - 1}`);
    return bit;
  };
}

function byteSamples(
  bytes: Uint8Array,
  { width, height, kind, most, pixels }: PnmLayout,
): (x: number) => number {
  const size = most > 255 ? 2 : 1;
  const row = kind === 1 ? (width + 7) >> 3 : width * size * (kind === 3 ? 3 : 1);
  if (bytes.length < pixels + row * height) {
    throw corrupt(`the PNM has ${bytes.length} of ${pixels + row * height} bytes`);
  }
  let at = pixels;
  if (kind !== 1) {
    return () => {
      const high = bytes[at++] as number;
      return size === 1 ? high : high * 256 + (bytes[at++] as number);
    };
  }
  return (x) => {
    const bit = ((bytes[at] as number) >> (7 - (x & 7))) & 1;
    if ((x & 7) === 7 || x === width - 1) at++;
    return bit;
  };
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
