import { afterEach, describe, expect, it, vi } from "vitest";
import { Documents } from "../../../src/document/documents.ts";
import { resolveSettings } from "../../../src/options/engine.ts";
import { textPdf } from "./pdf-writer.ts";

const CHUNK = "../../../src/document/pdf/service.ts";

afterEach(() => {
  vi.doUnmock(CHUNK);
  vi.resetModules();
});

function documents(): Documents {
  return new Documents({
    limits: resolveSettings({}).limits,
    workers: 1,
    read: () => Promise.reject(new Error("nothing is read")),
    gate: { wait: async () => undefined },
    runLate: async () => undefined,
    checkOpen: () => undefined,
    present: (page) => page as never,
  });
}

describe("documents", () => {
  it("are read, and everything closes, after the chunk with the PDF reader could not be loaded once", async () => {
    let tries = 0;
    let closed = 0;
    vi.doMock(CHUNK, () => ({
      // A property that throws is what the first use of a module that did not load looks like from here.
      get PdfService() {
        if (++tries === 1) throw new Error("the chunk is gone");
        return class {
          open(): Promise<never> {
            return Promise.reject(new Error("it opens nothing"));
          }
          async close(): Promise<void> {
            closed++;
          }
        };
      },
    }));
    const all = documents();
    const read = (): Promise<unknown> => all.read(textPdf(["x"]), { text: "layer" }).next();
    await expect(read()).rejects.toThrow("the chunk is gone");
    await all.rest();
    await expect(read()).rejects.toThrow("it opens nothing");
    await all.rest();
    expect(closed).toBe(1);
    await expect(read()).rejects.toThrow("it opens nothing");
    await all.close();
    expect(closed).toBe(2);
    await expect(read()).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
  });
});
