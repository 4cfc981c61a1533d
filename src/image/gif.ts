/** Decodes the first frame of a GIF; plain code, so that both platforms give the same pixels. */
import type { RgbaImage } from "../types.ts";
import { corrupt } from "./failure.ts";
import { type GifFrame, readGifFrame } from "./headers/gif.ts";

const MAX_CODES = 4096;

/** The sub-blocks of the frame as one run of bytes. */
function joinSubBlocks(bytes: Uint8Array, start: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let offset = start; ;) {
    const size = bytes[offset] ?? 0;
    if (size === 0) break;
    const part = bytes.subarray(offset + 1, offset + 1 + size);
    parts.push(part);
    total += part.length;
    offset += size + 1;
  }
  const joined = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** GIF's LZW: least significant bit first, codes of `minSize + 1` to 12 bits. Returns the indices. */
function unpackLzw(packed: Uint8Array, minSize: number, count: number): Uint8Array {
  if (minSize < 1 || minSize > 11) throw corrupt(`the GIF has LZW codes of ${minSize} bits`);
  const clear = 1 << minSize;
  const prefix = new Uint16Array(MAX_CODES);
  const suffix = new Uint8Array(MAX_CODES);
  const lengths = new Uint16Array(MAX_CODES).fill(1, 0, clear);
  for (let code = 0; code < clear; code++) suffix[code] = code;
  const out = new Uint8Array(count);
  let at = 0;
  let next = clear + 2;
  let size = minSize + 1;
  let previous = -1;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < packed.length && at < count;) {
    while (held < size && i < packed.length) {
      bits |= (packed[i++] ?? 0) << held;
      held += 8;
    }
    while (held >= size && at < count) {
      const code = bits & ((1 << size) - 1);
      bits >>>= size;
      held -= size;
      if (code === clear) {
        next = clear + 2;
        size = minSize + 1;
        previous = -1;
        continue;
      }
      if (code === clear + 1) return finish(out, at);
      if (code > next || (code === next && previous < 0)) throw corrupt("the GIF has a bad code");
      // The one code that is used before it is complete: the previous string and its own first byte.
      const known = code < next ? code : previous;
      const length = (lengths[known] ?? 1) + (code < next ? 0 : 1);
      let walk = known;
      for (let k = at + (lengths[known] ?? 1) - 1; k >= at; k--) {
        if (k < count) out[k] = suffix[walk] ?? 0;
        walk = k > at ? (prefix[walk] ?? 0) : walk;
      }
      const first = suffix[walk] ?? 0;
      if (code === next && at + length - 1 < count) out[at + length - 1] = first;
      at += length;
      if (previous >= 0 && next < MAX_CODES) {
        prefix[next] = previous;
        suffix[next] = first;
        lengths[next] = (lengths[previous] ?? 1) + 1;
        next++;
        if (next === 1 << size && size < 12) size++;
      }
      previous = code;
    }
  }
  return finish(out, at);
}

function finish(out: Uint8Array, written: number): Uint8Array {
  if (written < out.length) throw corrupt(`the GIF has ${written} of ${out.length} pixels`);
  return out;
}

/** First row and row step of the four interlace passes. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

function* rowOrder({ frameHeight, interlaced }: GifFrame): Generator<number> {
  for (const [first, step] of interlaced ? PASSES : ([[0, 1]] as const)) {
    for (let row = first; row < frameHeight; row += step) yield row;
  }
}

/** The first frame on its canvas; everything outside the frame is see-through. */
export function decodeGif(bytes: Uint8Array): RgbaImage {
  const frame = readGifFrame(bytes);
  const { width, height, left, top, frameWidth, frameHeight, transparent } = frame;
  const minSize = bytes[frame.data] ?? 0;
  const packed = joinSubBlocks(bytes, frame.data + 1);
  const indices = unpackLzw(packed, minSize, frameWidth * frameHeight);
  const data = new Uint8ClampedArray(width * height * 4);
  let from = 0;
  for (const row of rowOrder(frame)) {
    let to = ((top + row) * width + left) * 4;
    for (let x = 0; x < frameWidth; x++, to += 4) {
      const index = indices[from++] ?? 0;
      if (index === transparent) continue;
      const colour = frame.palette + index * 3;
      // An index beyond the palette is black, as in browsers.
      if (index < frame.colours) data.set(bytes.subarray(colour, colour + 3), to);
      data[to + 3] = 255;
    }
  }
  return { data, width, height };
}
