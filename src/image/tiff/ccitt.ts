import { corrupt } from "../failure.ts";

/** Run-length codes of fax group 3 and 4 (ITU-T T.4), as tables that one 13-bit peek can index. */

/** Longest run code. */
const PEEK_BITS = 13;

const WHITE_TERMINATING =
  "00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101 " +
  "101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 " +
  "0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101 00010110 00010111 " +
  "00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 00001010 00001011 01010010 " +
  "01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 01011011 01001010 01001011 " +
  "00110010 00110011 00110100";

const BLACK_TERMINATING =
  "0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 " +
  "000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 " +
  "00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 000011001101 " +
  "000001101000 000001101001 000001101010 000001101011 000011010010 000011010011 000011010100 " +
  "000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011 " +
  "000001010100 000001010101 000001010110 000001010111 000001100100 000001100101 000001010010 " +
  "000001010011 000000100100 000000110111 000000111000 000000100111 000000101000 000001011000 " +
  "000001011001 000000101011 000000101100 000001011010 000001100110 000001100111";

const WHITE_MAKEUP =
  "11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 " +
  "011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000 011011001 " +
  "011011010 011011011 010011000 010011001 010011010 011000 010011011";

const BLACK_MAKEUP =
  "0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 " +
  "0000001101100 0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 " +
  "0000001110011 0000001110100 0000001110101 0000001110110 0000001110111 0000001010010 0000001010011 " +
  "0000001010100 0000001010101 0000001011010 0000001011011 0000001100100 0000001100101";

const COMMON_MAKEUP =
  "00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 " +
  "000000010110 000000010111 000000011100 000000011101 000000011110 000000011111";

/** Entry per 13-bit prefix: code length in the low four bits, run above; 0 is not a code. */
function table(terminating: string, makeup: string): Uint16Array {
  const entries = new Uint16Array(1 << PEEK_BITS);
  const add = (codes: string, first: number, step: number): void => {
    codes.split(" ").forEach((code, index) => {
      const free = PEEK_BITS - code.length;
      const start = Number.parseInt(code, 2) << free;
      entries.fill(((first + index * step) << 4) | code.length, start, start + (1 << free));
    });
  };
  add(terminating, 0, 1);
  add(makeup, 64, 64);
  add(COMMON_MAKEUP, 1792, 64);
  return entries;
}

/** White runs, then black runs. */
const RUN_TABLES: readonly [Uint16Array, Uint16Array] = [
  table(WHITE_TERMINATING, WHITE_MAKEUP),
  table(BLACK_TERMINATING, BLACK_MAKEUP),
];

/** Decodes fax strips (TIFF compression 2, 3 and 4): one bit per pixel, 1 is black. */

/** How the rows are coded. */
export interface CcittOptions {
  readonly width: number;
  readonly height: number;
  /** `rle`: rows on byte borders (2); `g3`: end-of-line codes (3); `g4`: two-dimensional (4). */
  readonly mode: "rle" | "g3" | "g4";
  /** Group 3 with a tag bit per row that says whether it refers to the row above. */
  readonly twoDimensional: boolean;
  /** TIFF fill order 2. */
  readonly leastBitFirst: boolean;
}

class BitReader {
  readonly #bytes: Uint8Array;
  readonly #reversed: boolean;
  #position = 0;

  constructor(bytes: Uint8Array, reversed: boolean) {
    this.#bytes = bytes;
    this.#reversed = reversed;
  }

  get ended(): boolean {
    return this.#position >= this.#bytes.length * 8;
  }

  #byte(index: number): number {
    const byte = this.#bytes[index] ?? 0; // zeros behind the end are not valid code
    if (!this.#reversed) return byte;
    let turned = 0;
    for (let bit = 0; bit < 8; bit++) turned |= ((byte >> bit) & 1) << (7 - bit);
    return turned;
  }

