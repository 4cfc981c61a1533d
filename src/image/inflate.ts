/** zlib by the platform's own DecompressionStream: no dependency, and no heap that stays. */
import { corrupt } from "./failure.ts";

const SLICE = 1 << 16;
/**
 * Junk behind the stream makes the platform throw and drop what it has not delivered yet. Bytes that
 * come one by one, each when the last output was read, lose nothing; padding is a few bytes long.
 */
const TAIL = 16;

function* slices(parts: readonly Uint8Array[]): Generator<Uint8Array<ArrayBuffer>> {
  for (const [index, part] of parts.entries()) {
    const body = index === parts.length - 1 ? Math.max(0, part.length - TAIL) : part.length;
    for (let i = 0; i < part.length;) {
      const end = i < body ? Math.min(i + SLICE, body) : i + 1;
      yield new Uint8Array(part.subarray(i, end)); // a copy: streams take no view on shared memory
      i = end;
    }
  }
}

/** Inflates exactly `size` bytes from consecutive parts; reads no further, so nothing can blow up. */
export async function inflate(parts: readonly Uint8Array[], size: number): Promise<Uint8Array> {
  const input = slices(parts);
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      const { done, value } = input.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = source.pipeThrough(new DecompressionStream("deflate")).getReader();
  const out = new Uint8Array(size);
  let at = 0;
  try {
    while (at < size) {
      const { done, value } = await reader.read();
      if (done) break;
      const part = value.subarray(0, size - at);
      out.set(part, at);
      at += part.length;
    }
  } catch (cause) {
    throw corrupt("its compressed data cannot be inflated", cause);
  } finally {
    await reader.cancel().catch(() => undefined); // the error above is the one to report
  }
  if (at < size) throw corrupt(`its data inflates to ${at} of ${size} bytes`);
  return out;
}
