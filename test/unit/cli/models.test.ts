import { beforeEach, expect, test } from "vitest";
import { MemoryCache } from "../../../src/catalog/store/cache-memory.ts";
import { ModelStore } from "../../../src/catalog/store/store.ts";
import { runModelsCommand } from "../../../src/cli/models.ts";

let out: string;
let errors: string;
let store: ModelStore;

beforeEach(() => {
  out = "";
  errors = "";
  const fetch = async (): Promise<Response> => new Response("gone", { status: 404 });
  store = new ModelStore({ cache: new MemoryCache(), fetch, backOff: [] });
});

const run = (...args: string[]): Promise<number> =>
  runModelsCommand(args, {
    stdout: (text) => (out += text),
    stderr: (text) => (errors += text),
    store,
  });

test("lists presets and an empty cache", async () => {
  expect(await run("list")).toBe(0);
  expect(out).toContain("ppocr-v6-small");
  expect(out).toMatch(/Cached in memory:\n {2}nothing/);
});

test("says how large a preset is, where that is known, and which scripts it covers", async () => {
  await run("list");
  const entry = (name: string): string =>
    new RegExp(`^  ${name} .*\n.*$`, "m").exec(out)?.[0].replaceAll(/ +/g, " ") ?? "";
  expect(entry("ppocr-v6-medium")).toMatch(/Scripts: .*Latin.*Japanese/);
  expect(entry("embedded")).toMatch(/^ embedded \d+\.\d MB .*\n Scripts: .*Latin/);
  expect(entry("ppocr-v5-arabic")).toMatch(
    /^ ppocr-v5-arabic PP-OCRv5 .*\n Scripts: Arabic, Latin$/,
  );
});

test("prints the cache and the files of a preset", async () => {
  expect(await run("path")).toBe(0);
  expect(out).toBe("memory\n");
  expect(await run("path", "ppocr-v6-tiny")).toBe(0);
  expect(out).toContain("PP-OCRv6_tiny_det.onnx");
});

test("clears", async () => {
  expect(await run("clear", "ppocr-v6-tiny")).toBe(0);
  expect(await run("clear")).toBe(0);
});

test("says why a download failed", async () => {
  expect(await run("pull", "ppocr-v6-tiny")).toBe(1);
  expect(errors).toContain("404");
});

test.each([[], ["pull"], ["push", "x"], ["list", "x"], ["path", "--json"], ["clear", "a", "b"]])(
  "wrong usage: %j",
  async (...args) => {
    expect(await run(...(args as string[]))).toBe(2);
    expect(errors).toContain("Usage");
  },
);

test("an unknown preset is wrong usage", async () => {
  expect(await run("pull", "ppocr-v6-tinny")).toBe(2);
  expect(errors).toContain('"ppocr-v6-tiny"');
});

test("help is no error", async () => {
  expect(await run("--help")).toBe(0);
});
