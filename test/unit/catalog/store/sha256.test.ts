import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Sha256, sha256Of, sha256OfText } from "../../../../src/catalog/store/sha256.ts";
import { sampleBytes } from "../model-server.ts";

test("agrees with the platform for every length around block borders and every split", () => {
  for (let length = 0; length < 260; length++) {
    const bytes = sampleBytes(length);
    const hash = new Sha256();
    const split = (length * 7) % (length + 1);
    hash.update(bytes.subarray(0, split)).update(bytes.subarray(split));
    expect(hash.digest()).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});

test("hashes Blobs and texts", async () => {
  const expected = createHash("sha256").update("abc").digest("hex");
  expect(await sha256Of(new Blob(["abc"]))).toBe(expected);
  expect(sha256OfText("abc")).toBe(expected);
});
