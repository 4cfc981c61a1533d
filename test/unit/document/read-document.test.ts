import { describe, expect, it } from "vitest";
import { deferred } from "../../../src/core/deferred.ts";
import type { Deferred } from "../../../src/core/deferred.ts";
import type { DocumentSource, PreparedPage } from "../../../src/document/document-source.ts";
import { readDocument } from "../../../src/document/read-document.ts";
import { GlyphpoolError, abortError } from "../../../src/errors.ts";
import type { DocumentPage, Page } from "../../../src/types.ts";

const TIMINGS = { decode: 0, detect: 0, orient: 0, recognize: 0, inference: 0, total: 0 };

const pageOf = (text: string): Page => ({
  width: 1,
  height: 1,
  rotation: 0,
  text,
  lines: [],
  timings: TIMINGS,
});

/** A document whose pages are read when the test says so. */
class Scene implements DocumentSource {
  readonly count: number;
  readonly prepared: number[] = [];
  /** By the number of the page. */
  readonly reads = new Map<number, Deferred<Page>>();
  closed = 0;
  /** Pages between the end of their preparation and the end of their reading. */
  held = 0;
  mostHeld = 0;
  onPrepare: (number: number) => void = () => undefined;

  constructor(count: number) {
    this.count = count;
  }

  async prepare(number: number): Promise<PreparedPage> {
    this.prepared.push(number);
    this.onPrepare(number);
    this.mostHeld = Math.max(this.mostHeld, ++this.held);
    const close = (): void => {
      this.held--;
      this.closed++;
    };
    const open = (): Promise<never> => Promise.reject(new Error("nobody opens it here"));
    // The number travels as the frame, which tells the reader below whose turn it is.
    return { open, repeatable: true, bytes: 0, frame: number, close };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  pages(
    options: { pages?: string; ahead?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<DocumentPage, void, undefined> {
    const { ahead = 2, signal, ...range } = options;
    const read = (
      picture: { readonly frame?: number | undefined },
      _finish: unknown,
      inner: AbortSignal,
    ): Promise<Page> => {
      const turn = deferred<Page>();
      this.reads.set(picture.frame as number, turn);
      inner.addEventListener("abort", () => turn.reject(abortError(inner)), { once: true });
      return turn.promise;
    };
    return readDocument(
      this,
      range,
      { read, readPart: (picture, inner) => read(picture, undefined, inner), ahead },
      signal,
    );
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("readDocument", () => {
  it("yields the pages in order, whichever is done first", async () => {
    const scene = new Scene(3);
    const pages = scene.pages();
    const first = pages.next();
    await settle();
    scene.reads.get(2)?.resolve(pageOf("two"));
    await settle();
    scene.reads.get(1)?.resolve(pageOf("one"));
    expect((await first).value).toMatchObject({ number: 1, text: "one", source: "ocr" });
    expect((await pages.next()).value).toMatchObject({ number: 2, text: "two" });
    scene.reads.get(3)?.resolve(pageOf("three"));
    expect((await pages.next()).value).toMatchObject({ number: 3 });
    expect(await pages.next()).toEqual({ done: true, value: undefined });
    expect(scene.closed).toBe(3);
  });

  it("begins no page before the one that is so many ahead of it has been taken", async () => {
    const scene = new Scene(100);
    const pages = scene.pages({ ahead: 3 });
    for (let number = 1; number <= 20; number++) {
      const next = pages.next();
      await settle();
      expect(scene.prepared.at(-1)).toBeLessThanOrEqual(number + 2);
      scene.reads.get(number)?.resolve(pageOf(""));
      await next;
    }
    expect(scene.mostHeld).toBe(3);
    await pages.return();
  });

  it("does nothing before somebody asks", async () => {
    const scene = new Scene(2);
    scene.pages();
    await settle();
    expect(scene.prepared).toEqual([]);
  });

  it("goes on after a page that cannot be read, and after one that cannot be prepared", async () => {
    const scene = new Scene(3);
    scene.onPrepare = (number) => {
      if (number === 2) throw new GlyphpoolError("PDF_CORRUPT", "no page tree");
    };
    const pages = scene.pages();
    const first = pages.next();
    await settle();
    scene.reads.get(1)?.reject(new GlyphpoolError("IMAGE_CORRUPT", "bad strip"));
    expect((await first).value).toMatchObject({
      number: 1,
      text: "",
      lines: [],
      error: { code: "IMAGE_CORRUPT" },
    });
    expect((await pages.next()).value).toMatchObject({ number: 2, error: { code: "PDF_CORRUPT" } });
    await settle();
    scene.reads.get(3)?.resolve(pageOf("three"));
    const third = (await pages.next()).value;
    expect(third).toMatchObject({ number: 3, text: "three" });
    expect(third).not.toHaveProperty("error");
  });

  it("tries a page again that found the queue full", async () => {
    const scene = new Scene(1);
    const next = scene.pages().next();
    await settle();
    scene.reads.get(1)?.reject(new GlyphpoolError("QUEUE_FULL", "busy"));
    await expect.poll(() => scene.prepared).toEqual([1, 1]);
    await settle();
    scene.reads.get(1)?.resolve(pageOf("one"));
    expect((await next).value).toMatchObject({ text: "one" });
  });

  it("ends with the engine and with what is no error of ours", async () => {
    for (const error of [new GlyphpoolError("ENGINE_CLOSED", "gone"), new TypeError("a bug")]) {
      const scene = new Scene(3);
      const next = scene.pages().next();
      await settle();
      scene.reads.get(1)?.reject(error);
      await expect(next).rejects.toBe(error);
      expect(scene.held).toBe(0);
    }
  });

  it("aborts at once, and what was under way is given back", async () => {
    const scene = new Scene(5);
    const abort = new AbortController();
    const next = scene.pages({ signal: abort.signal }).next();
    await settle();
    abort.abort();
    await expect(next).rejects.toMatchObject({ code: "ABORTED" });
    expect(scene.prepared).toEqual([1, 2]);
    expect(scene.held).toBe(0);
  });

  it("gives back what was under way when the caller has enough", async () => {
    const scene = new Scene(5);
    const pages = scene.pages({ pages: "2-5" });
    const first = pages.next();
    await settle();
    scene.reads.get(2)?.resolve(pageOf("two"));
    await first;
    await settle();
    expect(scene.prepared).toEqual([2, 3, 4]);
    await pages.return();
    expect(scene.held).toBe(0);
    expect(scene.prepared).toEqual([2, 3, 4]);
  });

  it("refuses a page that there is not", async () => {
    await expect(new Scene(5).pages({ pages: "6" }).next()).rejects.toMatchObject({
      code: "PAGE_NOT_FOUND",
    });
  });
});
