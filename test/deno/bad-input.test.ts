import { afterAll, beforeAll, describe } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { Engine } from "../../src/index.ts";
import { testBadInput } from "../faults/bad-input.ts";

describe("bad input in Deno", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await createEngine({ backend: "wasm", workers: 1 });
  });
  afterAll(() => engine.close());

  testBadInput(
    () => engine,
    (path) => Deno.readFile(new URL(`../fixtures/${path}`, import.meta.url)),
    [
      ["a path without a file", "INPUT_NOT_FOUND", () => "no/such/file.png"],
      ["the path of a folder", "INVALID_INPUT", () => new URL(".", import.meta.url)],
    ],
  );
});
