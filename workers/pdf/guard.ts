/** Bounds for the realm that reads hostile documents. */
import { tellTrouble } from "./warnings.ts";

/** Every way out of a worker, but for messages. */
const NETWORK = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "Request"];

/** Takes the network away from this realm for good. What needs it later has to have taken it before. */
export function closeNetwork(): void {
  for (const name of NETWORK) {
    Object.defineProperty(globalThis, name, {
      value: undefined,
      configurable: false,
      writable: false,
    });
  }
}

const ARRAYS = [
  "Uint8Array",
  "Uint8ClampedArray",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float32Array",
  "Float64Array",
] as const;

/**
 * Refuses single buffers above a size in this realm. pdf.js has no bound for what a Flate stream unpacks to: a file of
 * 100 KB can ask for gigabytes. Its buffers double as they grow, so the sum stays below twice the bound.
 *
 * @param maxBytes of one buffer; a larger one throws RangeError, which fails the page
 */
export function limitBuffers(maxBytes: number): void {
  for (const name of ARRAYS) {
    const limited = new Proxy(globalThis[name], {
      construct(target, args: unknown[], newTarget): object {
        const [length] = args;
        if (typeof length === "number" && length * target.BYTES_PER_ELEMENT > maxBytes) {
          throw refused();
        }
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
    Object.defineProperty(globalThis, name, {
      value: limited,
      configurable: true,
      writable: true,
    });
  }
  limitInflation(maxBytes);
}

function refused(): RangeError {
  tellTrouble("removed");
  return new RangeError("A buffer would be larger than the limit.");
}

/** The platform's inflater has no bound either; where it fails pdf.js goes on with its own. */
function limitInflation(maxBytes: number): void {
  const { DecompressionStream: Inflater } = globalThis;
  class Limited {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<BufferSource>;

    constructor(format: CompressionFormat) {
      const { readable, writable } = new Inflater(format);
      let sum = 0;
      this.writable = writable;
      this.readable = readable.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller): void {
            sum += chunk.byteLength;
            if (sum > maxBytes) throw refused();
            controller.enqueue(chunk);
          },
        }),
      );
    }
  }
  Object.defineProperty(globalThis, "DecompressionStream", { value: Limited });
}

/** Smallest bound: fonts and content streams of honest documents need some megabytes. Bytes. */
const MIN_BUFFER = 64 * 2 ** 20;

/** The bound that lets an image of `maxPixels` through as RGBA. Bytes. */
export function bufferLimit(maxPixels: number): number {
  return Math.max(MIN_BUFFER, 4 * maxPixels);
}
