/**
 * A Blob over a part of a file, for Deno: its own Blobs live in memory (200 MB of weights cost 380 MB),
 * this one reads what is asked for. It answers the methods of Blob; code that reads a Blob's internals
 * (`new Response(blob)`, `postMessage`) sees an empty one.
 */
export class FileBlob extends Blob {
  readonly #path: string | URL;
  readonly #start: number;
  readonly #end: number;

  constructor(path: string | URL, start: number, end: number, type = "") {
    super([], { type });
    this.#path = path;
    this.#start = start;
    this.#end = Math.max(start, end);
    // An own property: the inherited accessor reports the size of the empty blob.
    Object.defineProperty(this, "size", { value: this.#end - this.#start });
  }

  /** The whole file as it is now. */
  static async open(path: string | URL): Promise<FileBlob> {
    const { size, isFile } = await Deno.stat(path);
    if (!isFile) throw new Deno.errors.NotFound(`${String(path)} is not a file`);
    return new FileBlob(path, 0, size);
  }

  override slice(start = 0, end: number = this.size, type = ""): FileBlob {
    return new FileBlob(this.#path, this.#position(start), this.#position(end), type);
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(this.size);
    using file = await Deno.open(this.#path);
    await file.seek(this.#start, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const read = await file.read(bytes.subarray(at));
      if (read === null) throw new Error(`${String(this.#path)} became shorter while it was read`);
      at += read;
    }
    return bytes;
  }

  override async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const step = 1024 * 1024;
    let at = 0;
    return new ReadableStream({
      pull: async (controller) => {
        if (at >= this.size) return controller.close();
        const end = Math.min(at + step, this.size);
        controller.enqueue(await this.slice(at, end).bytes());
        at = end;
      },
    });
  }

  /** Blob's rule for slice: negative counts from the end, everything is clamped. */
  #position(offset: number): number {
    const clamped = offset < 0 ? Math.max(this.size + offset, 0) : Math.min(offset, this.size);
    return this.#start + clamped;
  }
}
