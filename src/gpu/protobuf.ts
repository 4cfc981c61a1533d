/** The little of the protobuf wire format that ONNX files need: fields out of a Blob, and into bytes. */
import { GlyphpoolError } from "../errors.ts";

const WIRE_VARINT = 0;
const WIRE_64 = 1;
const WIRE_BYTES = 2;
const WIRE_32 = 5;

/** Bytes that are read at once. Graphs are thousands of small fields; weights are skipped over. */
const WINDOW = 64 * 1024;
/** A varint of 64 bits. */
const VARINT_BYTES = 10;

/** One field of a message, by its places in the file. */
export interface Field {
  readonly number: number;
  /** Whether it has a length: a message, a string, bytes or a packed list. */
  readonly delimited: boolean;
  /** Where its tag begins, its value begins and its value ends. */
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

/** Reads fields through a window on a Blob. Calls must not overlap. */
export class FieldReader {
  readonly #blob: Blob;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  /**
   * The fields of the message between two offsets.
   *
   * @throws GlyphpoolError `MODEL_INVALID` for what is not protobuf
   */
  async *fields(start = 0, end: number = this.#blob.size): AsyncGenerator<Field> {
    for (let at = start; at < end;) {
      const tag = await this.#varint(at, end);
      const wire = tag.value % 8;
      let value = tag.end;
      let length: number;
      if (wire === WIRE_BYTES) ({ value: length, end: value } = await this.#varint(value, end));
      else if (wire === WIRE_VARINT) length = (await this.#varint(value, end)).end - value;
      else if (wire === WIRE_64) length = 8;
      else if (wire === WIRE_32) length = 4;
      else throw invalid();
      const next = value + length;
      const number = Math.floor(tag.value / 8);
      if (number === 0 || next > end) throw invalid();
      yield { number, delimited: wire === WIRE_BYTES, start: at, value, end: next };
      at = next;
    }
  }

  /** A copy of the bytes between two offsets. */
  async bytes(start: number, end: number): Promise<Uint8Array> {
    return (await this.#view(start, end)).slice();
  }

  /** The value of a field without a length, below 2^53. */
  async number({ value, end }: Field): Promise<number> {
    return (await this.#varint(value, end)).value;
  }

  async text({ value, end }: Field): Promise<string> {
    return new TextDecoder().decode(await this.#view(value, end));
  }

  async #varint(at: number, limit: number): Promise<{ value: number; end: number }> {
    const bytes = await this.#view(at, Math.min(at + VARINT_BYTES, limit));
    // Arithmetic instead of shifts: files may exceed 2^31 bytes.
    let value = 0;
    for (const [i, byte] of bytes.entries()) {
      value += (byte & 0x7f) * 128 ** i;
      if (byte < 0x80) return { value, end: at + i + 1 };
    }
    throw invalid();
  }

  async #view(start: number, end: number): Promise<Uint8Array> {
    const from = start - this.#windowStart;
    if (from < 0 || from + end - start > this.#window.length) {
      const part = this.#blob.slice(start, Math.max(end, start + WINDOW));
      this.#window = new Uint8Array(await part.arrayBuffer());
      this.#windowStart = start;
      return this.#window.subarray(0, end - start);
    }
    return this.#window.subarray(from, from + end - start);
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A field that holds a number below 2^53. */
export function numberField(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8 + WIRE_VARINT), ...varint(value)]);
}

/** A field that holds bytes, or a message of these parts. */
export function bytesField(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return concat([bytesHead(field, length), ...parts]);
}

/** What stands before `length` bytes that are a field; for who writes these without joining them. */
export function bytesHead(field: number, length: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8 + WIRE_BYTES), ...varint(length)]);
}

const utf8 = new TextEncoder();

export function textField(field: number, value: string): Uint8Array {
  return bytesField(field, utf8.encode(value));
}

function varint(value: number): number[] {
  const out: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  return [...out, value];
}

function invalid(): GlyphpoolError {
  return new GlyphpoolError("MODEL_INVALID", "The file is not an ONNX model or it is damaged.");
}
