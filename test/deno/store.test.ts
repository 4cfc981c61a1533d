import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defaultCacheFolder } from "../../src/catalog/store/cache-default.ts";
import { FolderCache } from "../../src/catalog/store/cache-folder.ts";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { FileBlob } from "../../src/catalog/store/file-blob.ts";
import { type ModelFile, filesOf } from "../../src/catalog/manifest/manifest.ts";
import { resolveModels } from "../../src/catalog/reading/resolve.ts";
import { sha256Of } from "../../src/catalog/store/sha256.ts";
import { ModelStore } from "../../src/catalog/store/store.ts";

const SIZE = 3_000_000;
const body = new Uint8Array(SIZE).map((_, index) => (index * 7) ^ (index >> 8));

let server: Deno.HttpServer<Deno.NetAddr>;
let requests: (string | null)[] = [];
/** Ends the body after this many bytes, once. */
let cutAt: number | undefined;
let slow = 0;
let file: ModelFile;
let folder: string;

beforeAll(async () => {
  const sha256 = await sha256Of(new Blob([body]));
  server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const range = request.headers.get("range");
    requests.push(range);
    await new Promise((resolve) => setTimeout(resolve, slow));
    const start = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    const headers: Record<string, string> = { etag: '"1"' };
    if (start > 0) headers["content-range"] = `bytes ${start}-${SIZE - 1}/${SIZE}`;
    const init = { status: start > 0 ? 206 : 200, headers };
    if (cutAt === undefined) return new Response(body.subarray(start), init);
    const part = body.subarray(start, start + cutAt);
    cutAt = undefined;
    let sent = false;
    const cut = new ReadableStream({
      async pull(controller) {
        if (!sent) controller.enqueue(part);
        else {
          await new Promise((resolve) => setTimeout(resolve, 100));
          controller.error(new Error("cut"));
        }
        sent = true;
      },
    });
    return new Response(cut, init);
  });
  const url = `http://127.0.0.1:${server.addr.port}/model.onnx`;
  file = { name: "model.onnx", url, bytes: SIZE, sha256 };
});

afterAll(async () => {
  await server.shutdown();
});

beforeEach(async () => {
  requests = [];
  slow = 0;
  folder = await Deno.makeTempDir({ prefix: "glyphpool-store-" });
  return async () => await Deno.remove(folder, { recursive: true });
});

const openStore = (): ModelStore =>
  new ModelStore({ cache: new FolderCache(folder), backOff: [1] });

const names = (): string[] =>
  [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => name);

describe("folder cache", () => {
  test("keeps a download on disk and opens it without a request", async () => {
    await openStore().open(file);
    const blob = await openStore().open(file);
    expect(blob).toBeInstanceOf(FileBlob);
    expect(await sha256Of(blob)).toBe(file.sha256);
    expect(requests).toHaveLength(1);
    expect(names()).toHaveLength(2);
    expect(Deno.statSync(openStore().path(file)).size).toBe(SIZE);
    expect(await openStore().list()).toMatchObject([{ name: "model.onnx", bytes: SIZE }]);
  });

  test("resumes what another store began", async () => {
    cutAt = 1_000_000;
    const impatient = new ModelStore({ cache: new FolderCache(folder), backOff: [] });
    await expect(impatient.open(file)).rejects.toMatchObject({ code: "MODEL_DOWNLOAD_FAILED" });
    expect(names().filter((name) => name.endsWith(".partial"))).toHaveLength(1);
    expect(await openStore().list()).toEqual([]);
    expect(await sha256Of(await openStore().open(file))).toBe(file.sha256);
    expect(requests[1]).toMatch(/^bytes=\d+-$/);
    expect(names().some((name) => name.includes(".partial"))).toBe(false);
  });

  test("leaves nothing behind after wrong bytes", async () => {
    const wrong = { ...file, sha256: "0".repeat(64) };
    await expect(openStore().open(wrong)).rejects.toMatchObject({ code: "MODEL_HASH_MISMATCH" });
    expect(names()).toEqual([]);
  });

  test("replaces a file that was truncated behind its back", async () => {
    await openStore().open(file);
    await Deno.truncate(openStore().path(file), 10);
    expect((await openStore().open(file)).size).toBe(SIZE);
    expect(requests).toHaveLength(2);
  });

  test("clears only its own files", async () => {
    await Deno.writeTextFile(`${folder}/mine.txt`, "x");
    await openStore().open(file);
    await openStore().clear();
    expect(names()).toEqual(["mine.txt"]);
  });

  test("downloads once for several processes", async () => {
    slow = 300;
    const script = `
      import { ModelStore } from ${JSON.stringify(new URL("../../src/catalog/store/store.ts", import.meta.url).href)};
      import { FolderCache } from ${JSON.stringify(new URL("../../src/catalog/store/cache-folder.ts", import.meta.url).href)};
      const store = new ModelStore({ cache: new FolderCache(${JSON.stringify(folder)}) });
      console.log((await store.open(${JSON.stringify(file)})).size);`;
    const path = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(path, script);
    const run = async (): Promise<string> => {
      // From there the store's packages are found.
      const config = new URL("../../deno.json", import.meta.url).pathname;
      const args = ["run", "-A", "--no-check", "--config", config, path];
      const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    expect(await Promise.all([run(), run(), run()])).toEqual(Array(3).fill(String(SIZE)));
    expect(requests).toHaveLength(1);
    await Deno.remove(path);
  });

  test("an unusable folder falls back to memory", async () => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const store = new ModelStore({ cache: new FolderCache(`${folder}/file/below`) });
    expect((await store.open(file)).size).toBe(SIZE);
  });
});

