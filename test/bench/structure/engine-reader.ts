/** What the engine makes of the pages and tables of a set. */
import { join } from "node:path";
import { createEngine, formatPage } from "../../../src/index.ts";
import { sharedFolder } from "../datasets.ts";
import { plainMarkdown } from "./markdown-escapes.ts";
import type { Reader } from "./predictions.ts";

export interface EngineReader extends Reader, AsyncDisposable {}

/** @param models as the engine takes them; by default the tiny models of the shared folder */
export async function engineReader(models: string | undefined): Promise<EngineReader> {
  const engine = await createEngine({
    backend: "wasm",
    workers: 1,
    cache: false,
    models: models ?? join(sharedFolder(), "models/ppocrv6_tiny"),
  });
  const readPage = (path: string) => engine.read(path, { layout: true, tables: true });
  return {
    markdown: async (_, image) => plainMarkdown(formatPage(await readPage(image), "md")),
    tableHtml: async (_, image) => {
      const { blocks } = await engine.read(image, { content: "table" });
      return blocks?.[0]?.html ?? "";
    },
    blocks: async (_, image) => (await readPage(image)).blocks ?? [],
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
