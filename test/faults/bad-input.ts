/** What must be refused, the same in every runtime: a typed error within a second, and the next read works. */
import { expect, it } from "vitest";
import { EMBEDDED } from "../../src/catalog/presets/embedded.ts";
import { createEngine } from "../../src/index.ts";
import type {
  Engine,
  EngineOptions,
  ErrorCode,
  ImageInput,
  ModelSet,
  ReadOptions,
} from "../../src/index.ts";
import { pngChunk } from "../fixtures/encode-png.ts";

/** Files of `test/fixtures`. */
export type Fixtures = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

const LINE = "pages/line.png";
const LIMIT = 1_000;

/** A PNG of 60 000 × 60 000 pixels, that is 14 GB of them, in 60 bytes. */
function bomb(): Uint8Array {
  const side = [0, 0, 0xea, 0x60];
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return Uint8Array.from([
    ...signature,
    ...pngChunk("IHDR", [...side, ...side, 8, 6, 0, 0, 0]),
    ...pngChunk("IDAT", [0x78, 1]),
    ...pngChunk("IEND", []),
  ]);
}

async function half(fixtures: Fixtures, path: string): Promise<Uint8Array> {
  const bytes = await fixtures(path);
  return bytes.subarray(0, bytes.length >> 1);
}

type Input = readonly [name: string, code: ErrorCode, make: (fixtures: Fixtures) => unknown];

const INPUTS: readonly Input[] = [
  ["a truncated PNG", "IMAGE_CORRUPT", (fixtures) => half(fixtures, "pages/letter.png")],
  ["a truncated JPEG", "IMAGE_CORRUPT", (fixtures) => half(fixtures, "pages/sample-exif6.jpg")],
  ["an empty file", "INVALID_INPUT", () => new File([], "scan.png")],
  ["a text file named .png", "UNSUPPORTED_FORMAT", () => new File(["just text"], "scan.png")],
  ["a PNG header of 60 000 × 60 000", "IMAGE_TOO_LARGE", bomb],
  ["a location without a file", "INPUT_NOT_FOUND", () => "http://127.0.0.1:9/none.png"],
  ["null", "INVALID_INPUT", () => null],
  ["a number", "INVALID_INPUT", () => 5],
  ["an object", "INVALID_INPUT", () => ({ width: 5 })],
];

const READS: readonly [ReadOptions, ErrorCode][] = [
  [{ signal: 5 as unknown as AbortSignal }, "INVALID_OPTION"],
  [{ detectOnly: "yes" as unknown as boolean }, "INVALID_OPTION"],
  [{ minConfidence: 2 }, "INVALID_OPTION"],
  [{ region: { x: 5000, y: 0, width: 10, height: 10 } }, "INVALID_OPTION"],
  [{ language: "xx" }, "UNSUPPORTED_LANGUAGE"],
  [null as unknown as ReadOptions, "INVALID_OPTION"],
];

const ENGINES: readonly [EngineOptions, ErrorCode][] = [
  [{ models: "embeded" }, "UNKNOWN_PRESET"],
  [{ models: 5 as unknown as string }, "INVALID_OPTION"],
  [{ models: {} as ModelSet }, "MODEL_INVALID"],
  [{ threads: "2" as unknown as number }, "INVALID_OPTION"],
  [null as unknown as EngineOptions, "INVALID_OPTION"],
];

/** The embedded models, described as other bytes. */
const WRONG_HASH: ModelSet = {
  ...EMBEDDED,
  name: "wrong",
  detection: {
    ...EMBEDDED.detection,
    variants: EMBEDDED.detection.variants.map((variant) => ({
      ...variant,
      onnx: { ...variant.onnx, sha256: "0".repeat(64) },
    })) as unknown as ModelSet["detection"]["variants"],
  },
};

/**
 * Defines the tests.
 *
 * @param engine one that stays open for all of them
 * @param more inputs that only this runtime has
 */
export function testBadInput(
  engine: () => Engine,
  fixtures: Fixtures,
  more: readonly Input[] = [],
): void {
  const refused = async (work: () => Promise<unknown>, code: ErrorCode): Promise<void> => {
    const start = performance.now();
    await expect(work()).rejects.toMatchObject({ code, brand: "glyphpool.error" });
    expect(performance.now() - start).toBeLessThan(LIMIT);
  };
  const readsOn = async (): Promise<void> => {
    const page = await engine().read(await fixtures(LINE), { recognizeOnly: true });
    expect(page.text).toContain("58-2204");
  };

  it.each([...INPUTS, ...more])("%s is %s", async (_, code, make) => {
    const input = (await make(fixtures)) as ImageInput;
    await refused(() => engine().read(input), code);
    await readsOn();
  });

  it.each(READS)("a read with %j is %s", async (options, code) => {
    const bytes = await fixtures(LINE);
    await refused(() => engine().read(bytes, options), code);
    await readsOn();
  });

  it.each(ENGINES)("an engine with %j is %s", async (options, code) => {
    await refused(() => createEngine(options), code);
  });

  it("a model with the wrong hash is MODEL_HASH_MISMATCH", async () => {
    await using other = await createEngine({ backend: "wasm", workers: 1, models: WRONG_HASH });
    const bytes = await fixtures(LINE);
    for (let time = 1; time <= 2; time++) {
      await refused(() => other.read(bytes), "MODEL_HASH_MISMATCH");
    }
    await readsOn();
  });

  it("a signal that fired before the read is ABORTED", async () => {
    const bytes = await fixtures(LINE);
    await refused(() => engine().read(bytes, { signal: AbortSignal.abort() }), "ABORTED");
    await readsOn();
  });

  it("a signal that fires during the read is ABORTED", async () => {
    const bytes = await fixtures("pages/letter.png");
    const signal = AbortSignal.timeout(100);
    await refused(() => engine().read(bytes, { signal }), "ABORTED");
    await readsOn();
  });

  it("a closed engine is ENGINE_CLOSED", async () => {
    const other = await createEngine({ backend: "wasm", workers: 1 });
    const bytes = await fixtures(LINE);
    await other.close();
    await refused(() => other.read(bytes), "ENGINE_CLOSED");
  });
}
