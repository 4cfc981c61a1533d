import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type ErrorCode, GlyphpoolError } from "../../../src/errors.ts";
import { decodePng } from "../../../src/image/png/decode.ts";
import type { PlatformDecoder } from "../../../src/image/platform-decoder.ts";
import type { ImageLimits, RgbaImage } from "../../../src/types.ts";

export const LIMITS: ImageLimits = { maxBytes: 1e6, maxPixels: 1e6, maxSide: 5000 };

/** Node has neither a canvas nor the codecs' loader; PNG is plain code. */
export const pngOnly: PlatformDecoder = {
  async decode(bytes, { format }) {
    if (format !== "png") throw new Error(`no ${format} here`);
    return { ...(await decodePng(bytes)), upright: false };
  },
};

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/images/${name}`, import.meta.url)));
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** Red, green and blue of every pixel. */
export function rgb({ data }: RgbaImage): number[][] {
  return Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(i * 4, i * 4 + 3)]);
}

/** The first channel of every pixel, in rows. */
export function grey({ data, width, height }: RgbaImage): number[][] {
  return Array.from({ length: height }, (_row, y) =>
    Array.from({ length: width }, (_pixel, x) => data[(y * width + x) * 4] ?? -1),
  );
}

export async function expectCode(work: () => unknown, code: ErrorCode): Promise<GlyphpoolError> {
  let caught: unknown;
  try {
    await work();
  } catch (error) {
    caught = error;
  }
  expect(caught, `expected ${code}`).toBeInstanceOf(GlyphpoolError);
  expect((caught as GlyphpoolError).code).toBe(code);
  return caught as GlyphpoolError;
}

/** What the work throws, or a typed stand-in when it succeeds: both are fine for damaged input. */
export async function outcome(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return { brand: "glyphpool.error" };
  } catch (error) {
    return error;
  }
}
