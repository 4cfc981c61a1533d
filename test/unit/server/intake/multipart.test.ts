import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundaryOf, readParts } from "../../../../src/server/intake/multipart.ts";

const BOUNDARY = "----b17";

function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function body(...parts: readonly [disposition: string, content: string][]): string {
  const written = parts.map(
    ([disposition, content]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`,
  );
  return `${written.join("")}--${BOUNDARY}--\r\n`;
}

/** In pieces of the sizes, over and over. */
async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function parse(
  text: string,
  sizes: readonly number[] = [7],
): Promise<{ name: string; filename: string | undefined; content: string }[]> {
  const found: { name: string; filename: string | undefined; content: string }[] = [];
  for await (const { name, filename, body: content } of readParts(
    cut(encode(text), sizes),
    BOUNDARY,
  )) {
    let read = "";
    for await (const piece of content) read += String.fromCharCode(...piece);
    found.push({ name, filename, content: read });
  }
  return found;
}

describe("readParts", () => {
  it("reads fields and files", async () => {
    const text = body(
      ['name="options"', '{"dpi":100}'],
      ['name="file"; filename="a b.png"', "\x89PNG"],
    );
    expect(await parse(text)).toEqual([
      { name: "options", filename: undefined, content: '{"dpi":100}' },
      { name: "file", filename: "a b.png", content: "\x89PNG" },
    ]);
  });

  it("gives back any content, however it is cut into pieces", async () => {
    // Above all what looks like the start of a boundary.
    const content = fc
      .array(
        fc.constantFrom(
          "\r",
          "\n",
          "-",
          "--",
          "\r\n--",
          `\r\n--${BOUNDARY.slice(0, -1)}`,
          "x",
          "\0",
        ),
      )
      .map((pieces) => pieces.join(""));
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(content, content, sizes, async (a, b, cuts) => {
        const text = body(['name="a"', a], ['name="b"', b]);
        const found = await parse(text, cuts);
        expect(found.map((part) => part.content)).toEqual([a, b]);
      }),
      { numRuns: 200 },
    );
  });

  it("skips what nobody reads, a preamble and an epilogue", async () => {
    const text = `preamble\r\n${body(['name="a"', "1"], ['name="b"', "2"])}epilogue`;
    const names: string[] = [];
    for await (const { name } of readParts(cut(encode(text), [5]), BOUNDARY)) names.push(name);
    expect(names).toEqual(["a", "b"]);
  });

  it("keeps a piece of a file no longer than until it is read", async () => {
    const large = "z".repeat(100_000);
    let most = 0;
    for await (const { body: content } of readParts(
      cut(encode(body(['name="file"', large])), [1_000]),
      BOUNDARY,
    )) {
      for await (const piece of content) most = Math.max(most, piece.length);
    }
    expect(most).toBeLessThan(2_000);
  });

  it("decodes what browsers write into names", async () => {
    const [part] = await parse(body(['name="file"; filename="a%22b%0D%0A\\"c.png"', ""]));
    expect(part?.filename).toBe('a"b  "c.png');
  });

  it("reads names without quotes, and paths of Windows as they are", async () => {
    const [part] = await parse(body(["name=file; filename=scan.png", ""]));
    expect(part).toMatchObject({ name: "file", filename: "scan.png" });
    const [other] = await parse(body(['name="file"; filename="C:\\a\\b.png"', ""]));
    expect(other?.filename).toBe("C:\\a\\b.png");
  });

  it("ends its source when the reader stops", async () => {
    let ended = false;
    const source = (async function* () {
      try {
        yield encode(body(['name="a"', "1"], ['name="b"', "2"]));
        yield encode("more");
      } finally {
        ended = true;
      }
    })();
    for await (const { name } of readParts(source, BOUNDARY)) if (name === "a") break;
    expect(ended).toBe(true);
  });

  it.each([
    ["an end in a file", `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc`],
    ["an end in the headers", `--${BOUNDARY}\r\nContent-Dis`],
    ["no boundary at all", "abc"],
    ["nothing", ""],
    ["a part without a name", `--${BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nabc`],
    ["another disposition", `--${BOUNDARY}\r\nContent-Disposition: attachment; name="a"\r\n\r\n`],
    ["endless headers", `--${BOUNDARY}\r\n${"h".repeat(20_000)}`],
    [
      "a hundred parts",
      body(...Array.from({ length: 100 }, () => ['name="a"', ""] as [string, string])),
    ],
  ])("refuses %s", async (_what, text) => {
    await expect(parse(text)).rejects.toMatchObject({ status: 400, code: "MALFORMED_BODY" });
  });
});

describe("boundaryOf", () => {
  it("takes the boundary, quoted or not", () => {
    expect(boundaryOf("multipart/form-data; boundary=abc")).toBe("abc");
    expect(boundaryOf('multipart/form-data; charset=x; boundary="a b"')).toBe("a b");
    expect(() => boundaryOf("multipart/form-data;")).toThrow("boundary");
  });
});
