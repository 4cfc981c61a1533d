/** Recognisers whose graphs were prepared read what they read when their graphs are as published. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { FileBlob } from "../../src/catalog/store/file-blob.ts";
import type { ModelFile, RecognitionModel } from "../../src/catalog/manifest/manifest.ts";
import { narrowAlphabet } from "../../src/catalog/reading/narrow.ts";
import { resolveModels } from "../../src/catalog/reading/resolve.ts";
import { DEFAULT_LIMITS } from "../../src/options/limits.ts";
import { ctcOutputs } from "../../src/gpu/ctc-head.ts";
import { GpuDevice, requestAdapter } from "../../src/gpu/device.ts";
import { startRuntime } from "../../src/gpu/runtime.ts";
import { createSession } from "../../src/gpu/session.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { denoDecoder } from "../../src/image/decode-deno.ts";
import { loadModel } from "../../src/models/load-model.ts";
import type { Recognition } from "../../src/ocr/long-lines.ts";
import { recognizeLines } from "../../src/ocr/recognize.ts";
import type { Quad, RgbaImage } from "../../src/types.ts";
import { itAgreesWithTheSoftmax } from "../unit/gpu/real-ctc-head.ts";

const pages = new URL("../fixtures/pages/", import.meta.url);
const shared = new URL("../../../shared/models/ppocrv6_tiny", import.meta.url);
const hasShared = await Deno.stat(shared).then(
  () => true,
  () => false,
);
const hasGpu = Boolean(await navigator.gpu.requestAdapter());

/** A page with the polygons of its lines. */
async function openPage(name: string): Promise<{ image: RgbaImage; crops: Quad[] }> {
  const bytes = await Deno.readFile(new URL(`${name}.png`, pages));
  const { lines } = JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, pages))) as {
    lines: { polygon: Quad }[];
  };
  const image = await decodeImage(bytes, DEFAULT_LIMITS, denoDecoder);
  return { image, crops: lines.map(({ polygon }) => polygon) };
}

const open = (file: ModelFile): Promise<Blob> => FileBlob.open(new URL(file.url));

/** @param file one of the model's */
async function read(
  model: RecognitionModel,
  file: ModelFile,
  page: string,
  head: boolean,
  device?: GpuDevice,
): Promise<Recognition[]> {
  const runtime = await startRuntime();
  const loader: Parameters<typeof loadModel>[1] = {
    chooseFile: () => file,
    backendOf: () => (device ? "webgpu" : "wasm"),
    openModel: open,
    createSession: (bytes, { id }, edits) =>
      createSession(runtime, bytes, { name: id, device, edits: head ? edits : undefined }),
  };
  const { session, alphabet } = await loadModel(model, loader, () => Promise.resolve());
  expect(ctcOutputs(session.outputNames)).toHaveLength(head ? 4 : 0);
  const { image, crops } = await openPage(page);
  const lease = { model, alphabet, session, [Symbol.dispose]: () => undefined };
  const lines = await recognizeLines(image, crops, lease);
  await session.release();
  return lines;
}

const textOf = (lines: readonly Recognition[]): string[] =>
  lines.map(({ symbols }) => symbols.map(({ text }) => text).join(""));

/** The fused activation is not bit-exact; see `gpu/graph/gelu`. */
function expectSame(lines: readonly Recognition[], others: readonly Recognition[]): void {
  expect(textOf(lines)).toEqual(textOf(others));
  for (const [i, { symbols }] of lines.entries()) {
    for (const [j, { probability }] of symbols.entries()) {
      expect(Math.abs(probability - (others[i]?.symbols[j]?.probability ?? 9))).toBeLessThan(0.05);
    }
  }
}

describe("the embedded recogniser", () => {
  const { recognition } = EMBEDDED;
  const file = recognition.variants[0].onnx;

  it.each(["line", "chinese"])("reads the same on wasm: %s", async (page) => {
    const lines = await read(recognition, file, page, true);
    expect(lines.every(({ symbols }) => symbols.length > 4)).toBe(true);
    expectSame(lines, await read(recognition, file, page, false));
  });

  it("reads what an alphabet allows, and nothing else", async () => {
    const narrowed = narrowAlphabet(EMBEDDED, "0-9.", undefined).recognition;
    const all = await read(recognition, file, "line", true);
    const lines = await read(narrowed, file, "line", true);
    const text = textOf(lines).join("");
    expect(text).toMatch(/^[0-9. ]+$/);
    const latin = narrowAlphabet(EMBEDDED, "Latin", undefined).recognition;
    expect(textOf(await read(latin, file, "line", true))).toEqual(textOf(all));
    expect(textOf(await read(latin, file, "chinese", true)).join("")).not.toMatch(
      /\p{Script=Han}/u,
    );
  });
});

describe("PP-OCRv6 tiny (needs ../shared)", () => {
  it.skipIf(!hasShared).each(["PP-OCRv6_tiny_rec.onnx", "PP-OCRv6_tiny_rec_fp16.onnx"])(
    "reads the same on wasm: %s",
    async (name) => {
      const { recognition } = await resolveModels(decodeURIComponent(shared.pathname));
      const file = { name, url: new URL(`${shared.href}/${name}`).href };
      const lines = await read(recognition, file, "line", true);
      expect(lines[0]?.symbols.length).toBeGreaterThan(20);
      expectSame(lines, await read(recognition, file, "line", false));
    },
  );
});

describe.runIf(hasGpu)("on WebGPU", () => {
  let device: GpuDevice;
  const openDevice = async (): Promise<GpuDevice> =>
    await GpuDevice.open((await requestAdapter()) as GPUAdapter);

  beforeAll(async () => {
    device = await openDevice();
  });
  afterAll(() => device.destroy());

  itAgreesWithTheSoftmax(openDevice);

  it("the embedded recogniser reads the same", async () => {
    const { recognition } = EMBEDDED;
    const file = recognition.variants[0].onnx;
    const lines = await read(recognition, file, "small", true, device);
    expect(lines.every(({ symbols }) => symbols.length > 4)).toBe(true);
    expect(lines).toEqual(await read(recognition, file, "small", false, device));
  });
});
