/** Messages over a pair of byte streams, the same at both ends. */
import { GlyphpoolError } from "../errors.ts";
import { FrameReader, HEADER_BYTES, byteLength, corrupt, frameHeader } from "./framing.ts";
import type { Codec } from "./v8-codec.ts";

export interface FramedLinkOptions {
  readonly source: ReadableStream<Uint8Array>;
  readonly sink: WritableStream<Uint8Array>;
  readonly codec: Codec;
  /** Largest message, in bytes, in either direction. */
  readonly maxFrameBytes: number;
  /**
   * `buffer` is what the byte arrays of the message are views of; nothing else uses it, so it can be
   * transferred.
   */
  readonly onMessage: (message: unknown, buffer: ArrayBuffer) => void;
  /** Called once, when nothing more will arrive; with the reason if that is not the source's end. */
  readonly onEnd: (error?: Error) => void;
}

/** Covers the largest picture of the default limits as pixels: 400 MB. */
export const MAX_FRAME_BYTES: number = 512 * 2 ** 20;

/** Messages may wait for the pipe, but no more bytes than this many of the largest. */
const QUEUED_FRAMES = 2;

export class FramedLink {
  readonly #options: FramedLinkOptions;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #queue: Uint8Array[] = [];
  /** Bytes that the other side has not taken yet. */
  #queued = 0;
  #writing = false;
  #ended = false;

  constructor(options: FramedLinkOptions) {
    this.#options = options;
    this.#writer = options.sink.getWriter();
    this.#writer.closed.catch(() => undefined);
    this.#reader = options.source.getReader();
    void this.#read();
  }

  /**
   * Sends a message after those before it; a link that has ended drops it, as workers do.
   *
   * @throws GlyphpoolError `INVALID_INPUT` for a message over the limit, `QUEUE_FULL` when the other
   *   side takes nothing; whatever the codec throws
   */
  send(message: unknown, transfer: readonly unknown[] = []): void {
    if (this.#ended) return;
    const { codec, maxFrameBytes } = this.#options;
    const parts = codec.encode(message, transfer);
    const bytes = byteLength(parts);
    if (bytes > maxFrameBytes) {
      const text = `A message to another process has ${bytes} bytes, but ${maxFrameBytes} are allowed.`;
      throw new GlyphpoolError("INVALID_INPUT", text);
    }
    if (this.#queued + bytes > maxFrameBytes * QUEUED_FRAMES) {
      const text = `${this.#queued} bytes wait already for a process that does not read.`;
      throw new GlyphpoolError("QUEUE_FULL", text);
    }
    this.#queue.push(frameHeader(parts, codec.checksum), ...parts);
    this.#queued += bytes + HEADER_BYTES;
    if (!this.#writing) void this.#write();
  }

  /** Drops what waits and closes both streams. `onEnd` is not called any more. */
  close(): void {
    if (!this.#stop()) return;
    // Both reject when the other process is gone already.
    this.#writer.abort().catch(() => undefined);
    this.#reader.cancel().catch(() => undefined);
  }

  /** One part after the other: the next is handed over only when the pipe has taken the last. */
  async #write(): Promise<void> {
    this.#writing = true;
    try {
      for (let part = this.#queue.shift(); part; part = this.#queue.shift()) {
        await this.#writer.write(part);
        this.#queued -= part.byteLength;
      }
    } catch (error) {
      this.#end(error);
    }
    this.#writing = false;
  }

  async #read(): Promise<void> {
    const { codec, maxFrameBytes, onMessage } = this.#options;
    const frames = new FrameReader(maxFrameBytes, codec.checksum);
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (this.#ended) return;
        if (done) break;
        for (const payload of frames.push(value)) {
          onMessage(codec.decode(payload), payload.buffer);
          if (this.#ended) return;
        }
      }
      frames.end();
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error?: unknown): void {
    if (!this.#stop()) return;
    if (error === undefined) this.#options.onEnd();
    else this.#options.onEnd(error instanceof Error ? error : corrupt("it broke", error));
  }

  #stop(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#queue.length = 0;
    this.#queued = 0;
    return true;
  }
}
