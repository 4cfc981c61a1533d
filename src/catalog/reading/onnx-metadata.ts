/**
 * Reads `metadata_props` of an .onnx file: a walk over the top level of its protobuf that skips the
 * graph, so the weights are never read.
 */

import { GlyphpoolError } from "../../errors.ts";

/** Field number of `ModelProto.metadata_props`, a repeated message of key (1) and value (2). */
const METADATA_PROPS = 14;
const WIRE_VARINT = 0;
const WIRE_64 = 1;
const WIRE_BYTES = 2;
const WIRE_32 = 5;

/** More than a tag (5 bytes) and a length (10) need. */
const HEADER_BYTES = 16;
/** A dictionary has some 100 kB; more than this is not metadata but a damaged file. */
const MAX_ENTRY_BYTES = 16 * 1024 * 1024;

/**
 * The value of one metadata key, or undefined when the model does not have it.
 *
 * @throws GlyphpoolError `MODEL_INVALID` when the bytes are not an ONNX file
 */
export async function readOnnxMetadata(model: Blob, key: string): Promise<string | undefined> {
  let offset = 0;
  while (offset < model.size) {
    const header = new Cursor(await bytesOf(model, offset, HEADER_BYTES));
    const tag = header.varint();
    const wire = tag & 7;
    let skip: number;
    if (wire === WIRE_BYTES) skip = header.varint();
    else if (wire === WIRE_VARINT) skip = header.skipVarint();
    else if (wire === WIRE_64) skip = 8;
    else if (wire === WIRE_32) skip = 4;
    else throw invalid();
    const start = offset + header.at;
    if (tag === 0 || start + skip > model.size) throw invalid();
    if (tag >>> 3 === METADATA_PROPS && wire === WIRE_BYTES && skip <= MAX_ENTRY_BYTES) {
      const entry = readEntry(new Cursor(await bytesOf(model, start, skip)));
      if (entry.key === key) return entry.value;
    }
    offset = start + skip;
  }
  return undefined;
}

function readEntry(cursor: Cursor): { key: string; value: string } {
  const entry = { key: "", value: "" };
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  while (!cursor.done) {
    const tag = cursor.varint();
    if ((tag & 7) !== WIRE_BYTES) throw invalid();
    const text = decoder.decode(cursor.take(cursor.varint()));
    if (tag >>> 3 === 1) entry.key = text;
    else if (tag >>> 3 === 2) entry.value = text;
  }
  return entry;
}

class Cursor {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** Up to 2^53; arithmetic instead of shifts because lengths can exceed 2^31. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw invalid();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw invalid();
  }

  /** Consumes a varint; nothing follows it. */
  skipVarint(): 0 {
    this.varint();
    return 0;
  }

  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.#bytes.length) throw invalid();
    const taken = this.#bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}

async function bytesOf(blob: Blob, offset: number, length: number): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
}

function invalid(): GlyphpoolError {
  return new GlyphpoolError("MODEL_INVALID", "The file is not an ONNX model or it is damaged.");
}
