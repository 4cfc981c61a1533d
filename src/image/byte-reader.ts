/** Reads that cannot leave the input: past the end the image is `IMAGE_CORRUPT`, never undefined. */
import { corrupt } from "./failure.ts";

/** Random access to a file's bytes. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly #view: DataView;
  readonly #what: string;

  /** `what` names the file in errors: "the PNG header". */
  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.length = bytes.byteLength;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  /** Throws when the range is not inside the file. */
  need(offset: number, count: number): void {
    if (offset < 0 || count < 0 || offset + count > this.length) {
      throw corrupt(`${this.#what} ends at byte ${this.length}, before ${offset + count}`);
    }
  }

  u8(offset: number): number {
    this.need(offset, 1);
    return this.#view.getUint8(offset);
  }

  u16(offset: number, littleEndian = false): number {
    this.need(offset, 2);
    return this.#view.getUint16(offset, littleEndian);
  }

  u32(offset: number, littleEndian = false): number {
    this.need(offset, 4);
    return this.#view.getUint32(offset, littleEndian);
  }

  i32(offset: number, littleEndian = false): number {
    this.need(offset, 4);
    return this.#view.getInt32(offset, littleEndian);
  }

  /** Four (or `count`) bytes as Latin-1 text; for tags. */
  text(offset: number, count = 4): string {
    this.need(offset, count);
    return String.fromCharCode(...this.bytes.subarray(offset, offset + count));
  }

  slice(offset: number, count: number): Uint8Array {
    this.need(offset, count);
    return this.bytes.subarray(offset, offset + count);
  }
}
