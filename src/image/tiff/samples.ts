/** Turns unpacked TIFF samples into RGBA: bit depths, byte order, predictor, colour models. */
import { corrupt, unsupported } from "../failure.ts";
import { TIFF_TAG, tiffValue, type TiffDirectory } from "../headers/tiff.ts";

/** How the samples of a pixel are laid out and what they mean. */
export interface SampleLayout {
  readonly bits: number;
  /** Samples per pixel as stored together; 1 when the planes lie apart. */
  readonly samples: number;
  readonly planes: number;
  readonly littleEndian: boolean;
  readonly differences: boolean;
  readonly photometric: number;
  readonly alpha: "none" | "straight" | "premultiplied";
  readonly colourMap: readonly number[];
}

export const PHOTOMETRIC = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  cmyk: 5,
  ycbcr: 6,
} as const;
/** Colour samples per photometric interpretation. */
const COLOURS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 };

/** Reads and checks the layout, so that hostile counts cannot ask for gigabytes. */
export function sampleLayout({ tags, littleEndian }: TiffDirectory): SampleLayout {
  const samples = tiffValue(tags, TIFF_TAG.samplesPerPixel, 1);
  const bits = tiffValue(tags, TIFF_TAG.bitsPerSample, 1);
  const photometric = tiffValue(tags, TIFF_TAG.photometric, samples >= 3 ? 2 : 0);
  const colours = COLOURS[photometric];
  if (colours === undefined) {
    throw unsupported(`TIFF photometric interpretation ${photometric} is not decoded.`);
  }
  if (samples < colours || samples > 8) throw corrupt(`the TIFF has ${samples} samples per pixel`);
  const integer = tiffValue(tags, TIFF_TAG.sampleFormat, 1) === 1;
  if (!integer || ![1, 2, 4, 8, 16].includes(bits)) {
    throw unsupported(
      `TIFF samples of ${bits} bits ${integer ? "" : "(not integer) "}are not decoded.`,
    );
  }
  const predictor = tiffValue(tags, TIFF_TAG.predictor, 1);
  if (predictor > 2 || (predictor === 2 && bits < 8)) {
    throw unsupported(`TIFF predictor ${predictor} at ${bits} bits is not decoded.`);
  }
  const apart = tiffValue(tags, TIFF_TAG.planar, 1) === 2;
  return {
    bits,
    samples: apart ? 1 : samples,
    planes: apart ? samples : 1,
    littleEndian,
    differences: predictor === 2,
    photometric,
    alpha: alphaKind(samples - colours, tiffValue(tags, TIFF_TAG.extraSamples, 0)),
    colourMap: tags.get(TIFF_TAG.colourMap) ?? [],
  };
}

function alphaKind(extra: number, kind: number): SampleLayout["alpha"] {
  if (extra === 0 || kind === 0) return "none"; // an unspecified extra sample is not an alpha
  return kind === 1 ? "premultiplied" : "straight";
}

/**
 * Eight-bit samples of a strip or tile, one byte each, palette indices unscaled.
 * Sixteen-bit samples keep their high byte, after differences were summed at full depth.
 */
export function toBytes(
  packed: Uint8Array,
  width: number,
  height: number,
  layout: SampleLayout,
): Uint8Array {
  const { bits, samples, littleEndian, differences, photometric } = layout;
  const perRow = width * samples;
  const stride = (perRow * bits + 7) >> 3;
  if (bits === 8 && !differences) return packed.subarray(0, perRow * height);
  const out = new Uint8Array(perRow * height);
  const scale = photometric === PHOTOMETRIC.palette ? 1 : 255 / ((1 << Math.min(bits, 8)) - 1);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const sums = new Uint16Array(perRow);
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    if (bits === 1) {
      for (let i = 0, to = y * perRow; i < perRow; i++, to++) {
        out[to] = ((packed[row + (i >> 3)] ?? 0) >> (7 - (i & 7))) & 1 ? scale : 0;
      }
      continue;
    }
    for (let i = 0; i < perRow; i++) {
      let value: number;
      if (bits === 16) value = view.getUint16(row + i * 2, littleEndian);
      else if (bits === 8) value = packed[row + i] ?? 0;
      else {
        const bit = i * bits;
        value = ((packed[row + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
      }
      if (differences) {
        sums[i] = value + (i >= samples ? (sums[i - samples] ?? 0) : 0);
        value = bits === 16 ? (sums[i] ?? 0) : (sums[i] ?? 0) & 0xff;
      }
      out[y * perRow + i] = bits === 16 ? value >> 8 : value * scale;
    }
  }
  return out;
}

/** Opaque RGBA of every value that a lone sample can have; scans are millions of lone samples. */
function singleSampleTable({ photometric, colourMap }: SampleLayout): Uint8Array {
  const table = new Uint8Array(256 * 4).fill(255);
  const map = colourMap.length / 3;
  for (let value = 0; value < 256; value++) {
    const grey = photometric === PHOTOMETRIC.whiteIsZero ? 255 - value : value;
    for (let c = 0; c < 3; c++) {
      const isPalette = photometric === PHOTOMETRIC.palette;
      table[value * 4 + c] = isPalette ? (colourMap[value + c * map] ?? 0) >> 8 : grey;
    }
  }
  return table;
}

function fillFromTable(rgba: Uint8ClampedArray, samples: Uint8Array, table: Uint8Array): void {
  const colours = new Uint32Array(table.buffer);
  const words = new Uint32Array(rgba.buffer);
  for (let i = 0; i < words.length; i++) words[i] = colours[samples[i] ?? 0] ?? 0;
}

/** RGBA, alpha straight, of planes or of interleaved samples as `toBytes` made them. */
export function toRgba(
  planes: readonly Uint8Array[],
  pixels: number,
  layout: SampleLayout,
): Uint8ClampedArray {
  const { samples, photometric, alpha, colourMap } = layout;
  const colours = COLOURS[photometric] ?? 1;
  const map = colourMap.length / 3;
  const rgba = new Uint8ClampedArray(pixels * 4);
  const interleaved = planes.length === 1 ? planes[0] : undefined;
  if (interleaved && colours === 1 && samples === 1) {
    fillFromTable(rgba, interleaved, singleSampleTable(layout));
    return rgba;
  }
  const at = (pixel: number, sample: number): number =>
    (interleaved ? interleaved[pixel * samples + sample] : planes[sample]?.[pixel]) ?? 0;
  for (let pixel = 0, to = 0; pixel < pixels; pixel++, to += 4) {
    const first = at(pixel, 0);
    if (photometric === PHOTOMETRIC.palette) {
      for (let c = 0; c < 3; c++) rgba[to + c] = (colourMap[first + c * map] ?? 0) >> 8;
    } else if (photometric === PHOTOMETRIC.cmyk) {
      const white = 255 - at(pixel, 3);
      for (let c = 0; c < 3; c++) rgba[to + c] = ((255 - at(pixel, c)) * white) / 255;
    } else if (colours === 3) {
      for (let c = 0; c < 3; c++) rgba[to + c] = at(pixel, c);
    } else {
      rgba.fill(photometric === PHOTOMETRIC.whiteIsZero ? 255 - first : first, to, to + 3);
    }
    const opacity = alpha === "none" ? 255 : at(pixel, colours);
    rgba[to + 3] = opacity;
    if (alpha === "premultiplied" && opacity > 0 && opacity < 255) {
      for (let c = 0; c < 3; c++) rgba[to + c] = ((rgba[to + c] ?? 0) * 255) / opacity;
    }
  }
  return rgba;
}
