/** The filters of PNG rows: what a byte is guessed to be from its neighbours. */

/** Sub, Up and Paeth of the standard; Average (3) gains too little for the time that it takes. */
const NONE = 0;
const SUB = 1;
const UP = 2;
const PAETH = 4;
const CHOICES = [NONE, SUB, UP, PAETH] as const;

/** What Paeth guesses: the neighbour that is next to `left + up - corner`. (PNG, section 9.4) */
export function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/**
 * Writes the row with the filter that leaves the smallest sum of differences, the standard's own rule of
 * thumb (section 12.7).
 *
 * @param above the row over it; zeros for the first
 * @param step bytes of a pixel
 * @param target gets the filter's number and the row
 */
export function filterRow(
  row: Uint8Array,
  above: Uint8Array,
  step: number,
  target: Uint8Array,
): void {
  const sums = [0, 0, 0, 0] as [number, number, number, number];
  for (let i = 0; i < row.length; i++) {
    const value = row[i] as number;
    const up = above[i] as number;
    const left = i >= step ? (row[i - step] as number) : 0;
    const corner = i >= step ? (above[i - step] as number) : 0;
    sums[0] += size(value);
    sums[1] += size(value - left);
    sums[2] += size(value - up);
    sums[3] += size(value - paeth(left, up, corner));
  }
  const filter = CHOICES[sums.indexOf(Math.min(...sums))] as number;
  target[0] = filter;
  for (let i = 0; i < row.length; i++) {
    const up = above[i] as number;
    const left = i >= step ? (row[i - step] as number) : 0;
    const corner = i >= step ? (above[i - step] as number) : 0;
    let guess = 0;
    if (filter === SUB) guess = left;
    else if (filter === UP) guess = up;
    else if (filter === PAETH) guess = paeth(left, up, corner);
    // Modulo 256, as arrays of bytes store it.
    target[i + 1] = (row[i] as number) - guess;
  }
}

/** Of a difference as a signed byte: 255 is as near to 0 as 1. */
function size(difference: number): number {
  const byte = difference & 0xff;
  return byte < 128 ? byte : 256 - byte;
}
