import { afterEach, beforeEach, expect, test } from "vitest";
import { BrowserCache } from "../../src/catalog/store/cache-browser.ts";
import { openDefaultCache } from "../../src/catalog/store/cache-default.ts";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { type ModelFile, filesOf } from "../../src/catalog/manifest/manifest.ts";
import { sha256Of } from "../../src/catalog/store/sha256.ts";
import { ModelStore } from "../../src/catalog/store/store.ts";

const SIZE = 9_500_000;
const body = new Uint8Array(SIZE).map((_, index) => (index * 7) ^ (index >> 8));
const NAME = "glyphpool-test";

let file: ModelFile;
let requests: (string | null)[] = [];
let cutAt: number | undefined;

/** Stands in for a remote host: the page's own server knows neither ranges nor faults. */
const fakeFetch: typeof fetch = async (_input, init) => {
  const range = new Headers(init?.headers).get("range");
  requests.push(range);
  const start = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
  let at = start;
  const limit = cutAt === undefined ? SIZE : start + cutAt;
  cutAt = undefined;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= SIZE) return controller.close();
      if (at >= limit) return controller.error(new TypeError("network error"));
      const end = Math.min(at + 65_536, limit);
      controller.enqueue(body.slice(at, end));
      at = end;
    },
  });
  const headers = { etag: '"1"', "content-length": String(SIZE - start) };
  return new Response(stream, { status: start > 0 ? 206 : 200, headers });
};

const openStore = async (backOff = [1]): Promise<ModelStore> =>
  new ModelStore({ cache: await BrowserCache.open(NAME), fetch: fakeFetch, backOff });

beforeEach(async () => {
  requests = [];
  cutAt = undefined;
  file = {
    name: "modèle.onnx",
    url: "https://models.example/model.onnx",
    bytes: SIZE,
    sha256: await sha256Of(new Blob([body])),
  };
});

afterEach(async () => {
  await caches.delete(NAME);
});

const keys = async (): Promise<string[]> =>
  (await (await caches.open(NAME)).keys()).map(({ url }) => new URL(url).pathname);

test("the Cache API is the default", async () => {
  expect(await openDefaultCache()).toBeInstanceOf(BrowserCache);
});

test("a download is kept and opened without a request", async () => {
  const blob = await (await openStore()).open(file);
  expect(await sha256Of(blob)).toBe(file.sha256);
  expect((await (await openStore()).open(file)).size).toBe(SIZE);
  expect(requests).toHaveLength(1);
  expect(await keys()).toHaveLength(1);
  expect(await (await openStore()).list()).toMatchObject([{ name: "modèle.onnx", bytes: SIZE }]);
});

test("an interrupted download goes on from its parts", async () => {
  cutAt = 5_000_000;
  await expect((await openStore([])).open(file)).rejects.toMatchObject({
    code: "MODEL_DOWNLOAD_FAILED",
  });
  expect((await keys()).every((key) => key.startsWith("/part/"))).toBe(true);
  expect(await (await openStore()).list()).toEqual([]);
  expect(await sha256Of(await (await openStore()).open(file))).toBe(file.sha256);
  expect(requests).toEqual([null, "bytes=5000000-"]);
  expect(await keys()).toHaveLength(1);
});

test("wrong bytes leave nothing behind", async () => {
  const opening = (await openStore()).open({ ...file, sha256: "0".repeat(64) });
  await expect(opening).rejects.toMatchObject({ code: "MODEL_HASH_MISMATCH" });
  expect(requests).toHaveLength(2);
  expect(await keys()).toEqual([]);
});

test("stores that share the cache download once", async () => {
  // Web Locks do not tell stores of one realm from those of several workers.
  const stores = await Promise.all([openStore(), openStore(), openStore()]);
  const blobs = await Promise.all(stores.map((store) => store.open(file)));
  expect(blobs.map(({ size }) => size)).toEqual([SIZE, SIZE, SIZE]);
  expect(requests).toHaveLength(1);
});

test("waiting for another's download can be aborted", async () => {
  const [first, second] = await Promise.all([openStore(), openStore()]);
  const download = first.open(file);
  const controller = new AbortController();
  const waiting = second.open(file, { signal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
  expect((await download).size).toBe(SIZE);
});

test("clearing removes files and parts", async () => {
  const store = await openStore();
  await store.open(file);
  await store.clear();
  expect(await keys()).toEqual([]);
});

const first = filesOf(EMBEDDED).at(-1);
const served = await fetch(first?.url ?? "", { method: "HEAD" }).then(
  (response) => response.ok && response.headers.get("content-type") !== "text/html",
  () => false,
);
test.skipIf(!served)(
  "embedded files are read in place (needs scripts/embed-models.mjs)",
  async () => {
    const store = new ModelStore({ cache: await BrowserCache.open(NAME) });
    for (const each of filesOf(EMBEDDED)) expect((await store.open(each)).size).toBe(each.bytes);
    expect(await keys()).toEqual([]);
  },
);
