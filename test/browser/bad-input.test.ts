import { afterAll, beforeAll, describe } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { Engine } from "../../src/index.ts";
import { testBadInput } from "../faults/bad-input.ts";

describe("bad input in a browser", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await createEngine({ backend: "wasm" });
  });
  afterAll(() => engine.close());

  testBadInput(
    () => engine,
    async (path) => await (await fetch(`/test/fixtures/${path}`)).bytes(),
  );
});
