import { describe } from "vitest";
import { createEngine } from "../../src/index.ts";
import { documentCases } from "../fixtures/document-cases.ts";

const fixture = (name: string) => (): Promise<Uint8Array> =>
  Deno.readFile(new URL(`../fixtures/pages/${name}.png`, import.meta.url));

const canDraw = await import("@napi-rs/canvas").then(
  () => true,
  () => false,
);

describe("engine.pages in Deno", () => {
  documentCases({
    open: () => createEngine({ backend: "wasm", workers: 1, minConfidence: 0 }),
    line: fixture("line"),
    small: fixture("small"),
    canDraw,
  });
});
