/** A straight line through samples, by least squares. */

export interface Slope {
  /** Change of y for one step of x. */
  readonly slope: number;
  /** Half the width of the slope's 95 % confidence interval. */
  readonly halfWidth: number;
}

/** Two-sided 97.5 % quantile of Student's t: Cornish-Fisher expansion, within 1 % from 3 degrees on. */
function studentQuantile(freedom: number): number {
  const z = 1.959964;
  const f = freedom;
  return (
    z +
    (z ** 3 + z) / (4 * f) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * f ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * f ** 3)
  );
}

/** @throws Error with fewer than five points or where all x are the same */
export function fitSlope(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  if (n < 5) throw new Error(`A slope needs at least 5 points, not ${n}.`);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (spread === 0) throw new Error("A slope needs different values of x.");
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(rest / (n - 2) / spread);
  return { slope, halfWidth: studentQuantile(n - 2) * error };
}
