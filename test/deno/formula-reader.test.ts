/** A formula reader with real weights (CoMER): what it reads, that it stops when it is told to, and what stays. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelFile, StructureModel } from "../../src/catalog/manifest/manifest.ts";
import {
  COMER_DECODER_MODEL,
  COMER_ENCODER,
} from "../../src/catalog/presets/structure-formulas.ts";
import { GpuDevice, requestAdapter } from "../../src/gpu/device.ts";
import type { Session } from "../../src/gpu/tensor.ts";
import type { ModelManager } from "../../src/models/model-manager.ts";
import { decodeTokens } from "../../src/structure/formulas/decode.ts";
import { preparePicture } from "../../src/structure/formulas/picture.ts";
import type { PreparedPicture } from "../../src/structure/formulas/picture.ts";
import { readFormula } from "../../src/structure/formulas/formula.ts";
import type { FormulaReading } from "../../src/structure/formulas/formula.ts";
import type { Rect, RgbaImage } from "../../src/types.ts";
import { drawFormula } from "../fixtures/handwriting.ts";
import { startStructure } from "./structure-rig.ts";
import type { StructureRig } from "./structure-rig.ts";

const weights = new URL("../../../shared/models/comer_formula/", import.meta.url);
const hasWeights = await Deno.stat(weights).then(
  () => true,
  () => false,
);
const hasGpu = Boolean(await navigator.gpu.requestAdapter());

const MiB = 2 ** 20;

async function local(file: ModelFile): Promise<ModelFile> {
  const data = await Deno.readFile(new URL(file.name.replace("comer_", ""), weights));
  return { ...file, data };
}

/** The published models with the bytes of the checkout's neighbour. */
async function comer(): Promise<{
  encoder: typeof COMER_ENCODER;
  decoder: typeof COMER_DECODER_MODEL;
}> {
  const variant = async ({ variants: [first] }: StructureModel) => ({
    precision: first.precision,
    onnx: await local(first.onnx),
  });
  return {
    encoder: { ...COMER_ENCODER, variants: [await variant(COMER_ENCODER)] },
    decoder: {
      ...COMER_DECODER_MODEL,
      variants: [await variant(COMER_DECODER_MODEL)],
      vocabulary: await local(COMER_DECODER_MODEL.vocabulary),
    },
  };
}

const whole = ({ width, height }: RgbaImage): Rect => ({ x: 0, y: 0, width, height });