  peek(count: number): number {
    const at = this.#position >> 3;
    const word = (this.#byte(at) << 16) | (this.#byte(at + 1) << 8) | this.#byte(at + 2);
    return (word >> (24 - (this.#position & 7) - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#position += count;
  }

  align(): void {
    this.#position = (this.#position + 7) & ~7;
  }
}

function readRun(bits: BitReader, black: 0 | 1): number {
  for (let run = 0; ;) {
    const entry = RUN_TABLES[black][bits.peek(PEEK_BITS)] ?? 0;
    if (entry === 0) throw corrupt("a fax row has a bad code");
    bits.skip(entry & 15);
    run += entry >> 4;
    if (entry >> 4 < 64) return run;
  }
}

/** Positions where the colour changes, beginning with white. Rows have at most `width` of them. */
class Row {
  readonly changes: Uint32Array;
  count = 0;

  constructor(width: number) {
    this.changes = new Uint32Array(width + 3);
  }

  push(position: number, width: number): void {
    const last = this.count > 0 ? (this.changes[this.count - 1] ?? 0) : 0;
    if (position < last || position > width || this.count > width) {
      throw corrupt("a fax row is longer than the image");
    }
    this.changes[this.count++] = position;
  }

  /** The change at an index; behind the last one comes the end of the row. */
  at(index: number, width: number): number {
    return index < this.count ? (this.changes[index] ?? width) : width;
  }
}

function readRow1d(bits: BitReader, row: Row, width: number): void {
  let black: 0 | 1 = 0;
  for (let x = 0; x < width; black = black === 0 ? 1 : 0) {
    x += readRun(bits, black);
    row.push(x, width);
  }
}

/** Vertical modes: code length and offset by a 7-bit prefix. */
function verticalMode(prefix: number): readonly [length: number, offset: number] | undefined {
  if (prefix >= 64) return [1, 0];
  if (prefix >> 4 === 3) return [3, 1];
  if (prefix >> 4 === 2) return [3, -1];
  if (prefix >> 1 === 3) return [6, 2];
  if (prefix >> 1 === 2) return [6, -2];
  if (prefix === 3) return [7, 3];
  if (prefix === 2) return [7, -3];
  return undefined;
}

function readRow2d(bits: BitReader, above: Row, row: Row, width: number): void {
  let black: 0 | 1 = 0;
  let x = -1;
  let index = 0;
  while (x < width) {
    // The first change above that lies to the right and begins the opposite colour.
    index = Math.max(0, index - 4); // a mode to the left may step back over short runs
    if ((index & 1) !== black) index++;
    while (index < above.count && above.at(index, width) <= x) index += 2;
    const prefix = bits.peek(7);
    const vertical = verticalMode(prefix);
    if (vertical !== undefined) {
      bits.skip(vertical[0]);
      x = above.at(index, width) + vertical[1];
      row.push(Math.max(0, x), width);
      black = black === 0 ? 1 : 0;
    } else if (prefix >> 4 === 1) {
      bits.skip(3);
      const middle = Math.max(0, x) + readRun(bits, black);
      row.push(middle, width);
      x = middle + readRun(bits, black === 0 ? 1 : 0);
      row.push(x, width);
    } else if (prefix >> 3 === 1) {
      bits.skip(4);
      x = above.at(index + 1, width);
    } else {
      throw corrupt("a fax row has a bad mode");
    }
  }
}

function fillRow(row: Row, width: number, out: Uint8Array, start: number): void {
  for (let i = 0; i < row.count; i += 2) {
    const from = row.at(i, width);
    const end = row.at(i + 1, width);
    if (from >= end) continue;
    const first = start + (from >> 3);
    const last = start + ((end - 1) >> 3);
    const firstMask = 0xff >> (from & 7);
    const lastMask = 0xff << (7 - ((end - 1) & 7));
    if (first === last) {
      out[first] = (out[first] ?? 0) | (firstMask & lastMask);
      continue;
    }
    out[first] = (out[first] ?? 0) | firstMask;
    out.fill(0xff, first + 1, last);
    out[last] = (out[last] ?? 0) | lastMask;
  }
}

/** Skips fill bits and end-of-line codes; the number of codes tells a page end. */
function skipEndOfLines(bits: BitReader, tagged: boolean): { codes: number; tag: number } {
  let codes = 0;
  let tag = 1;
  while (bits.peek(12) < 2 && !bits.ended) {
    const isCode = bits.peek(12) === 1;
    bits.skip(isCode ? 12 : 1);
    if (!isCode) continue;
    codes++;
    if (tagged) {
      tag = bits.peek(1);
      bits.skip(1);
    }
  }
  return { codes, tag };
}

/** Unpacks one strip into rows of whole bytes. Rows behind an early page end stay white. */
export function decodeCcitt(packed: Uint8Array, options: CcittOptions): Uint8Array {
  const { width, height, mode, twoDimensional } = options;
  const stride = (width + 7) >> 3;
  const out = new Uint8Array(stride * height);
  const bits = new BitReader(packed, options.leastBitFirst);
  let above = new Row(width);
  let row = new Row(width);
  for (let y = 0; y < height; y++) {
    row.count = 0;
    if (mode === "g4") {
      if (bits.peek(12) === 1) break;
      readRow2d(bits, above, row, width);
    } else {
      const { codes, tag } = skipEndOfLines(bits, mode === "g3" && twoDimensional);
      if (codes >= 2 && y > 0) break;
      if (tag === 0) readRow2d(bits, above, row, width);
      else readRow1d(bits, row, width);
      if (mode === "rle") bits.align();
    }
    fillRow(row, width, out, y * stride);
    [above, row] = [row, above];
  }
  return out;
}
