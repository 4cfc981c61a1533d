/** Colours as numbers: 0xRRGGBB. */

/** A colour that is not known: pictures, patterns, transparency. */
export const UNKNOWN = -1;
export const WHITE = 0xffffff;
/** Two colours that nobody tells apart differ by less in each channel, of 255. */
const SAME_COLOUR = 14;

/** As pdf.js writes it: "#RRGGBB". */
export function colourOf(value: unknown): number {
  const match = /^#([0-9a-f]{6})$/i.exec(String(value));
  return match ? Number.parseInt(match[1] as string, 16) : UNKNOWN;
}

/** Unknown colours are like none. */
export function alike(a: number, b: number): boolean {
  if (a === UNKNOWN || b === UNKNOWN) return false;
  return [16, 8, 0].every(
    (shift) => Math.abs(((a >> shift) & 255) - ((b >> shift) & 255)) < SAME_COLOUR,
  );
}
