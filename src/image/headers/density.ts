/** Pixels per inch as files tell it, where that can be believed. */

/** What programs write that know nothing of a scanner is less: 72, 96 and 1. */
const LEAST = 100;
const MOST = 4800;
/** Relative difference of two axes that are meant to be the same: the files hold rounded numbers. */
const TOLERANCE = 0.01;

/** Inches of the units that files count by. */
export const UNIT: Readonly<Record<"inch" | "centimetre" | "metre", number>> = {
  inch: 1,
  centimetre: 1 / 2.54,
  metre: 100 / 2.54,
};

/**
 * @param x pixels per unit from left to right
 * @param y the same from top to bottom
 * @param unit length of the unit in inches
 * @returns nothing where the pixels are not square, as those of a fax, or the number is not a scanner's
 */
export function squareDpi(x: number, y: number, unit: number): number | undefined {
  const dpi = Math.round((x / unit) * 10) / 10;
  const square = Math.abs(x - y) <= TOLERANCE * x;
  return square && dpi >= LEAST && dpi <= MOST ? dpi : undefined;
}

/** A field that is absent where the density is not known. */
export function dpiField(dpi: number | undefined): { readonly dpi?: number } {
  return dpi === undefined ? {} : { dpi };
}
