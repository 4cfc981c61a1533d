/** Byte-wise TIFF compressions. Each stops at the expected size, so nothing can blow up. */
import { corrupt } from "../failure.ts";

const MAX_CODES = 4096;
const CLEAR = 256;
const END = 257;

/** Run lengths of bytes (compression 32773). */
export function unpackBits(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < packed.length && at < size;) {
    const control = packed[i++] ?? 0;
    if (control < 128) {
      const literal = packed.subarray(i, i + control + 1).subarray(0, size - at);
      out.set(literal, at);
      at += literal.length;
      i += control + 1;
    } else if (control > 128) {
      const end = Math.min(size, at + 257 - control);
      out.fill(packed[i++] ?? 0, at, end);
      at = end;
    }
  }
  return full(out, at);
}

/** TIFF's LZW (compression 5): most significant bit first, code width one step early. */
export function unpackLzw(packed: Uint8Array, size: number): Uint8Array {
  const prefix = new Uint16Array(MAX_CODES);
  const suffix = new Uint8Array(MAX_CODES);
  const lengths = new Uint32Array(MAX_CODES).fill(1, 0, CLEAR);
  for (let code = 0; code < CLEAR; code++) suffix[code] = code;
  const out = new Uint8Array(size);
  let at = 0;
  let next = END + 1;
  let width = 9;
  let previous = -1;
  let bits = 0;
  let held = 0;
  for (let i = 0; at < size;) {
    while (held < width && i < packed.length) {
      bits = ((bits << 8) | (packed[i++] ?? 0)) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    const code = (bits >>> held) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      next = END + 1;
      width = 9;
      previous = -1;
      continue;
    }
    const known = code < next ? code : previous;
    if (known < 0 || code > next) throw corrupt("the TIFF has a bad LZW code");
    const length = lengths[known] ?? 1;
    let walk = known;
    for (let k = at + length - 1; k > at; k--) {
      if (k < size) out[k] = suffix[walk] ?? 0;
      walk = prefix[walk] ?? 0;
    }
    const first = suffix[walk] ?? 0;
    out[at] = first;
    at += length;
    // The one code that is used before it is complete ends with its own first byte.
    if (known !== code) {
      if (at < size) out[at] = first;
      at++;
    }
    if (previous >= 0 && next < MAX_CODES) {
      prefix[next] = previous;
      suffix[next] = first;
      lengths[next] = (lengths[previous] ?? 1) + 1;
      next++;
      if (next + 1 >= 1 << width && width < 12) width++;
    }
    previous = code;
  }
  return full(out, at);
}

function full(out: Uint8Array, written: number): Uint8Array {
  if (written < out.length) {
    throw corrupt(`a TIFF strip has ${written} of ${out.length} bytes`);
  }
  return out;
}
