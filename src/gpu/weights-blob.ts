/**
 * A Blob that the runtime can read weights from without getting stuck.
 *
 * onnxruntime-web reads external data with a BYOB reader on the stream of a Blob's slice. In Chromium
 * such a read now and then never settles, though all of the bytes are there: one in some hundred, and
 * the load that waits for it waits forever. `arrayBuffer()` of a slice has no such fault, so the slices
 * of this Blob stream what that gives; their streams take no BYOB reader, and the runtime does without.
 */

/** Bytes that are read at once. */
const PART = 1024 * 1024;

export class WeightsBlob extends Blob {
  readonly #source: Blob;

  constructor(source: Blob) {
    super();
    this.#source = source;
  }

  override get size(): number {
    return this.#source.size;
  }

  /** The Asyncify build takes the whole file at once. */
  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#source.arrayBuffer();
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#source.bytes();
  }

  override text(): Promise<string> {
    return this.#source.text();
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return streamOf(this.#source);
  }

  override slice(start?: number, end?: number): Blob {
    const part = this.#source.slice(start, end);
    part.stream = () => streamOf(part);
    return part;
  }
}

function streamOf(blob: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const bytes = await blob.slice(at, Math.min(at + PART, blob.size)).arrayBuffer();
      at += bytes.byteLength;
      if (bytes.byteLength > 0) controller.enqueue(new Uint8Array(bytes));
      if (at >= blob.size) controller.close();
    },
  });
}
