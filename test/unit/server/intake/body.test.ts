import { describe, expect, it } from "vitest";
import { checkLength, readBody, readText } from "../../../../src/server/intake/body.ts";

const LIMITS = { maxBytes: 10, idle: 50, deadline: 200 };

/** A body of pieces with pauses before them, in milliseconds; `end` false leaves it open. */
function body(
  pieces: readonly (readonly [pause: number, bytes: number])[],
  end = true,
): { readonly stream: ReadableStream<Uint8Array>; readonly cancelled: () => boolean } {
  let at = 0;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const piece = pieces[at++];
      if (!piece) {
        if (end) controller.close();
        else await new Promise(() => undefined);
        return;
      }
      const [pause, bytes] = piece;
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!cancelled) controller.enqueue(new Uint8Array(bytes));
    },
    cancel: () => void (cancelled = true),
  });
  return { stream, cancelled: () => cancelled };
}

async function size(stream: ReadableStream<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const piece of readBody(stream, LIMITS)) bytes += piece.byteLength;
  return bytes;
}

describe("readBody", () => {
  it("passes on what is within the limits", async () => {
    expect(
      await size(
        body([
          [0, 4],
          [10, 6],
        ]).stream,
      ),
    ).toBe(10);
    for await (const piece of readBody(null, LIMITS)) expect(piece).toBeUndefined();
  });

  it("refuses a byte too many, and does not read on", async () => {
    const { stream, cancelled } = body([
      [0, 6],
      [0, 5],
      [0, 1],
    ]);
    await expect(size(stream)).rejects.toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    expect(cancelled()).toBe(true);
  });

  it("gives a sender up that says nothing", async () => {
    const { stream, cancelled } = body([[0, 1]], false);
    await expect(size(stream)).rejects.toMatchObject({ status: 408, code: "BODY_TOO_SLOW" });
    expect(cancelled()).toBe(true);
  });

  it("gives a sender up that says a byte now and then", async () => {
    const drops = Array.from({ length: 9 }, () => [40, 1] as const);
    const start = performance.now();
    await expect(size(body(drops).stream)).rejects.toMatchObject({ status: 408 });
    expect(performance.now() - start).toBeLessThan(LIMITS.deadline + 100);
  });

  it("says that a body has broken off", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new TypeError("connection reset")),
    });
    await expect(size(stream)).rejects.toMatchObject({ status: 400, code: "BODY_CUT_OFF" });
  });
});

it("reads texts whose characters are cut apart", async () => {
  const bytes = new TextEncoder().encode("zwölf");
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(bytes.subarray(0, 3));
      controller.enqueue(bytes.subarray(3));
      controller.close();
    },
  });
  expect(await readText(stream, LIMITS)).toBe("zwölf");
});

it("believes a length that is too large", () => {
  expect(() => checkLength(new Headers({ "Content-Length": "11" }), 10)).toThrow("10 bytes");
  checkLength(new Headers({ "Content-Length": "10" }), 10);
  checkLength(new Headers(), 10);
});
