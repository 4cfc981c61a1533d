/** The page turned level: tables are read along their rows, which a scan seldom leaves horizontal. */
import type { Line, Point, Quad, Rect } from "../../types.ts";
import type { Ruling, Rulings } from "../rulings/ruling.ts";

/** Sides of an upright box in the level frame. */
export interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A turn around the origin of the page. */
export interface Frame {
  readonly cos: number;
  readonly sin: number;
}

/** Degrees below which turning would only add error, and above which a line is not one of the level ones. */
const LEAST_TILT = 0.15;
const MOST_TILT = 15;

/** The frame in which most of the text runs level. */
export function levelFrame(lines: readonly Line[]): Frame {
  const angles: { degrees: number; length: number }[] = [];
  for (const { polygon } of lines) {
    const [a, b, c, d] = polygon;
    const [dx, dy] = [b[0] - a[0] + c[0] - d[0], b[1] - a[1] + c[1] - d[1]];
    const degrees = (Math.atan2(dy, dx) * 180) / Math.PI;
    if (Math.abs(degrees) <= MOST_TILT) angles.push({ degrees, length: Math.hypot(dx, dy) });
  }
  angles.sort((a, b) => a.degrees - b.degrees);
  const half = angles.reduce((sum, { length }) => sum + length, 0) / 2;
  let sum = 0;
  const middle = angles.find(({ length }) => (sum += length) >= half)?.degrees ?? 0;
  if (Math.abs(middle) < LEAST_TILT) return { cos: 1, sin: 0 };
  const radians = (middle * Math.PI) / 180;
  return { cos: Math.cos(radians), sin: Math.sin(radians) };
}

export function toFrame([x, y]: Point, { cos, sin }: Frame): Point {
  return [x * cos + y * sin, y * cos - x * sin];
}

export function toPage([u, v]: Point, { cos, sin }: Frame): Point {
  return [u * cos - v * sin, v * cos + u * sin];
}

/** An upright box of the frame as it lies on the page. */
export function quadOnPage({ left, top, right, bottom }: Edges, frame: Frame): Quad {
  return [
    toPage([left, top], frame),
    toPage([right, top], frame),
    toPage([right, bottom], frame),
    toPage([left, bottom], frame),
  ];
}

/** The smallest upright rectangle of the page around a box of the frame. */
export function rectOnPage(edges: Edges, frame: Frame): Rect {
  return rectAround(quadOnPage(edges, frame));
}

export function rectAround(points: readonly Point[]): Rect {
  const { left, top, right, bottom } = edgesAround(points);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export function edgesAround(points: readonly Point[]): Edges {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}

/** The smallest box of the frame around a rectangle of the page. */
export function rectInFrame({ x, y, width, height }: Rect, frame: Frame): Edges {
  const corners: Point[] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  return edgesAround(corners.map((corner) => toFrame(corner, frame)));
}

/** Rulings are given by their middles, so those turn with the page and the lengths stay. */
export function levelRulings({ horizontal, vertical }: Rulings, frame: Frame): Rulings {
  if (frame.sin === 0) return { horizontal, vertical };
  const turn = (ruling: Ruling, upright: boolean): Ruling => {
    const half = (ruling.to - ruling.from) / 2;
    const along = (ruling.from + ruling.to) / 2;
    const [u, v] = toFrame(upright ? [ruling.at, along] : [along, ruling.at], frame);
    const [at, middle] = upright ? [u, v] : [v, u];
    return { at, from: middle - half, to: middle + half, thickness: ruling.thickness };
  };
  return {
    horizontal: horizontal.map((ruling) => turn(ruling, false)),
    vertical: vertical.map((ruling) => turn(ruling, true)),
  };
}

export function union(boxes: readonly Edges[]): Edges {
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
