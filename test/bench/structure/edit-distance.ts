/**
 * Levenshtein's distance over Unicode code points or any other symbols, bit-parallel in blocks of 32 rows
 * (Myers 1999, with the carries of Hyyrö 2003).
 */

/** A text, or symbols that are equal where they are the same. */
export type Sequence = string | readonly unknown[];

/** Rows that one bit vector holds. */
const BITS = 32;

/** Insertions, deletions and substitutions that turn one sequence into the other. */
export function editDistance(a: Sequence, b: Sequence): number {
  if (a === b) return 0;
  return symbolDistance(symbols(a), symbols(b));
}

/** The distance over the length of the longer one: 0–1, and 0 for two empty sequences. */
export function normalizedDistance(a: Sequence, b: Sequence): number {
  if (a === b) return 0;
  const [left, right] = [symbols(a), symbols(b)];
  const longer = Math.max(left.length, right.length);
  return longer === 0 ? 0 : symbolDistance(left, right) / longer;
}

/** How many symbols a sequence has; of a text its code points. */
export function sequenceLength(sequence: Sequence): number {
  return symbols(sequence).length;
}

/**
 * The least distance between the needle and any part of the text that is as long, over the needle's length.
 *
 * @returns 1 where the text is shorter than the needle or the needle is empty
 */
export function windowDistance(needle: string, text: string): number {
  const [inner, outer] = [Array.from(needle), Array.from(text)];
  if (inner.length === 0 || outer.length < inner.length) return 1;
  // How often each symbol is missing from the window; the sum of the positive ones bounds the distance from below.
  const missing = new Map<string, number>();
  let bound = 0;
  const take = (symbol: string, change: number): void => {
    const before = missing.get(symbol) ?? 0;
    missing.set(symbol, before + change);
    bound += Math.max(0, before + change) - Math.max(0, before);
  };
  for (const symbol of inner) take(symbol, 1);
  for (const symbol of outer.slice(0, inner.length)) take(symbol, -1);
  let least = inner.length;
  for (let start = 0; ; start++) {
    if (bound < least) {
      const window = outer.slice(start, start + inner.length);
      least = Math.min(least, symbolDistance(inner, window));
    }
    const next = outer[start + inner.length];
    if (next === undefined || least === 0) return least / inner.length;
    take(outer[start] as string, 1);
    take(next, -1);
  }
}

function symbols(sequence: Sequence): readonly unknown[] {
  return typeof sequence === "string" ? Array.from(sequence) : sequence;
}

function symbolDistance(a: readonly unknown[], b: readonly unknown[]): number {
  let start = 0;
  let [aEnd, bEnd] = [a.length, b.length];
  while (start < aEnd && start < bEnd && a[start] === b[start]) start++;
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  if (aEnd === start) return bEnd - start;
  if (bEnd === start) return aEnd - start;
  return blockDistance(a.slice(start, aEnd), b.slice(start, bEnd));
}

/** Neither is empty. Rows are the symbols of `pattern`, columns those of `text`. */
function blockDistance(pattern: readonly unknown[], text: readonly unknown[]): number {
  const blocks = Math.ceil(pattern.length / BITS);
  const equal = new Map<unknown, Int32Array>();
  for (const [i, symbol] of pattern.entries()) {
    let rows = equal.get(symbol);
    if (!rows) equal.set(symbol, (rows = new Int32Array(blocks)));
    rows[Math.floor(i / BITS)]! |= 1 << (i % BITS);
  }
  const none = new Int32Array(blocks);
  /** Where a cell is one more, or one less, than the cell above it. */
  const rises = new Int32Array(blocks).fill(-1);
  const falls = new Int32Array(blocks);
  const lastBit = (pattern.length - 1) % BITS;
  let distance = pattern.length;
  for (const symbol of text) {
    const rows = equal.get(symbol) ?? none;
    // The cell of row 0 is one more in each column.
    let carry = 1;
    for (let block = 0; block < blocks; block++) {
      const up = rises[block] as number;
      const down = falls[block] as number;
      let match = rows[block] as number;
      const vertical = match | down;
      if (carry < 0) match |= 1;
      const horizontal = (((match & up) + up) ^ up) | match;
      let plus = down | ~(horizontal | up);
      let minus = up & horizontal;
      const bit = block === blocks - 1 ? lastBit : BITS - 1;
      const out = ((plus >>> bit) & 1) - ((minus >>> bit) & 1);
      plus = (plus << 1) | (carry > 0 ? 1 : 0);
      minus = (minus << 1) | (carry < 0 ? 1 : 0);
      rises[block] = minus | ~(vertical | plus);
      falls[block] = plus & vertical;
      carry = out;
    }
    distance += carry;
  }
  return distance;
}
