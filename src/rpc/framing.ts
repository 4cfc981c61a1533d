/**
 * Frames on a byte stream: a header of 16 bytes, then the payload. The header holds a mark, the
 * payload's length and its checksum, and a checksum of itself, all little-endian. A stray byte on the
 * stream (a library that prints to stdout) breaks a checksum, so it can never pass for a message.
 */
import { GlyphpoolError } from "../errors.ts";

/** A checksum of 32 bits, continued from `seed`. */
export type Checksum = (bytes: Uint8Array, seed?: number) => number;

export const HEADER_BYTES = 16;

/** "GPF1". */
const MARK = 0x31_46_50_47;

interface Open {
  readonly payload: Uint8Array<ArrayBuffer>;
  readonly checksum: number;
}

/** The header for a payload that is sent in several parts. */
export function frameHeader(parts: readonly Uint8Array[], checksum: Checksum): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, MARK, true);
  view.setUint32(4, byteLength(parts), true);
  let sum = 0;
  for (const part of parts) sum = checksum(part, sum);
  view.setUint32(8, sum, true);
  view.setUint32(12, checksum(header.subarray(0, 12)), true);
  return header;
}

export function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength: bytes }) => sum + bytes, 0);
}

/** Puts the frames of a stream together again, however the stream cuts them. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #checksum: Checksum;
  readonly #header = new Uint8Array(HEADER_BYTES);
  /** The frame whose header is complete. */
  #open: Open | undefined;
  /** Bytes of the header, or of the open frame's payload, that have arrived. */
  #filled = 0;

  /** @param maxBytes largest payload; a longer one is taken for a corrupt stream */
  constructor(maxBytes: number, checksum: Checksum) {
    this.#maxBytes = maxBytes;
    this.#checksum = checksum;
  }

  /**
   * Yields the payloads that the next bytes complete, each in a buffer of its own.
   *
   * @throws GlyphpoolError `INTERNAL` when the stream is corrupt; the reader is of no use after that
   */
  *push(chunk: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    for (let rest = chunk; rest.byteLength > 0;) {
      const target = this.#open?.payload ?? this.#header;
      const piece = rest.subarray(0, target.byteLength - this.#filled);
      target.set(piece, this.#filled);
      this.#filled += piece.byteLength;
      rest = rest.subarray(piece.byteLength);
      if (this.#filled < target.byteLength) return;
      if (!this.#open) {
        this.#open = this.#readHeader();
        this.#filled = 0;
        if (this.#open.payload.byteLength > 0) continue;
      }
      yield this.#close(this.#open);
    }
  }

  /**
   * To be called at the end of the stream.
   *
   * @throws GlyphpoolError `INTERNAL` in the middle of a frame
   */
  end(): void {
    if (this.#open || this.#filled > 0) throw corrupt("it ends in the middle of a frame");
  }

  #readHeader(): Open {
    const view = new DataView(this.#header.buffer);
    if (view.getUint32(0, true) !== MARK) throw corrupt("a frame does not begin with its mark");
    if (view.getUint32(12, true) !== this.#checksum(this.#header.subarray(0, 12))) {
      throw corrupt("a frame's header is damaged");
    }
    const length = view.getUint32(4, true);
    if (length > this.#maxBytes) {
      throw corrupt(`a frame has ${length} bytes, but ${this.#maxBytes} are allowed`);
    }
    return { payload: new Uint8Array(length), checksum: view.getUint32(8, true) };
  }

  #close({ payload, checksum }: Open): Uint8Array<ArrayBuffer> {
    this.#open = undefined;
    this.#filled = 0;
    if (this.#checksum(payload, 0) !== checksum) throw corrupt("a frame's content is damaged");
    return payload;
  }
}

/** The error of a stream that cannot be trusted any more. */
export function corrupt(why: string, cause?: unknown): GlyphpoolError {
  const message = `The stream between two processes is corrupt: ${why}.`;
  return new GlyphpoolError("INTERNAL", message, cause === undefined ? {} : { cause });
}
