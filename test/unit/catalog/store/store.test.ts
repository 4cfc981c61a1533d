import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MemoryCache } from "../../../../src/catalog/store/cache-memory.ts";
import type { ModelCache } from "../../../../src/catalog/store/cache.ts";
import type { ModelFile } from "../../../../src/catalog/manifest/manifest.ts";
import { ModelStore } from "../../../../src/catalog/store/store.ts";
import type { Progress } from "../../../../src/types.ts";
import { type ModelServer, hashOf, sampleBytes, serveModel } from "../model-server.ts";

const SIZE = 300_000;
const body = sampleBytes(SIZE);

let server: ModelServer;
let cache: MemoryCache;

beforeEach(async () => {
  server = await serveModel({ body, etag: '"v1"' });
  cache = new MemoryCache();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function storeOver(over: ModelCache = cache): ModelStore {
  return new ModelStore({ cache: over, backOff: [1, 1, 1], idleMs: 2000 });
}

function file(overrides: Partial<ModelFile> = {}): ModelFile {
  return { name: "model.onnx", url: server.url, bytes: SIZE, sha256: hashOf(body), ...overrides };
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

async function expectClean(): Promise<void> {
  expect(await cache.list()).toEqual([]);
  expect(cache.partialBytes).toBe(0);
}

describe("an address without an origin, as some bundlers write it", () => {
  afterEach(() => vi.unstubAllGlobals());

  // The location of a worker that another script imports is a `blob:`, which nothing can be relative to.
  test.each(["http://127.0.0.1/shop/", "blob:http://127.0.0.1/7c0f"])("in %s", async (location) => {
    const { origin, pathname } = new URL(server.url);
    vi.stubGlobal("origin", origin);
    vi.stubGlobal("location", new URL(location));
    const bundled = file({ url: pathname, bundled: true });
    expect(hashOf(await bytesOf(await storeOver().open(bundled)))).toBe(hashOf(body));
    // On the page's own server, so it is read where it lies.
    expect(await cache.list()).toEqual([]);
    vi.stubGlobal("origin", "https://page.test");
    await storeOver().open(file({ bundled: true }));
    expect(await cache.list()).toHaveLength(1);
  });
});

describe("download", () => {
  test("yields the bytes, reports progress and keeps them", async () => {
    const seen: Progress[] = [];
    const blob = await storeOver().open(file(), { onProgress: (progress) => seen.push(progress) });
    expect(hashOf(await bytesOf(blob))).toBe(hashOf(body));
    expect(seen[0]).toEqual({ stage: "download", done: 0, total: SIZE, name: "model.onnx" });
    expect(seen.at(-1)).toMatchObject({ done: SIZE, total: SIZE });
    expect(await cache.list()).toMatchObject([
      { name: "model.onnx", bytes: SIZE, sha256: hashOf(body), url: server.url },
    ]);
  });

  test("works offline afterwards, without a request", async () => {
    await storeOver().open(file());
    await server[Symbol.asyncDispose]();
    const blob = await storeOver().open(file());
    expect(blob.size).toBe(SIZE);
    expect(server.requests).toHaveLength(1);
  });

  test("is shared by concurrent callers", async () => {
    const store = storeOver();
    const other = storeOver();
    const blobs = await Promise.all([store.open(file()), store.open(file()), other.open(file())]);
    expect(blobs.map((blob) => blob.size)).toEqual([SIZE, SIZE, SIZE]);
    expect(server.requests).toHaveLength(1);
  });

  test("works without length and hash", async () => {
    server.behaviour.chunked = true;
    const { bytes: _bytes, sha256: _sha256, ...bare } = file();
    expect((await storeOver().open(bare)).size).toBe(SIZE);
  });
});

describe("resume", () => {
  test("goes on where the connection was cut", async () => {
    server.behaviour.cuts = [100_000, 50_000];
    const blob = await storeOver().open(file());
    expect(hashOf(await bytesOf(blob))).toBe(hashOf(body));
    expect(server.requests.map(({ range }) => range)).toEqual([
      undefined,
      "bytes=100000-",
      "bytes=150000-",
    ]);
  });

  test("goes on after an abort, in another store", async () => {
    server.behaviour.stallAt = 100_000;
    const controller = new AbortController();
    const opening = storeOver().open(file(), {
      signal: controller.signal,
      onProgress: ({ done }) => done > 0 && controller.abort(),
    });
    await expect(opening).rejects.toMatchObject({ code: "ABORTED", name: "AbortError" });
    expect(await cache.list()).toEqual([]);
    server.behaviour.stallAt = undefined;
    expect(hashOf(await bytesOf(await storeOver().open(file())))).toBe(hashOf(body));
    expect(server.requests[1]?.range).toMatch(/^bytes=\d{3,}-$/);
  });

  test("starts over on a server without Range", async () => {
    server.behaviour.ranges = false;
    server.behaviour.cuts = [100_000];
    const blob = await storeOver().open(file());
    expect(hashOf(await bytesOf(blob))).toBe(hashOf(body));
    expect(server.requests).toHaveLength(2);
  });

  test("starts over when the file has changed in between", async () => {
    const old = sampleBytes(SIZE, 2);
    server.behaviour.body = old;
    server.behaviour.cuts = [100_000];
    const { sha256: _sha256, ...unhashed } = file();
    server.behaviour.onRequest = (count) => {
      if (count === 2) Object.assign(server.behaviour, { body, etag: '"v2"' });
    };
    const blob = await storeOver().open(unhashed);
    expect(hashOf(await bytesOf(blob))).toBe(hashOf(body));
    expect(server.requests.map(({ range }) => range)).toEqual([
      undefined,
      "bytes=100000-",
      undefined,
    ]);
  });

  test("finds out by the hash when a server without ETag has changed the file", async () => {
    server.behaviour.etag = undefined;
    server.behaviour.body = sampleBytes(SIZE, 2);
    server.behaviour.cuts = [100_000];
    server.behaviour.onRequest = (count) => {
      if (count === 2) server.behaviour.body = body;
    };
    const blob = await storeOver().open(file());
    expect(hashOf(await bytesOf(blob))).toBe(hashOf(body));
    expect(server.requests).toHaveLength(3);
  });

  test("does not resume what it could never check", async () => {
    server.behaviour.etag = undefined;
    server.behaviour.cuts = [100_000];
    const { bytes: _bytes, sha256: _sha256, ...bare } = file();
    // Within one call the bytes are its own; across calls they are not.
    const impatient = new ModelStore({ cache, backOff: [] });
    await expect(impatient.open(bare)).rejects.toMatchObject({ code: "MODEL_DOWNLOAD_FAILED" });
    expect(cache.partialBytes).toBe(100_000);
    expect((await storeOver().open(bare)).size).toBe(SIZE);
    expect(server.requests[1]?.range).toBeUndefined();
  });
});

describe("failure", () => {
  test("without a network it is tried once more, not again and again", async () => {
    let requests = 0;
    const offline = async (): Promise<Response> => {
      requests++;
      throw new TypeError("fetch failed");
    };
    const store = new ModelStore({ cache, fetch: offline, backOff: [1, 1000, 1000] });
    await expect(store.open(file())).rejects.toMatchObject({ code: "MODEL_DOWNLOAD_FAILED" });
    expect(requests).toBe(2);
    await expectClean();
  });

  test("wrong bytes are refused after a second try and leave nothing behind", async () => {
    const wrong = sampleBytes(SIZE, 3);
    server.behaviour.body = wrong;
    const opening = storeOver().open(file());
    await expect(opening).rejects.toMatchObject({ code: "MODEL_HASH_MISMATCH" });
    await expect(opening).rejects.toThrow(hashOf(body));
    await expect(opening).rejects.toThrow(hashOf(wrong));
    await expect(opening).rejects.toThrow(server.url);
    expect(server.requests).toHaveLength(2);
    await expectClean();
  });

  test("wrong bytes that the second try rights are no failure", async () => {
    server.behaviour.body = sampleBytes(SIZE, 3);
    server.behaviour.onRequest = (count) => {
      if (count === 2) server.behaviour.body = body;
    };
    const blob = await storeOver().open(file());
    expect(hashOf(await bytesOf(blob))).toBe(hashOf(body));
  });

  for (const chunked of [false, true]) {
    test.each([SIZE - 1, SIZE + 1])(
      `wrong length, chunked: ${chunked}, %i bytes`,
      async (length) => {
        Object.assign(server.behaviour, { body: sampleBytes(length), chunked });
        await expect(storeOver().open(file())).rejects.toMatchObject({
          code: "MODEL_HASH_MISMATCH",
          message: expect.stringContaining(`expected ${SIZE} bytes`),
        });
        await expectClean();
      },
    );
  }

  test("404 is no reason to try again", async () => {
    server.behaviour.statuses = [404];
    await expect(storeOver().open(file())).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("404"),
    });
    expect(server.requests).toHaveLength(1);
    await expectClean();
  });

  test("403 is a failed download, at once", async () => {
    server.behaviour.statuses = [403];
    await expect(storeOver().open(file())).rejects.toMatchObject({ code: "MODEL_DOWNLOAD_FAILED" });
    expect(server.requests).toHaveLength(1);
  });

  test("503 is tried again", async () => {
    server.behaviour.statuses = [503, 429];
    expect((await storeOver().open(file())).size).toBe(SIZE);
    expect(server.requests).toHaveLength(3);
  });

  test("a dead server ends in a retryable error", async () => {
    await server[Symbol.asyncDispose]();
    await expect(storeOver().open(file())).rejects.toMatchObject({
      code: "MODEL_DOWNLOAD_FAILED",
      retryable: true,
    });
    await expectClean();
  });

  test("a stalled connection counts as broken", async () => {
    server.behaviour.stallAt = 10;
    const store = new ModelStore({ cache, backOff: [], idleMs: 100 });
    await expect(store.open(file())).rejects.toMatchObject({
      code: "MODEL_DOWNLOAD_FAILED",
      message: expect.stringContaining("no data for 100 ms"),
    });
  });

  test("a cache that cannot be written does not keep the file away", async () => {
    const full = new MemoryCache();
    full.openPartial = () => Promise.reject(new Error("QuotaExceededError"));
    const store = storeOver(full);
    expect((await store.open(file())).size).toBe(SIZE);
    expect((await store.open(file())).size).toBe(SIZE);
    expect(server.requests).toHaveLength(1);
  });
});

describe("abort", () => {
  test("one caller's abort does not end the download of another", async () => {
    server.behaviour.delay = 50;
    const store = storeOver();
    const controller = new AbortController();
    const first = store.open(file(), { signal: controller.signal });
    const second = store.open(file());
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    expect((await second).size).toBe(SIZE);
    expect(server.requests).toHaveLength(1);
  });

  test("a call right after the last abort starts anew", async () => {
    server.behaviour.delay = 50;
    const store = storeOver();
    const controller = new AbortController();
    const first = store.open(file(), { signal: controller.signal });
    controller.abort();
    const second = store.open(file());
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    expect((await second).size).toBe(SIZE);
  });

  test("an aborted signal makes no request", async () => {
    await expect(storeOver().open(file(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(server.requests).toHaveLength(0);
  });
});

describe("other sources and upkeep", () => {
  test("bytes in memory are verified and never cached", async () => {
    const memory = { name: "mine.onnx", url: "memory:mine.onnx", data: body };
    expect(hashOf(await bytesOf(await storeOver().open(memory)))).toBe(hashOf(body));
    await expect(storeOver().open({ ...memory, sha256: "0".repeat(64) })).rejects.toMatchObject({
      code: "MODEL_HASH_MISMATCH",
    });
    await expectClean();
  });

  test("local files are verified where they lie", async () => {
    const store = new ModelStore({ cache, readFile: async () => new Blob([body]) });
    const local = file({ url: "file:///models/model.onnx" });
    expect((await store.open(local)).size).toBe(SIZE);
    await expect(store.open({ ...local, bytes: 5 })).rejects.toMatchObject({
      code: "MODEL_HASH_MISMATCH",
    });
    expect(store.path(local)).toBe("file:///models/model.onnx");
    await expectClean();
  });

  test("a cached file of another length is replaced", async () => {
    const store = storeOver();
    await store.open(file({ sha256: hashOf(body) }));
    const [entry] = await cache.list();
    expect(entry).toBeDefined();
    const find = cache.find.bind(cache);
    let lied = false;
    cache.find = async (key) => {
      const found = await find(key);
      if (lied || !found) return found;
      lied = true;
      return { ...found, entry: { ...found.entry, bytes: 1 } };
    };
    expect((await storeOver().open(file())).size).toBe(SIZE);
    expect(server.requests).toHaveLength(2);
  });
});
