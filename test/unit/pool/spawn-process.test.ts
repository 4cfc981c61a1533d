import { describe, expect, it } from "vitest";
import { cachePermissions } from "../../../src/pool/spawn-process.ts";

describe("the permissions of an OCR process", () => {
  it("are the network and the cache, and not all that this process has", () => {
    expect(cachePermissions("/cache", () => true)).toEqual({
      net: true,
      write: ["/cache"],
      env: false,
    });
    expect(cachePermissions(false, () => true)).toEqual({ net: true, write: [], env: false });
  });

  it("are never more than this process has", () => {
    expect(cachePermissions("/cache", () => false)).toEqual({ net: false, write: [], env: false });
    const only = (_kind: string, name?: string): boolean => name === "HOME";
    expect(cachePermissions(true, only)).toMatchObject({ net: false, env: ["HOME"] });
  });
});
