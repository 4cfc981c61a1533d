/** From the pixels of a page, as it is seen, to the coordinates of a PDF page, as it is stored. */
import type { Point } from "../../types.ts";

/** In PDF units, with the origin anywhere; y grows upwards. */
export interface PdfBox {
  readonly left: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

export type ToPdf = (point: Point) => Point;

/**
 * @param size pixels of the page as it is seen, that is turned by `rotate`
 * @param box the part of the page that is seen
 * @param rotate degrees clockwise by which a reader turns the page: the page's `/Rotate`
 */
export function pdfFrame(
  size: { readonly width: number; readonly height: number },
  box: PdfBox,
  rotate: number,
): ToPdf {
  // Fractions of the box from its lower left corner, from fractions of the page from its upper left one.
  const turn: (right: number, down: number) => Point = {
    0: (right: number, down: number): Point => [right, 1 - down],
    90: (right: number, down: number): Point => [down, right],
    180: (right: number, down: number): Point => [1 - right, down],
    270: (right: number, down: number): Point => [1 - down, 1 - right],
  }[toQuarter(rotate)];
  return ([x, y]) => {
    const [u, v] = turn(x / size.width, y / size.height);
    return [box.left + u * box.width, box.bottom + v * box.height];
  };
}

/** Anything but a multiple of 90 is not allowed, and taken for 0 by readers. */
function toQuarter(rotate: number): 0 | 90 | 180 | 270 {
  const turned = ((rotate % 360) + 360) % 360;
  return turned === 90 || turned === 180 || turned === 270 ? turned : 0;
}
