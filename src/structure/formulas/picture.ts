import type { Rect, RgbaImage } from "../../types.ts";
import type { Normalisation } from "../../catalog/manifest/manifest.ts";
import type {
  CentredPicture,
  FormulaPicture,
  InkPicture,
  StretchedPicture,
} from "../../catalog/manifest/structure-params.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { cropImage } from "../../image/pixels/crop.ts";
import { resizeToPlanes } from "../../image/pixels/resize.ts";

/** Where in a crop the formula is, and what is ink in it. */

export interface Ink {
  /** The smallest rectangle around all of it; the whole crop when that has one colour. */
  readonly box: Rect;
  /** Whether it is darker than what it stands on. */
  readonly isDark: boolean;
  /** Extremes of the crop's brightness, 0–1. */
  readonly darkest: number;
  readonly lightest: number;
}

/** Darker than this is ink, once the brightness is stretched to 0–255. */
const DARK = 200;

/**
 * `UniMERNetImgDecode.crop_margin` of PaddleX, which looks for what is dark; where most of the edge is dark, the
 * ink is what is light.
 *
 * @param part in whole pixels, inside of the image
 */
function findInk(image: RgbaImage, part: Rect): Ink {
  const grey = greyBytes(image, part);
  let least = 255;
  let most = 0;
  for (const value of grey) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const extremes = { darkest: least / 255, lightest: most / 255 };
  if (least === most) return { box: part, isDark: true, ...extremes };
  const stretched = (value: number): number => ((value - least) / (most - least)) * 255;
  const isDark = edgeOf(grey, part.width, part.height, stretched) >= 255 / 2;
  const isInk = (value: number): boolean =>
    isDark ? stretched(value) < DARK : stretched(value) > 255 - DARK;
  return { box: around(grey, part, isInk), isDark, ...extremes };
}