test("FileBlob reads what a Blob of the same bytes would", async () => {
  const path = `${folder}/blob`;
  await Deno.writeFile(path, body);
  const blob = await FileBlob.open(path);
  const reference = new Blob([body]);
  for (const [start, end] of [
    [0, 10],
    [-10, undefined],
    [5, -5],
    [SIZE - 3, SIZE + 3],
    [10, 5],
  ] as const) {
    const own = blob.slice(start, end);
    const other = reference.slice(start, end);
    expect(own.size).toBe(other.size);
    expect(await sha256Of(own)).toBe(await sha256Of(other));
  }
  const streamed = await new Response(blob.slice(1, SIZE).stream()).arrayBuffer();
  expect(await sha256Of(new Blob([streamed]))).toBe(await sha256Of(reference.slice(1)));
  expect(await blob.slice(100, 200).slice(10, 20).bytes()).toEqual(body.slice(110, 120));
});

test("the default folder follows the system", () => {
  const from = (values: Record<string, string>) => (name: string) => values[name];
  const home = { HOME: "/home/x" };
  expect(defaultCacheFolder(from(home), "linux")).toBe("/home/x/.cache/glyphpool");
  expect(defaultCacheFolder(from({ ...home, XDG_CACHE_HOME: "/c" }), "linux")).toBe("/c/glyphpool");
  expect(defaultCacheFolder(from(home), "darwin")).toBe("/home/x/Library/Caches/glyphpool");
  expect(defaultCacheFolder(from({ LOCALAPPDATA: "C:/L" }), "windows")).toBe("C:/L/glyphpool");
  expect(defaultCacheFolder(from({ ...home, GLYPHPOOL_CACHE: "/g" }), "linux")).toBe("/g");
  expect(() => defaultCacheFolder(from({}), "linux")).toThrow("GLYPHPOOL_CACHE");
});

const embedded = filesOf(EMBEDDED);
const present = await Deno.stat(new URL(embedded[0]?.url ?? "")).then(
  () => true,
  () => false,
);
test.skipIf(!present)(
  "the embedded files are read in place (needs scripts/embed-models.mjs)",
  async () => {
    const store = openStore();
    for (const each of embedded) expect((await store.open(each)).size).toBe(each.bytes);
    expect(names()).toEqual([]);
  },
);

test("a path resolves with its subfolders", async () => {
  const odd = `${folder}/my models #1`;
  await Deno.mkdir(`${odd}/PP-OCRv5_mobile_rec_onnx`, { recursive: true });
  await Deno.writeTextFile(`${odd}/PP-OCRv5_mobile_det.onnx`, "x");
  await Deno.writeTextFile(`${odd}/PP-OCRv5_mobile_rec_onnx/inference.onnx`, "y");
  const set = await resolveModels(odd);
  expect(set.recognition.id).toBe("PP-OCRv5_mobile_rec");
  expect(await (await openStore().open(set.recognition.variants[0].onnx)).text()).toBe("y");
});

const shared = new URL("../../../shared/models/ppocrv6_tiny", import.meta.url);
const hasShared = await Deno.stat(shared).then(
  () => true,
  () => false,
);
test.skipIf(!hasShared)("the shared tiny models just resolve (needs ../shared)", async () => {
  const set = await resolveModels(decodeURIComponent(shared.pathname));
  expect(set.detection.id).toBe("PP-OCRv6_tiny_det");
  for (const each of filesOf(set)) expect((await openStore().open(each)).size).toBe(each.bytes);
});
