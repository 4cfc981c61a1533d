import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { Engine, EngineOptions, ErrorCode, ImageInput, Progress } from "../../src/index.ts";

const page = (name: string): URL => new URL(`../fixtures/pages/${name}`, import.meta.url);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** One line, so that a read takes no detection: these tests are about everything around the OCR. */
const LINE = page("line.png");
const TEXT = "orderno.58-2204,paidbycard";

/** Without spaces and capitals: how well those are read is for other tests. */
async function readLine(engine: Engine, input: ImageInput): Promise<string> {
  const { text } = await engine.read(input, { recognizeOnly: true });
  return text.replaceAll(/\s/g, "").toLowerCase();
}

describe("an engine in Deno", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await createEngine({ backend: "wasm" });
  });
  afterAll(async () => {
    await engine.close();
  });

  it("says what it decided", () => {
    expect(engine.info).toMatchObject({
      backend: "wasm",
      reason: "wasm was asked for",
      threads: 1,
      models: "embedded",
    });
  });

  it("reads a page", async () => {
    const { width, height, lines, timings } = await engine.read(page("small.png"));
    expect({ width, height }).toEqual({ width: 160, height: 96 });
    expect(lines.map(({ text }) => text.replaceAll(" ", ""))).toEqual(["Opendoor", "Room42"]);
    const { decode, detect, orient, recognize, total } = timings;
    expect(decode + detect + orient + recognize).toBeLessThanOrEqual(total);
  });

  it("reads every kind of input, and leaves the caller's buffers alone", async () => {
    const data = await Deno.readFile(LINE);
    const length = data.byteLength;
    const padded = new Uint8Array(length + 7);
    padded.set(data, 3);
    const inputs: ImageInput[] = [
      LINE,
      decodeURIComponent(LINE.pathname),
      LINE.href,
      data,
      data.buffer,
      padded.subarray(3, length + 3),
      new Blob([data]),
      new File([data], "line.png"),
    ];
    for (const input of inputs) expect(await readLine(engine, input)).toBe(TEXT);
    expect(data.byteLength).toBe(length);
  });

  it("reads over http, within the size limit", async () => {
    const data = await Deno.readFile(LINE);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) =>
      request.url.endsWith("/line.png") ? new Response(data) : new Response("", { status: 404 }),
    );
    const base = `http://127.0.0.1:${server.addr.port}`;
    await using small = await createEngine({ limits: { maxBytes: 100 }, backend: "wasm" });
    try {
      expect(await readLine(engine, `${base}/line.png`)).toBe(TEXT);
      await expect(engine.read(new URL(`${base}/none.png`))).rejects.toMatchObject({
        code: "INPUT_NOT_FOUND",
      });
      await expect(small.read(`${base}/line.png`)).rejects.toMatchObject({
        code: "IMAGE_TOO_LARGE",
      });
    } finally {
      await server.shutdown();
    }
  });

  it.each<[string, ImageInput, ErrorCode]>([
    ["a missing path", "no/such/file.png", "INPUT_NOT_FOUND"],
    ["a folder", new URL(".", import.meta.url), "INVALID_INPUT"],
    ["no path", "", "INVALID_INPUT"],
    ["no bytes", bytes(), "INVALID_INPUT"],
    ["an empty blob", new Blob([]), "INVALID_INPUT"],
    ["null", null as unknown as ImageInput, "INVALID_INPUT"],
    ["a number", 5 as unknown as ImageInput, "INVALID_INPUT"],
    ["pixels of the wrong size", { data: bytes(1), width: 2, height: 2 }, "INVALID_INPUT"],
    ["bytes of no image", new TextEncoder().encode("just some text"), "UNSUPPORTED_FORMAT"],
    ["half a header", bytes(...PNG, 0, 0), "IMAGE_CORRUPT"],
    ["a bomb", { data: bytes(), width: 30_000, height: 30_000 }, "INVALID_INPUT"],
    ["another scheme", "ftp://127.0.0.1/a.png", "INPUT_NOT_FOUND"],
  ])("refuses %s in less than a second, and reads on", async (_, input, code) => {
    const start = performance.now();
    await expect(engine.read(input)).rejects.toMatchObject({ code });
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("refuses bad options of a read by name", async () => {
    const wrong = { regoin: {} } as object;
    await expect(engine.read(page("small.png"), wrong)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("regoin"),
    });
    const region = { x: 0, y: 0, width: 0, height: 5 };
    await expect(engine.read(page("small.png"), { region })).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });

  it("reports its progress", async () => {
    const stages: Progress["stage"][] = [];
    await engine.read(page("small.png"), { onProgress: ({ stage }) => stages.push(stage) });
    expect([...new Set(stages)]).toEqual(expect.arrayContaining(["decode", "detect", "recognize"]));
  });

  it("aborts at once and reads on", async () => {
    const controller = new AbortController();
    const reading = engine.read(page("letter.png"), { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(reading).rejects.toMatchObject({ code: "ABORTED", name: "AbortError" });
    const never = engine.read(page("letter.png"), { signal: AbortSignal.abort() });
    await expect(never).rejects.toMatchObject({ code: "ABORTED" });
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("replaces a worker that exceeds the deadline", async () => {
    const start = performance.now();
    await expect(engine.read(page("letter.png"), { deadline: 1 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("unloads its models and loads them again", async () => {
    await readLine(engine, LINE);
    const before = await engine.stats();
    expect(before.models.some(({ state }) => state === "ready")).toBe(true);
    expect(before.wasmHeap).toBeGreaterThan(0);
    await engine.teardown();
    expect((await engine.stats()).models).toEqual([]);
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("reads many pages at once, each with its own text", async () => {
    const small = await engine.read(page("small.png"));
    const reads = Array.from({ length: 8 }, (_, i) =>
      i % 3 ? readLine(engine, LINE) : engine.read(page("small.png")).then(({ text }) => text),
    );
    for (const [i, text] of (await Promise.all(reads)).entries()) {
      expect(text).toBe(i % 3 ? TEXT : small.text);
    }
  });
});

describe("createEngine in Deno", () => {
  it.each<[EngineOptions, ErrorCode]>([
    [{ models: "embeded" }, "UNKNOWN_PRESET"],
    [{ threads: 0 }, "INVALID_OPTION"],
    [{ backend: "cuda" as "wasm" }, "INVALID_OPTION"],
    [{ models: "./no/such/folder" }, "MODEL_NOT_FOUND"],
  ])("refuses %j with %s within a second", async (options, code) => {
    const start = performance.now();
    await expect(createEngine(options)).rejects.toMatchObject({ code });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("takes wasm rather than an emulated GPU, and says so", async (context) => {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) context.skip("no WebGPU adapter: install a Vulkan driver (mesa-vulkan-drivers)");
    await using engine = await createEngine();
    const { backend, adapter: found, reason } = engine.info;
    const decision = found?.software ? /^wasm: .*emulated/ : /^webgpu: .*agrees with wasm/;
    expect(`${backend}: ${reason}`).toMatch(decision);
  });

  it.each(["jspi", "asyncify"] as const)("reads on WebGPU with %s", async (runtime) => {
    if (!(await navigator.gpu.requestAdapter())) return;
    await using engine = await createEngine({ backend: "webgpu", runtime });
    expect(engine.info).toMatchObject({ backend: "webgpu", runtime });
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("ends what is under way when it is closed", async () => {
    const engine = await createEngine({ backend: "wasm", workers: 1 });
    const reads = [engine.read(page("letter.png")), engine.read(page("letter.png"))];
    const states = Promise.allSettled(reads);
    await engine.close();
    for (const state of await states) {
      expect(state).toMatchObject({ status: "rejected", reason: { code: "ENGINE_CLOSED" } });
    }
    await expect(engine.read(page("small.png"))).rejects.toMatchObject({ code: "ENGINE_CLOSED" });
    await engine.close();
  });
});