/** Brightness as PIL computes it. */
function greyBytes({ data, width }: RgbaImage, part: Rect): Uint8Array {
  const grey = new Uint8Array(part.width * part.height);
  for (let y = 0; y < part.height; y++) {
    for (let x = 0; x < part.width; x++) {
      const at = ((part.y + y) * width + part.x + x) * 4;
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      grey[y * part.width + x] = (red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16;
    }
  }
  return grey;
}

/** Mean of the outermost pixels. */
function edgeOf(
  grey: Uint8Array,
  width: number,
  height: number,
  stretched: (value: number) => number,
): number {
  let sum = 0;
  let count = 0;
  const add = (x: number, y: number): void => {
    sum += stretched(grey[y * width + x] as number);
    count++;
  };
  for (let x = 0; x < width; x++) {
    add(x, 0);
    add(x, height - 1);
  }
  for (let y = 1; y < height - 1; y++) {
    add(0, y);
    add(width - 1, y);
  }
  return sum / count;
}

function around(grey: Uint8Array, part: Rect, isInk: (value: number) => boolean): Rect {
  let [left, top, right, bottom] = [part.width, part.height, -1, -1];
  for (let y = 0; y < part.height; y++) {
    for (let x = 0; x < part.width; x++) {
      if (!isInk(grey[y * part.width + x] as number)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const width = right - left + 1;
  return { x: part.x + left, y: part.y + top, width, height: bottom - top + 1 };
}

/** From the crop of a formula to the input of the network that reads it. */

export interface PreparedPicture {
  /** `[1, channels, height, width]`. */
  readonly pixels: Tensor;
  /** `[1, height, width]`: 1 where there is nothing but padding. */
  readonly mask?: Tensor;
}

/** @returns nothing for a box outside of the image */
export function preparePicture(
  image: RgbaImage,
  box: Rect,
  picture: FormulaPicture,
): PreparedPicture | undefined {
  const part = wholePixels(box, image);
  if (part.width < 1 || part.height < 1) return undefined;
  if (picture.fit === "stretch") return stretch(image, part, picture);
  return picture.fit === "centre" ? centre(image, part, picture) : onBlack(image, part, picture);
}

function wholePixels({ x, y, width, height }: Rect, image: RgbaImage): Rect {
  const left = Math.max(0, Math.floor(x));
  const top = Math.max(0, Math.floor(y));
  return {
    x: left,
    y: top,
    width: Math.min(image.width, Math.ceil(x + width)) - left,
    height: Math.min(image.height, Math.ceil(y + height)) - top,
  };
}

function stretch(image: RgbaImage, part: Rect, picture: StretchedPicture): PreparedPicture {
  const { width, height } = picture;
  const data = resized(image, part, width, height, picture);
  return { pixels: { data, dims: [1, 3, height, width] } };
}

/** Weights of the channels in OpenCV's order; PaddleX applies them to RGB pictures as they stand. */
const SWAPPED_LUMA = [0.114, 0.587, 0.299] as const;
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * UniMERNet's way: `UniMERNetImgDecode`, `UniMERNetTestTransform` and `LatexImageFormat` in
 * `paddlex/inference/models/formula_recognition/processors.py`. There the crop is enlarged first, until its
 * short side fills the input, and then reduced; here it is resampled once to the size that comes out.
 */
function centre(image: RgbaImage, part: Rect, picture: CentredPicture): PreparedPicture {
  const { width, height, mean, std } = picture;
  const ink = findInk(image, part).box;
  const fit = fitted(ink, width, height);
  const grey = greyOf(image, ink, fit.width, fit.height, SWAPPED_LUMA);
  const data = new Float32Array(width * height).fill(-mean / std);
  const left = Math.floor((width - fit.width) / 2);
  const top = Math.floor((height - fit.height) / 2);
  for (let y = 0; y < fit.height; y++) {
    for (let x = 0; x < fit.width; x++) {
      const value = grey[y * fit.width + x] as number;
      data[(top + y) * width + left + x] = (value - mean) / std;
    }
  }
  return { pixels: { data, dims: [1, 1, height, width] } };
}

/**
 * The size that comes out of PaddleX's two steps: the short side is brought to the input's shorter one, which
 * rounds the long side down, and `PIL.Image.thumbnail` rounds towards the better ratio.
 */
function fitted(
  { width, height }: Rect,
  mostWidth: number,
  mostHeight: number,
): { width: number; height: number } {
  const short = Math.min(mostWidth, mostHeight);
  const long = Math.floor((short * Math.max(width, height)) / Math.min(width, height));
  const ratio = width <= height ? short / long : long / short;
  const best = (exact: number, ratioOf: (side: number) => number): number => {
    const [low, high] = [Math.max(1, Math.floor(exact)), Math.max(1, Math.ceil(exact))];
    return Math.abs(ratio - ratioOf(low)) <= Math.abs(ratio - ratioOf(high)) ? low : high;
  };
  return mostWidth / mostHeight >= ratio
    ? { width: best(mostHeight * ratio, (side) => side / mostHeight), height: mostHeight }
    : { width: mostWidth, height: best(mostWidth / ratio, (side) => mostWidth / side) };
}

/** Handwriting as CROHME draws it: the ink white, whichever way round the picture is. */
function onBlack(image: RgbaImage, part: Rect, picture: InkPicture): PreparedPicture {
  const { height, margin, inkHeight } = picture;
  const { box, isDark, darkest, lightest } = findInk(image, part);
  const scale = Math.min(
    (Math.min(inkHeight, height) - 2 * margin) / box.height,
    (picture.width - 2 * margin) / box.width,
  );
  const inner = {
    width: Math.max(1, Math.round(box.width * scale)),
    height: Math.max(1, Math.round(box.height * scale)),
  };
  const used = { width: inner.width + 2 * margin, height: inner.height + 2 * margin };
  const { widthStep } = picture;
  const width = Math.min(picture.width, Math.ceil(used.width / widthStep) * widthStep);
  const grey = greyOf(image, box, inner.width, inner.height, LUMA);
  const data = new Float32Array(width * height);
  const mask = new Float32Array(width * height).fill(1);
  const range = Math.max(lightest - darkest, 1 / 255);
  for (let y = 0; y < used.height; y++) mask.fill(0, y * width, y * width + used.width);
  for (let y = 0; y < inner.height; y++) {
    for (let x = 0; x < inner.width; x++) {
      const light = ((grey[y * inner.width + x] as number) - darkest) / range;
      const ink = isDark ? 1 - light : light;
      data[(margin + y) * width + margin + x] = Math.min(1, Math.max(0, ink));
    }
  }
  return {
    pixels: { data, dims: [1, 1, height, width] },
    mask: { data: mask, dims: [1, height, width] },
  };
}

const UNCHANGED = { channels: "rgb", mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** A part of the image, resampled, as one channel from 0 to 1. */
function greyOf(
  image: RgbaImage,
  part: Rect,
  width: number,
  height: number,
  weights: readonly [number, number, number],
): Float32Array {
  const planes = resized(image, part, width, height, UNCHANGED);
  const size = width * height;
  const [red, green, blue] = weights;
  return Float32Array.from(
    { length: size },
    (_, i) =>
      red * (planes[i] as number) +
      green * (planes[size + i] as number) +
      blue * (planes[2 * size + i] as number),
  );
}

/** Cut out before it is resampled, so that nothing from beside the part gets into it. */
function resized(
  image: RgbaImage,
  part: Rect,
  width: number,
  height: number,
  normalisation: Normalisation,
): Float32Array {
  const planes = new Float32Array(3 * width * height);
  const crop = cropImage(image, part);
  if (crop) {
    const whole = { x: 0, y: 0, width: crop.width, height: crop.height };
    resizeToPlanes(crop, whole, width, height, normalisation, planes);
  }
  return planes;
}
