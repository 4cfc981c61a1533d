import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startWorker, useWorkerFolder } from "../../../src/core/worker-script.ts";

const started: { url: string; name: string | undefined }[] = [];

class Native extends EventTarget {
  constructor(url: string | URL, options?: WorkerOptions) {
    super();
    started.push({ url: String(url), name: options?.name });
  }
}

const start = (address: string): Worker =>
  startWorker(() => new Worker(new URL(address), { type: "module", name: "w" }));

beforeEach(() => {
  started.length = 0;
  vi.stubGlobal("Worker", Native);
  vi.stubGlobal("origin", "https://page.test");
  vi.stubGlobal("location", new URL("https://page.test/folder/"));
});
afterEach(() => {
  useWorkerFolder(undefined);
  vi.unstubAllGlobals();
});

describe("startWorker", () => {
  it("leaves scripts of the page's own origin as they are", () => {
    start("https://page.test/assets/ocr.worker.js");
    expect(started).toEqual([{ url: "https://page.test/assets/ocr.worker.js", name: "w" }]);
    expect(globalThis.Worker).toBe(Native);
  });

  it("imports those of others by a script of its own, which it makes once", async () => {
    start("https://cdn.test/ocr.worker.js");
    start("https://cdn.test/ocr.worker.js");
    const [first, second] = started.map(({ url }) => url);
    expect(first).toMatch(/^blob:/);
    expect(second).toBe(first);
    const code = await (await fetch(first as string)).text();
    expect(code).toBe('import "https://cdn.test/ocr.worker.js";');
  });

  it("does the same in a sandboxed frame, which is a stranger at its own address", () => {
    vi.stubGlobal("origin", "null");
    start("https://page.test/assets/ocr.worker.js");
    expect(started[0]?.url).toMatch(/^blob:/);
  });

  it("takes scripts from another folder by their names", () => {
    useWorkerFolder(new URL("https://page.test/vendor/glyphpool/"));
    start("https://page.test/assets/ocr.worker.js");
    expect(started[0]?.url).toBe("https://page.test/vendor/glyphpool/ocr.worker.js");
  });

  it("gives the realm its own class back when the start fails", () => {
    const fail = (): Worker => {
      throw new TypeError("refused");
    };
    expect(() => startWorker(fail)).toThrow("refused");
    expect(globalThis.Worker).toBe(Native);
  });

  it("asks the policy of a page with Trusted Types", () => {
    const names: string[] = [];
    const createPolicy = (name: string) => {
      names.push(name);
      return { createScriptURL: (url: string) => ({ toString: () => `trusted ${url}` }) };
    };
    vi.stubGlobal("trustedTypes", { createPolicy });
    start("https://page.test/assets/ocr.worker.js");
    expect(names).toEqual(["glyphpool"]);
    expect(started[0]?.url).toBe("trusted https://page.test/assets/ocr.worker.js");
  });
});
