import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { Engine, EngineOptions, ErrorCode, ImageInput } from "../../src/index.ts";

const LINE: string = new URL("../fixtures/pages/line.png", import.meta.url).href;
const LETTER: string = new URL("../fixtures/pages/letter.png", import.meta.url).href;
const TEXT = "orderno.58-2204,paidbycard";

/** One line needs no detection; how well spaces and capitals are read is for other tests. */
async function readLine(engine: Engine, input: ImageInput): Promise<string> {
  const { text } = await engine.read(input, { recognizeOnly: true });
  return text.replaceAll(/\s/g, "").toLowerCase();
}

const lineBlob = async (): Promise<Blob> => await (await fetch(LINE)).blob();

async function lineCanvas(): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(await lineBlob());
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  return canvas;
}

async function lineImage(): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = LINE;
  await image.decode();
  return image;
}

describe("an engine in a browser", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(async () => {
    await engine.close();
  });

  it("prefers wasm with threads to an emulated GPU, and says so", () => {
    const { info } = engine;
    expect(info.adapter?.software).toBe(true);
    expect(info).toMatchObject({ backend: "wasm", workers: 1 });
    expect(info.reason).toContain("emulated");
    expect(info.threads).toBeGreaterThanOrEqual(navigator.hardwareConcurrency > 1 ? 2 : 1);
  });

  it.each<[string, () => Promise<ImageInput>]>([
    ["a URL as text", async () => LINE],
    ["a URL", async () => new URL(LINE)],
    ["a Blob", lineBlob],
    ["a File", async () => new File([await lineBlob()], "line.png")],
    ["an ArrayBuffer", async () => await (await lineBlob()).arrayBuffer()],
    ["a view", async () => new Uint8Array(await (await lineBlob()).arrayBuffer())],
    ["an ImageBitmap", async () => await createImageBitmap(await lineBlob())],
    ["a canvas", lineCanvas],
    ["an image element", lineImage],
    [
      "ImageData",
      async () => {
        const canvas = await lineCanvas();
        const context = canvas.getContext("2d") as CanvasRenderingContext2D;
        return context.getImageData(0, 0, canvas.width, canvas.height);
      },
    ],
    [
      "an OffscreenCanvas",
      async () => {
        const source = await lineCanvas();
        const canvas = new OffscreenCanvas(source.width, source.height);
        canvas.getContext("2d")?.drawImage(source, 0, 0);
        return canvas;
      },
    ],
    ["a VideoFrame", async () => new VideoFrame(await lineCanvas(), { timestamp: 0 })],
  ])("reads %s", async (_, make) => {
    const input = await make();
    expect(await readLine(engine, input)).toBe(TEXT);
    // Twice: nothing of the caller's was detached, closed or used up.
    expect(await readLine(engine, input)).toBe(TEXT);
    if (input instanceof VideoFrame) input.close();
  });

  it.each<[string, () => Promise<ImageInput>, ErrorCode]>([
    [
      "a missing file",
      async () => new URL("/no/such.png", "http://127.0.0.1:9"),
      "INPUT_NOT_FOUND",
    ],
    ["an empty blob", async () => new Blob([]), "INVALID_INPUT"],
    ["an empty canvas", async () => new OffscreenCanvas(0, 0), "INVALID_INPUT"],
    ["an image that is not loaded", async () => new Image(), "INVALID_INPUT"],
    ["text", async () => new Blob(["just some text"]), "UNSUPPORTED_FORMAT"],
    ["half a file", async () => (await lineBlob()).slice(0, 200), "IMAGE_CORRUPT"],
    ["null", async () => null as unknown as ImageInput, "INVALID_INPUT"],
  ])("refuses %s, and reads on", async (_, make, code) => {
    await expect(engine.read(await make())).rejects.toMatchObject({ code });
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("refuses a closed bitmap", async () => {
    const bitmap = await createImageBitmap(await lineBlob());
    bitmap.close();
    await expect(engine.read(bitmap)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("aborts at once and reads on", async () => {
    const controller = new AbortController();
    const reading = engine.read(LETTER, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("replaces a worker that exceeds the deadline", async () => {
    await expect(engine.read(LETTER, { deadline: 20 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });

  it("unloads its models and loads them again", async () => {
    expect((await engine.stats()).models.some(({ state }) => state === "ready")).toBe(true);
    await engine.teardown();
    expect((await engine.stats()).models).toEqual([]);
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });
});

describe("createEngine in a browser", () => {
  // Safari has no JSPI, so the other build has to pass as well.
  it.each<EngineOptions>([
    { runtime: "asyncify", backend: "wasm" },
    { runtime: "asyncify", backend: "webgpu" },
    { runtime: "jspi", backend: "webgpu" },
  ])("reads with %j", async (options) => {
    await using engine = await createEngine(options);
    expect(engine.info).toMatchObject(options);
    expect(await readLine(engine, LINE)).toBe(TEXT);
  });
});
