import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { importedScript, startWorker } from "../../../src/core/worker-script.ts";

const started: { url: string; name: string | undefined }[] = [];

class Native extends EventTarget {
  constructor(url: string | URL, options?: WorkerOptions) {
    super();
    started.push({ url: String(url), name: options?.name });
  }
}

const start = (address: string | URL, folder?: string): Worker =>
  startWorker(() => new Worker(address, { type: "module", name: "w" }), folder);

beforeEach(() => {
  started.length = 0;
  vi.stubGlobal("Worker", Native);
  vi.stubGlobal("origin", "https://page.test");
  vi.stubGlobal("location", new URL("https://page.test/folder/"));
});
afterEach(() => vi.unstubAllGlobals());

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
    // What the worker sees of it.
    const location = new URL(first as string) as unknown as Location;
    expect(importedScript(location)?.href).toBe("https://cdn.test/ocr.worker.js");
    expect(importedScript(new URL("https://page.test/a#b") as unknown as Location)).toBeUndefined();
  });

  it("does the same in a sandboxed frame, which is a stranger at its own address", () => {
    vi.stubGlobal("origin", "null");
    start("https://page.test/assets/ocr.worker.js");
    expect(started[0]?.url).toMatch(/^blob:/);
  });

  it("takes scripts from another folder by their names", () => {
    start("https://page.test/assets/ocr.worker.js", "https://page.test/vendor/glyphpool/");
    expect(started[0]?.url).toBe("https://page.test/vendor/glyphpool/ocr.worker.js");
  });

  it("resolves an address without an origin against the page", () => {
    start("/_next/static/ocr.worker.js");
    expect(started[0]?.url).toBe("https://page.test/_next/static/ocr.worker.js");
  });

  it("says which script could not be loaded and what to do, and leaves real messages alone", () => {
    const worker = start("https://page.test/assets/ocr.worker.js");
    const silent = new Event("error");
    worker.dispatchEvent(silent);
    expect((silent as Partial<ErrorEvent>).message).toMatch(
      /https:\/\/page\.test\/assets\/ocr\.worker\.js could not be loaded.+createEngine\(\{ base:/,
    );
    const crash = Object.assign(new Event("error"), { message: "out of memory" });
    start("https://page.test/assets/ocr.worker.js").dispatchEvent(crash);
    expect(crash.message).toBe("out of memory");
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
