/**
 * A page of grey strips and networks that know them. Each end of a strip has its grey, its key: what a
 * network "reads" depends on the key that it sees first, so on where and which way round the crop lies.
 */
import type { Tensor } from "../../../src/gpu/tensor.ts";
import type { Rect, RgbaImage } from "../../../src/types.ts";
import { ALPHABET, type Answer, ctcRow, paint, plain, probabilityMap } from "./hand-made.ts";

export interface Strip extends Rect {
  /** Grey at the left (of a tall strip, at the top). */
  readonly key: number;
  /** Grey at the other end; `key` unless given. */
  readonly endKey?: number;
  /** What is read from the first end. */
  readonly text: string;
  /** How surely; 1 unless given. */
  readonly sure?: number;
  /** What is read from the other end. */
  readonly endText?: string;
  readonly endSure?: number;
  /** Probability in the detector's map; 1 unless given. */
  readonly p?: number;
}

/** White paper with the strips. */
export function page(width: number, height: number, strips: readonly Strip[]): RgbaImage {
  const image = plain(width, height);
  for (const strip of strips) {
    const { x, y } = strip;
    const tall = strip.height > strip.width;
    const half = Math.floor((tall ? strip.height : strip.width) / 2);
    paint(image, strip, strip.endKey ?? strip.key);
    paint(
      image,
      tall
        ? { x, y, width: strip.width, height: half }
        : { x, y, width: half, height: strip.height },
      strip.key,
    );
  }
  return image;
}

/** A detector that finds the strips at their places, whatever it is shown. */
export function detectorOf(strips: readonly Strip[]): Answer {
  return ({ dims }) => {
    const [, , height, width] = dims as [number, number, number, number];
    return { data: probabilityMap(width, height, strips), dims: [1, 1, height, width] };
  };
}

/** The grey that a crop begins with, halfway down; input normalised as (x/255 − mean) / std. */
export function keyOf(input: Tensor, crop: number, mean: number, std: number): number {
  const [, , height, width] = input.dims as [number, number, number, number];
  const at = crop * 3 * height * width + (height / 2) * width + 8;
  return Math.round(((input.data[at] as number) * std + mean) * 255);
}

/** A recogniser that reads the text that belongs to the key. */
export function readerOf(strips: readonly Strip[], inputs: Tensor[] = []): Answer {
  const texts = new Map<number, readonly [string, number]>();
  for (const { key, text, sure, endKey, endText, endSure } of strips) {
    texts.set(key, [text, sure ?? 1]);
    if (endKey !== undefined) texts.set(endKey, [endText ?? "", endSure ?? 1]);
  }
  return (input) => {
    inputs.push(input);
    const [count, , , width] = input.dims as [number, number, number, number];
    const steps = width / 8;
    const rows = Array.from({ length: count }, (_, i) => {
      const [text, sure] = texts.get(keyOf(input, i, 0.5, 0.5)) ?? ["?", 0];
      return Array.from(ctcRow(text, sure, steps));
    });
    return { data: Float32Array.from(rows.flat()), dims: [count, steps, ALPHABET.length] };
  };
}

/** An RGB classifier that takes crops beginning with one of the keys to be upside down. */
export function classifierOf(upsideDown: readonly number[], inputs: Tensor[] = []): Answer {
  return (input) => {
    inputs.push(input);
    const count = input.dims[0] as number;
    const rows = Array.from({ length: count }, (_, i) =>
      // Mean and deviation of red, the first plane.
      upsideDown.includes(keyOf(input, i, 0.485, 0.229)) ? [0.0625, 0.9375] : [0.9375, 0.0625],
    );
    return { data: Float32Array.from(rows.flat()), dims: [count, 2] };
  };
}
