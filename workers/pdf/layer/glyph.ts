/** One character of a page, where it is drawn. */
import type { Point } from "../../../src/types.ts";

/**
 * `yes`: it is seen. `hidden`: drawn without colour, or under a picture: the text of a scan, or nothing that anybody
 * can see. `no`: switched off, cut away, covered, or in the colour of its background.
 */
export type Seen = "yes" | "hidden" | "no";

/** Places and lengths are points of the page as it is seen; y grows downwards. */
export interface Glyph {
  /** One character, or what a ligature stands for. */
  text: string;
  readonly origin: Point;
  /** Unit vectors along the text and towards its top. */
  readonly along: Point;
  readonly up: Point;
  /** Advance along the text, without the space between letters. */
  readonly length: number;
  /** Space that the document puts after each letter. */
  readonly spacing: number;
  readonly size: number;
  /** Of the size, above and below the baseline. */
  readonly ascent: number;
  readonly descent: number;
  readonly vertical: boolean;
  readonly font: string;
  /** Which of the page's texts it belongs to, counted from 0 as they are drawn. */
  readonly shown: number;
  /** Which mark named Span it lies in, counted from 0; the document may say what that stands for. */
  readonly span?: number;
  /** When it was drawn, for what comes over it. */
  readonly time: number;
  seen: Seen;
}

/** A place on the baseline, as a distance from the glyph's origin. */
export function placeOf({ along }: Pick<Glyph, "along">, [x, y]: Point): number {
  return along[0] * x + along[1] * y;
}

/** How far a place lies above the page's origin, across the text. */
export function levelOf({ along }: Pick<Glyph, "along">, [x, y]: Point): number {
  return along[0] * y - along[1] * x;
}

/** Half of the height of small letters, so that cells below the baseline do not matter. */
const MIDDLE = 0.25;

export function middleOf({ origin: [x, y], along, up, length, size, vertical }: Glyph): Point {
  const [part, rise] = vertical ? [0.5, 0] : [0.5, MIDDLE];
  return [
    x + along[0] * length * part + up[0] * size * rise,
    y + along[1] * length * part + up[1] * size * rise,
  ];
}
