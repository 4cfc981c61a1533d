/** A page that lies on its side, or stands on its head, or the part of one that is asked for, as it would be read. */
import { applyOrientation } from "../../image/pixels/orient.ts";
import { cropImage } from "../../image/pixels/crop.ts";
import type { Line, Point, Quad, Rect, RgbaImage } from "../../types.ts";

/** EXIF orientations that turn a picture clockwise by 0 to 3 quarters. */
const ORIENTATIONS = [1, 6, 3, 8] as const;

export interface UprightPage {
  readonly image: RgbaImage;
  /** The same lines in the same order, in pixels of `image`; some may lie outside of it. */
  readonly lines: readonly Line[];
  /** Degrees by which the content is still turned clockwise, between −45 and 45. */
  readonly skew: number;
  /** A rectangle of the upright frame on the page as it is, from the top-left corner of its content. */
  back(rect: Rect): Quad;
  /** The same for any quadrilateral. */
  backQuad(quad: Quad): Quad;
}

/**
 * @param rotation degrees clockwise by which the picture would have to be turned
 * @param region the part of the image that is wanted; absent: all of it
 */
export function uprightPage(
  image: RgbaImage,
  lines: readonly Line[],
  rotation: number,
  region?: Rect,
): UprightPage {
  const part = region && cropImage(image, region);
  // Where the crop begins: it has whole pixels, and none outside of the image.
  const origin = part
    ? ([Math.max(0, Math.floor(region.x)), Math.max(0, Math.floor(region.y))] as const)
    : ([0, 0] as const);
  const { turned, skew, isSame, there, home } = turnedFrame(part ?? image, rotation, origin);
  return {
    image: turned,
    lines: isSame
      ? lines
      : lines.map((line) => ({
          ...line,
          polygon: there(line.polygon),
          ...(line.words
            ? { words: line.words.map((word) => ({ ...word, polygon: there(word.polygon) })) }
            : {}),
        })),
    skew,
    back: (rect) => home(cornersOf(rect)),
    backQuad: home,
  };
}

interface TurnedFrame {
  readonly turned: RgbaImage;
  readonly skew: number;
  /** Whether nothing changes. */
  readonly isSame: boolean;
  readonly there: (quad: Quad) => Quad;
  readonly home: (quad: Quad) => Quad;
}

/** @param origin where the picture's top left corner is in the frame of the whole image */
function turnedFrame(image: RgbaImage, rotation: number, [left, top]: Point): TurnedFrame {
  const turns = Math.round(rotation / 90);
  const quarter = ((turns % 4) + 4) % 4;
  const turned = applyOrientation(image, ORIENTATIONS[quarter] ?? 1);
  const { width, height } = image;
  const there = (quad: Quad): Quad =>
    mapQuad(quad, ([x, y]) => turn([x - left, y - top], quarter, width, height));
  const home = (quad: Quad): Quad =>
    mapQuad(quad, (point) => {
      const [x, y] = turn(point, (4 - quarter) % 4, turned.width, turned.height);
      return [x + left, y + top];
    });
  const isSame = quarter === 0 && left === 0 && top === 0;
  return { turned, skew: 90 * turns - rotation, isSame, there, home };
}

/** Where a point of a picture is once that is turned clockwise by so many quarters. */
function turn([x, y]: Point, quarters: number, width: number, height: number): Point {
  if (quarters === 1) return [height - y, x];
  if (quarters === 2) return [width - x, height - y];
  return quarters === 3 ? [y, width - x] : [x, y];
}

function mapQuad([a, b, c, d]: Quad, map: (point: Point) => Point): Quad {
  return [map(a), map(b), map(c), map(d)];
}

/** Clockwise from the top left. */
export function cornersOf({ x, y, width, height }: Rect): Quad {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}
