import { describe } from "vitest";
import { createEngine } from "../../src/index.ts";
import { documentCases } from "../fixtures/document-cases.ts";

const fetched = (url: URL) => async (): Promise<Uint8Array> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

describe("engine.pages in Chromium", () => {
  documentCases({
    open: () => createEngine({ backend: "wasm", minConfidence: 0 }),
    line: fetched(new URL("../fixtures/pages/line.png", import.meta.url)),
    small: fetched(new URL("../fixtures/pages/small.png", import.meta.url)),
    canDraw: true,
  });
});
