import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GlyphpoolError } from "../../src/errors.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { denoDecoder } from "../../src/image/decode-deno.ts";
import type { RgbaImage } from "../../src/types.ts";
import { expectPicture, HALF, OPAQUE } from "../fixtures/picture.ts";

const limits = { maxBytes: 1e6, maxPixels: 1e6, maxSide: 5000 };

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/images/${name}`, import.meta.url)));
}

function decode(bytes: Uint8Array): Promise<RgbaImage> {
  return decodeImage(bytes, limits, denoDecoder);
}

describe("the Deno decoder", () => {
  it.each(OPAQUE)("decodes %s", async (name) => expectPicture(await decode(fixture(name))));

  it.each(HALF)("blends %s on white", async (name) =>
    expectPicture(await decode(fixture(name)), 127),
  );

  it("decodes grey JPEG", async () => {
    const { data } = await decode(fixture("gray.jpg"));
    expect([...data.subarray(0, 4)]).toEqual([76, 76, 76, 255]);
  });

  it("does not turn WebP", async () => {
    const { width, height } = await decode(fixture("orientation-6.webp"));
    expect([width, height]).toEqual([16, 24]);
  });

  it("stays in order after a thousand damaged files", async () => {
    const names = ["progressive.jpg", "orientation-6.png", "lossy.webp", "plain.avif", "jpeg.tif"];
    let seed = 1;
    for (let round = 0; round < 200; round++) {
      for (const name of names) {
        const bytes = fixture(name);
        for (let i = 0; i < 8; i++) {
          seed = (seed * 48271) % 2147483647;
          bytes[20 + (seed % (bytes.length - 20))] = seed & 255;
        }
        const start = performance.now();
        const error = await decode(bytes).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error === undefined || GlyphpoolError.is(error)).toBe(true);
        expect(performance.now() - start).toBeLessThan(5000);
      }
    }
    for (const name of names) expectPicture(await decode(fixture(name)));
  });

  it("loads every codec in a worker without location and with --allow-read only", async () => {
    const root = new URL("../../", import.meta.url).pathname;
    const script = "test/deno/decode-in-worker-main.ts";
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--allow-read", script],
      cwd: root,
    }).output();
    expect(new TextDecoder().decode(stderr)).toBe("");
    const sizes = JSON.parse(new TextDecoder().decode(stdout)) as string[];
    expect(sizes).toHaveLength(5);
    for (const size of sizes) expect(size).toMatch(/ 24x16$/);
  });
});
