import {
  anything,
  array,
  assert,
  float32Array,
  integer,
  nat,
  oneof,
  property,
  record,
  string,
  uint8Array,
  uint8ClampedArray,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader, HEADER_BYTES, byteLength, frameHeader } from "../../../src/rpc/framing.ts";
import { v8Codec } from "../../../src/rpc/v8-codec.ts";

const codec = v8Codec();
const { checksum } = codec;
const MAX = 10_000;

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(byteLength(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

const framed = (payloads: readonly Uint8Array[]): Uint8Array =>
  join(payloads.flatMap((payload) => [frameHeader([payload], checksum), payload]));

/** What arrives when the stream is cut at the given places, and whether its end was accepted. */
function receive(
  stream: Uint8Array,
  cuts: readonly number[] = [],
): { payloads: Uint8Array[]; error?: unknown } {
  const reader = new FrameReader(MAX, checksum);
  const payloads: Uint8Array[] = [];
  const places = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
    (a, b) => a - b,
  );
  try {
    let from = 0;
    for (const to of places) {
      payloads.push(...reader.push(stream.subarray(from, to)));
      from = to;
    }
    reader.end();
    return { payloads };
  } catch (error) {
    return { payloads, error };
  }
}

const payloads = array(uint8Array({ maxLength: 200 }), { maxLength: 5 });

describe("frames", () => {
  it("arrive as they were sent, wherever the stream is cut", () => {
    assert(
      property(payloads, array(nat()), (sent, cuts) => {
        expect(receive(framed(sent), cuts)).toEqual({ payloads: sent });
      }),
    );
  });

  it("have one header for a payload in parts", () => {
    assert(
      property(payloads, (parts) => {
        const stream = join([frameHeader(parts, checksum), ...parts]);
        expect(receive(stream)).toEqual({ payloads: [join(parts)] });
      }),
    );
  });

  const sent = array(uint8Array({ minLength: 1, maxLength: 200 }), {
    minLength: 1,
    maxLength: 5,
  });

  /** Nothing but what was sent, in its order, and then an error. */
  function expectRefused(all: readonly Uint8Array[], stream: Uint8Array): void {
    const { payloads: got, error } = receive(stream);
    expect(got).toEqual(all.slice(0, got.length));
    expect(error).toMatchObject({ code: "INTERNAL", brand: "glyphpool.error" });
  }

  it("never pass with a changed byte", () => {
    assert(
      property(sent, nat(), integer({ min: 1, max: 255 }), (all, at, change) => {
        const stream = framed(all);
        const place = at % stream.length;
        stream[place] = (stream[place] ?? 0) ^ change;
        expectRefused(all, stream);
      }),
    );
  });

  it("never pass with text between their bytes", () => {
    const text = string({ minLength: 1, maxLength: 40 }).map((s) => new TextEncoder().encode(s));
    assert(
      property(sent, nat(), text, (all, at, stray) => {
        const stream = framed(all);
        const place = at % (stream.length + 1);
        expectRefused(all, join([stream.subarray(0, place), stray, stream.subarray(place)]));
      }),
    );
  });

  it("are refused at an end in their middle", () => {
    assert(
      property(sent, nat(), (all, missing) => {
        const stream = framed(all.slice(-1));
        expectRefused(all.slice(-1), stream.subarray(0, 1 + (missing % (stream.length - 1))));
      }),
    );
  });

  it("are refused above the limit, before memory is taken for them", () => {
    const long = new Uint8Array(MAX + 1);
    const header = frameHeader([long], checksum);
    expect(header.byteLength).toBe(HEADER_BYTES);
    expect(receive(header).error).toMatchObject({
      code: "INTERNAL",
      message: expect.stringContaining("10001 bytes"),
    });
    expect(receive(framed([new Uint8Array(MAX)])).payloads).toHaveLength(1);
  });
});

describe("messages as bytes", () => {
  const roundTrip = (message: unknown): unknown => codec.decode(join(codec.encode(message)));

  it("are what structured clone makes of them", () => {
    const values = anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    assert(
      property(values, (message) => {
        expect(roundTrip(message)).toStrictEqual(structuredClone(message));
      }),
    );
  });

  it("hold large byte arrays, in any number and mixture", () => {
    const bytes = oneof(
      uint8Array({ minLength: 4000, maxLength: 5000 }),
      uint8ClampedArray({ minLength: 4000, maxLength: 5000 }),
      float32Array({ maxLength: 9, noNaN: true }),
    );
    assert(
      property(array(record({ bytes, text: string() })), (message) => {
        expect(roundTrip(message)).toStrictEqual(structuredClone(message));
      }),
      { numRuns: 50 },
    );
  });

  it("keep undefined, cycles, errors and the identity of arrays", () => {
    const bytes = new Uint8Array(5000).fill(7);
    const message: Record<string, unknown> = {
      none: undefined,
      error: new RangeError("why"),
      bytes,
    };
    message["self"] = message;
    message["again"] = bytes;
    const copy = roundTrip(message) as typeof message;
    expect(Object.keys(copy)).toEqual(Object.keys(message));
    expect(copy["self"]).toBe(copy);
    expect(copy["again"]).toBe(copy["bytes"]);
    expect(copy["bytes"]).toEqual(bytes);
    expect(copy["error"]).toMatchObject({ name: "RangeError", message: "why" });
  });

  it("cannot hold functions, nor transfer anything but buffers", () => {
    expect(() => codec.encode({ call: () => 1 })).toThrow("could not be cloned");
    const { port1, port2 } = new MessageChannel();
    expect(() => codec.encode({}, [port1])).toThrow("Only buffers");
    port1.close();
    port2.close();
  });

  it("take what is transferred from its owner, and copy the rest", () => {
    const given = new Uint8Array(9000).fill(1);
    const kept = new Uint8Array(9000).fill(2);
    const parts = codec.encode({ part: given.subarray(10, 8000), kept }, [given.buffer]);
    expect(given.byteLength).toBe(0);
    kept.fill(9);
    expect(codec.decode(join(parts))).toEqual({
      part: new Uint8Array(7990).fill(1),
      kept: new Uint8Array(9000).fill(2),
    });
  });

  it("are refused with bytes missing or left over", () => {
    const whole = join(codec.encode({ bytes: new Uint8Array(5000) }));
    for (const wrong of [whole.slice(0, -1), join([whole, new Uint8Array(1)]), new Uint8Array(3)]) {
      expect(() => codec.decode(wrong)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    }
  });
});