describe.skipIf(!hasWeights)("CoMER (needs ../shared)", () => {
  let models: Awaited<ReturnType<typeof comer>>;
  let rig: StructureRig;
  let manager: ModelManager;
  beforeAll(async () => {
    models = await comer();
    rig = await startStructure();
    ({ manager } = rig);
  });
  afterAll(() => manager.teardown());

  async function read(
    image: RgbaImage,
    limits: { signal?: AbortSignal; maxTokens?: number } = {},
  ): Promise<FormulaReading> {
    using encoder = await manager.acquire(models.encoder);
    using decoder = await manager.acquire(models.decoder);
    return await readFormula(image, whole(image), { encoder, decoder }, limits);
  }

  it("is unloaded whole, and what it leaves in the heap is used again", async () => {
    // The first test of this file: the heap belongs to the process, and nothing has run in it.
    const { heap } = rig;
    const before = heap();
    const first = await read(drawFormula("1+2=3"));
    const held = manager.models.map(({ state, wasmBytes }) => [state, wasmBytes > MiB]);
    expect(held).toEqual([
      ["ready", true],
      ["ready", true],
    ]);
    await manager.teardown();
    expect(manager.models.map(({ state, leases }) => [state, leases])).toEqual([
      ["unloaded", 0],
      ["unloaded", 0],
    ]);
    const grown = heap();
    expect(manager.wasmShared).toBe(grown - before);
    for (let round = 0; round < 2; round++) {
      expect(await read(drawFormula("1+2=3"))).toEqual(first);
      await manager.teardown();
    }
    expect(heap() - grown).toBeLessThan(8 * MiB);
  });

  it("reads handwriting, from a page and from a blackboard", async () => {
    const readings: string[] = [];
    for (const formula of ["x^2+1", "x=3/5", "(x+1)^2", "y=2x+5"]) {
      const { latex, confidence, truncated } = await read(drawFormula(formula));
      expect(confidence).toBeGreaterThan(0.9);
      expect(truncated).toBe(false);
      readings.push(latex);
    }
    expect(readings).toEqual(["x^{2}+1", "x=\\frac{3}{5}", "(x+1)^{2}", "y=2x+5"]);
    const board = drawFormula("x^2+1", { ink: 235, paper: 25 });
    expect((await read(board)).latex).toBe("x^{2}+1");
  });

  // By `onnxruntime` 1.32 for Python on the same weights and pictures, greedily, from the token 1 to the token 2.
  it.each([
    ["x^2+1", [107, 82, 110, 13, 112, 6, 12]],
    ["x=3/5", [107, 22, 53, 110, 14, 112, 110, 16, 112]],
    ["(x+1)^2", [4, 107, 6, 12, 5, 82, 110, 13, 112]],
    ["2x-1=0", [13, 107, 8, 12, 22, 11]],
    ["x^2+y^2=1", [107, 82, 110, 13, 112, 6, 108, 82, 110, 13, 112, 22, 12]],
    ["a+b=7", [84, 6, 85, 22, 18]],
  ])("spells %s as the reference does, token by token", async (formula, ids) => {
    const { encoder, decoder } = models;
    using first = await manager.acquire(encoder);
    using second = await manager.acquire(decoder);
    const image = drawFormula(formula);
    const { picture } = encoder.params;
    const { pixels, mask } = preparePicture(image, whole(image), picture) as PreparedPicture;
    const feeds = { pixel_values: pixels, ...(mask ? { pixel_mask: mask } : {}) };
    const outputs = await first.session.run(feeds);
    const encoded = first.session.outputNames.map((name) => [name, outputs[name]!] as const);
    expect((await decodeTokens(encoded, second)).ids).toEqual(ids);
  });

  it("stops between two tokens, and the next formula is read", async () => {
    const image = drawFormula("x^2+y^2=1");
    using encoder = await manager.acquire(models.encoder);
    using decoder = await manager.acquire(models.decoder);
    const stop = new AbortController();
    let steps = 0;
    const watched: Session = {
      ...decoder.session,
      inputNames: decoder.session.inputNames,
      outputNames: decoder.session.outputNames,
      run: async (feeds, outputs) => {
        // A task, as a message from the host is: it comes while the step runs, or right after it.
        if (++steps === 3) setTimeout(() => stop.abort(), 0);
        return await decoder.session.run(feeds, outputs);
      },
    };
    const leases = { encoder, decoder: { ...decoder, session: watched } };
    const { signal } = stop;
    await expect(readFormula(image, whole(image), leases, { signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(steps).toBe(3);
    const cut = await read(image, { maxTokens: 4 });
    expect(cut).toMatchObject({ latex: "x^{2", tokens: 4, truncated: true });
  });

  it.skipIf(!hasGpu)("leaves nothing on a GPU", { timeout: 240_000 }, async () => {
    const device = await GpuDevice.open((await requestAdapter()) as GPUAdapter);
    const onDevice = (await startStructure(device)).manager;
    const { backend: _backend, ...onGpu } = models.encoder;
    const image = drawFormula("1+2", { height: 24, thickness: 2 });
    const picture = { ...COMER_ENCODER.params.picture, height: 64, width: 128, inkHeight: 48 };
    const encoder = { ...onGpu, params: { picture } as typeof onGpu.params };
    {
      using first = await onDevice.acquire(encoder);
      using second = await onDevice.acquire(models.decoder);
      expect(first.session.backend).toBe("webgpu");
      expect(second.session.backend).toBe("wasm");
      const leases = { encoder: first, decoder: second };
      await readFormula(image, whole(image), leases, { maxTokens: 3 });
      // Weights of int8 stay on the CPU, with the operators that take them.
      expect(device.ledger.of(encoder.id).used).toBeGreaterThan(0);
    }
    await onDevice.teardown();
    expect(device.ledger.of(encoder.id).used).toBe(0);
    expect(onDevice.models.map(({ gpuBytes }) => gpuBytes)).toEqual([0, 0]);
    device.destroy();
  });
});
