/** Perspective crops: a quadrilateral of the page becomes an upright rectangle. */
import type { Point, Quad, RgbaImage } from "../../types.ts";

/** Row-major 3×3 with the last element 1, mapping output pixels to source pixels. */
export type Homography = readonly [number, number, number, number, number, number, number, number];

/**
 * The perspective map that takes the corners of a `width` × `height` rectangle (top-left first,
 * clockwise) to those of `quad`. Heckbert 1989, "Fundamentals of Texture Mapping", square-to-quad.
 */
export function rectToQuad(width: number, height: number, quad: Quad): Homography {
  const [p0, p1, p2, p3] = quad;
  const sx = p0[0] - p1[0] + p2[0] - p3[0];
  const sy = p0[1] - p1[1] + p2[1] - p3[1];
  const dx1 = p1[0] - p2[0];
  const dx2 = p3[0] - p2[0];
  const dy1 = p1[1] - p2[1];
  const dy2 = p3[1] - p2[1];
  const det = dx1 * dy2 - dx2 * dy1;
  // A parallelogram (sx = sy = 0), or one collapsed to a line, is affine.
  const affine = (Math.abs(sx) < 1e-9 && Math.abs(sy) < 1e-9) || Math.abs(det) < 1e-12;
  const g = affine ? 0 : (sx * dy2 - dx2 * sy) / det;
  const h = affine ? 0 : (dx1 * sy - sx * dy1) / det;
  return [
    (p1[0] - p0[0] + g * p1[0]) / width,
    (p3[0] - p0[0] + h * p3[0]) / height,
    p0[0],
    (p1[1] - p0[1] + g * p1[1]) / width,
    (p3[1] - p0[1] + h * p3[1]) / height,
    p0[1],
    g / width,
    h / height,
  ];
}

/** Applies a homography. */
export function project(m: Homography, x: number, y: number): Point {
  const w = m[6] * x + m[7] * y + 1;
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
}

/**
 * Samples the quad into a new image of `width` × `height` (bilinear, edges replicated). Corners are
 * corners of the pixel grid: the centre of output pixel (0, 0) is at (0.5, 0.5) of the rectangle.
 */
export function warpQuad(image: RgbaImage, quad: Quad, width: number, height: number): RgbaImage {
  const m = rectToQuad(width, height, quad);
  const { data: src, width: sw, height: sh } = image;
  const out = new Uint8ClampedArray(width * height * 4);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const w = m[6] * (x + 0.5) + m[7] * (y + 0.5) + 1;
      const px = (m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2]) / w - 0.5;
      const py = (m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5]) / w - 0.5;
      const ix = Math.floor(px);
      const iy = Math.floor(py);
      const fx = px - ix;
      const fy = py - iy;
      const left = Math.min(Math.max(ix, 0), sw - 1);
      const right = Math.min(Math.max(ix + 1, 0), sw - 1);
      const top = Math.min(Math.max(iy, 0), sh - 1) * sw;
      const bottom = Math.min(Math.max(iy + 1, 0), sh - 1) * sw;
      const a = (top + left) * 4;
      const b = (top + right) * 4;
      const c = (bottom + left) * 4;
      const d = (bottom + right) * 4;
      const wa = (1 - fx) * (1 - fy);
      const wb = fx * (1 - fy);
      const wc = (1 - fx) * fy;
      const wd = fx * fy;
      for (let k = 0; k < 3; k++) {
        out[at + k] =
          wa * (src[a + k] as number) +
          wb * (src[b + k] as number) +
          wc * (src[c + k] as number) +
          wd * (src[d + k] as number);
      }
      out[at + 3] = 255;
    }
  }
  return { data: out, width, height };
}
