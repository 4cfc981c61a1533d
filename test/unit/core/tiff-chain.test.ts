import { describe, expect, it } from "vitest";
import { tiffDirectories } from "../../../src/core/tiff-chain.ts";

/** Directories without entries, each at its offset with the offset of the next. */
function chain(little: boolean, first: number, ...links: readonly (readonly [number, number])[]) {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, first, little);
  for (const [at, next] of links) {
    view.setUint16(at, 0, little);
    view.setUint32(at + 2, next, little);
  }
  return bytes;
}

describe("tiffDirectories", () => {
  it.each([true, false])("follows the chain (little endian: %s)", (little) => {
    expect(tiffDirectories(chain(little, 8, [8, 20], [20, 32], [32, 0]))).toEqual([8, 20, 32]);
  });

  it("ends where the chain leaves the file or closes", () => {
    expect(tiffDirectories(chain(true, 8, [8, 20], [20, 8]))).toEqual([8, 20]);
    expect(tiffDirectories(chain(true, 8, [8, 5000]))).toEqual([8]);
    expect(tiffDirectories(chain(true, 5000))).toEqual([]);
    // The entries that it claims reach beyond the end: the page may be damaged, the next is unknown.
    const claims = chain(true, 8);
    claims[8] = 200;
    expect(tiffDirectories(claims)).toEqual([8]);
  });

  it.each([
    ["a smaller copy", 1, [8, 44]],
    ["a mask", 4, [8, 44]],
    ["one page of several", 2, [8, 26, 44]],
  ])("tells pages from %s", (_, type, pages) => {
    // The second directory has one entry: NewSubfileType, LONG, one value.
    const bytes = chain(true, 8, [8, 26], [44, 0]);
    const view = new DataView(bytes.buffer);
    view.setUint16(26, 1, true);
    [254, 4].forEach((value, i) => view.setUint16(28 + 2 * i, value, true));
    [1, type, 44].forEach((value, i) => view.setUint32(32 + 4 * i, value, true));
    expect(tiffDirectories(bytes)).toEqual(pages);
  });

  it("follows the chain of a BigTIFF", () => {
    const bytes = new Uint8Array(64);
    const view = new DataView(bytes.buffer);
    [0x4949, 43 << 8, 8 << 8].forEach((value, i) => view.setUint16(2 * i, value));
    view.setBigUint64(8, 16n, true);
    view.setBigUint64(24, 40n, true);
    expect(tiffDirectories(bytes)).toEqual([16, 40]);
  });

  it.each([
    ["a PNG", [0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0]],
    ["BigTIFF", [0x49, 0x49, 43, 0, 8, 0, 0, 0]],
    ["too few bytes", [0x49, 0x49, 42]],
    ["nothing", []],
  ])("finds none in %s", (_what, bytes) => {
    expect(tiffDirectories(Uint8Array.from(bytes))).toEqual([]);
  });
});
