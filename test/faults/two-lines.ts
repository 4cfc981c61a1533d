/** A picture that an emulated GPU reads in two seconds: two lines that go through the network together. */
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import type { ModelSet } from "../../src/catalog/manifest/manifest.ts";
import type { RgbaImage } from "../../src/types.ts";

/** The word "42" of `small.png`. */
export const WORD = { x: 82, y: 55, width: 38, height: 31 } as const;

const WIDTH = 96;
const MARGIN = 10;

/** The embedded models, with a detector that enlarges nothing. */
export const SMALL_MODELS: ModelSet = {
  ...EMBEDDED,
  detection: {
    ...EMBEDDED.detection,
    params: { ...EMBEDDED.detection.params, limitType: "max", limitSide: WIDTH },
  },
};

/** @param small the pixels of `small.png`; @returns 96 × 92 pixels that read "42", twice */
export function twoLines(small: RgbaImage): RgbaImage {
  const height = 2 * (WORD.height + MARGIN) + MARGIN;
  const data = new Uint8ClampedArray(WIDTH * height * 4).fill(255);
  const left = (WIDTH - WORD.width) >> 1;
  for (const top of [MARGIN, 2 * MARGIN + WORD.height]) {
    for (let row = 0; row < WORD.height; row++) {
      const from = ((WORD.y + row) * small.width + WORD.x) * 4;
      const to = ((top + row) * WIDTH + left) * 4;
      data.set(small.data.subarray(from, from + WORD.width * 4), to);
    }
  }
  return { data, width: WIDTH, height };
}
