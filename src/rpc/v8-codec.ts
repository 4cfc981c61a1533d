/**
 * Structured clone as bytes: V8's own format, with large byte arrays beside it instead of in it,
 * because V8 grows its buffer by copying (17 ms for 10 MB; beside it 0.1 ms).
 */
import type * as V8 from "node:v8";
import type * as Zlib from "node:zlib";
import { corrupt } from "./framing.ts";
import type { Checksum } from "./framing.ts";

/** Messages as bytes and back. */
export interface Codec {
  /**
   * The message in parts that follow each other. Buffers in `transfer` are detached and not copied.
   *
   * @throws when something in it cannot be cloned
   */
  encode(message: unknown, transfer?: readonly unknown[]): Uint8Array[];
  /**
   * Byte arrays of the result are views into `payload`.
   *
   * @throws GlyphpoolError `INTERNAL` when the bytes are not a message
   */
  decode(payload: Uint8Array<ArrayBuffer>): unknown;
  readonly checksum: Checksum;
}

/** Smaller arrays are not worth a part of their own. Bytes. */
const BESIDE = 4096;

const INLINE = 0;
const BYTES = 1;
const CLAMPED = 2;

type Bytes = Uint8Array | Uint8ClampedArray;

/** What `DefaultSerializer` calls by name, and the types of the platform leave out. */
interface HostWriter {
  _writeHostObject(value: ArrayBufferView): void;
}
interface HostReader {
  _readHostObject(): ArrayBufferView;
}

/** Deno or Node only. */
export function v8Codec(): Codec {
  // Not imported: the modules that lead here are part of browser builds, which have no such modules.
  const { v8, zlib } = builtins();
  const Writer = v8.DefaultSerializer as unknown as new () => V8.Serializer & HostWriter;
  const Reader = v8.DefaultDeserializer as unknown as new (
    data: Uint8Array,
  ) => V8.Deserializer & HostReader;

  class MessageWriter extends Writer {
    readonly beside: Bytes[] = [];

    override _writeHostObject(value: ArrayBufferView): void {
      const clamped = value instanceof Uint8ClampedArray;
      if (value.byteLength < BESIDE || !(clamped || value instanceof Uint8Array)) {
        this.writeUint32(INLINE);
        super["_writeHostObject"](value);
        return;
      }
      this.writeUint32(clamped ? CLAMPED : BYTES);
      this.writeUint32(value.byteLength);
      this.beside.push(value);
    }
  }

  class MessageReader extends Reader {
    readonly #payload: Uint8Array<ArrayBuffer>;
    #next: number;

    constructor(payload: Uint8Array<ArrayBuffer>, start: number, end: number) {
      super(payload.subarray(start, end));
      this.#payload = payload;
      this.#next = end;
    }

    /** Where the arrays beside the message end. */
    get end(): number {
      return this.#next;
    }

    override _readHostObject(): ArrayBufferView {
      const kind = this.readUint32();
      if (kind === INLINE) return super["_readHostObject"]();
      const { buffer, byteOffset } = this.#payload;
      const length = this.readUint32();
      const start = byteOffset + this.#next;
      this.#next += length;
      if (kind === CLAMPED) return new Uint8ClampedArray(buffer, start, length);
      return new Uint8Array(buffer, start, length);
    }
  }

  return {
    checksum: (bytes, seed = 0) => zlib.crc32(bytes, seed),
    encode(message, transfer = []) {
      const writer = new MessageWriter();
      writer.writeHeader();
      writer.writeValue(message);
      const body = writer.releaseBuffer();
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, body.byteLength, true);
      return [length, body, ...takeAll(writer.beside, transfer)];
    },
    decode(payload) {
      try {
        const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
        const reader = new MessageReader(payload, 4, 4 + view.getUint32(0, true));
        reader.readHeader();
        const message: unknown = reader.readValue();
        if (reader.end === payload.byteLength) return message;
      } catch (cause) {
        throw corrupt("a frame is not a message", cause);
      }
      throw corrupt("a message has not the length of its frame");
    },
  };
}

function builtins(): { v8: typeof V8; zlib: typeof Zlib } {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): unknown };
  };
  return {
    v8: process.getBuiltinModule("node:v8") as typeof V8,
    zlib: process.getBuiltinModule("node:zlib") as typeof Zlib,
  };
}

/** What was given away is taken out of its owner's hands, the rest copied: both may change later. */
function takeAll(arrays: readonly Bytes[], transfer: readonly unknown[]): Uint8Array[] {
  const transferables = new Set(transfer);
  // Places before buffers: a view forgets its own when its buffer is taken.
  const places = arrays.map((array) => ({
    buffer: array.buffer,
    start: array.byteOffset,
    bytes: array.byteLength,
    copy: transferables.has(array.buffer) ? undefined : new Uint8Array(array),
  }));
  const taken = new Map<unknown, ArrayBuffer>();
  for (const transferable of transferables) {
    if (!(transferable instanceof ArrayBuffer)) {
      throw new TypeError("Only buffers can be transferred to another process.");
    }
    taken.set(transferable, structuredClone(transferable, { transfer: [transferable] }));
  }
  return places.map(
    ({ buffer, start, bytes, copy }) =>
      copy ?? new Uint8Array(taken.get(buffer) as ArrayBuffer, start, bytes),
  );
}
