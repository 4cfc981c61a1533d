import { describe, expect, it } from "vitest";
import type {
  FormulaDecoderModel,
  FormulaEncoderModel,
  FormulaModel,
} from "../../../../src/catalog/manifest/manifest.ts";
import type { FormulaDecoderParams } from "../../../../src/catalog/manifest/structure-params.ts";
import type { Feeds, Session, Tensor } from "../../../../src/gpu/tensor.ts";
import type { ModelLease } from "../../../../src/models/lease.ts";
import { readFormula } from "../../../../src/structure/formulas/formula.ts";
import type { FormulaLeases } from "../../../../src/structure/formulas/formula.ts";
import { drawFormula } from "../../../fixtures/handwriting.ts";

const IMAGE = drawFormula("1+2");
const BOX = { x: 0, y: 0, width: IMAGE.width, height: IMAGE.height };
const WORDS = ["", "", "", "x", "^", "{", "2", "}", "+", "\\alpha"];
const END = 2;

const variants = [
  { precision: "fp32", onnx: { name: "x.onnx", url: "https://host/x.onnx" } },
] as const;
const common = { license: "MIT", variants };
const vocabulary = { name: "vocab.json", url: "https://host/vocab.json" };
const picture = {
  fit: "ink",
  width: 256,
  height: 64,
  widthStep: 64,
  inkHeight: 48,
  margin: 4,
} as const;

function session(
  inputNames: string[],
  outputNames: string[],
  run: (feeds: Feeds, outputs: readonly string[]) => Record<string, Tensor>,
): Session {
  return {
    backend: "wasm",
    inputNames,
    outputNames,
    run: async (feeds, outputs = outputNames) => Promise.resolve(run(feeds, outputs)),
  };
}

/** Logits that make one token certain, or likely. */
function logits(token: number, steps = 1, value = 20): Tensor {
  const data = new Float32Array(steps * WORDS.length);
  data[(steps - 1) * WORDS.length + token] = value;
  return { data, dims: [1, steps, WORDS.length] };
}

interface Rig {
  readonly leases: Extract<FormulaLeases, { encoder: unknown }>;
  readonly encoded: Feeds[];
  readonly steps: Feeds[];
}

/** An encoder, and a decoder that spells `tokens` and then the end. */
function rig(
  tokens: readonly number[],
  params: Partial<FormulaDecoderParams> = {},
  decoder?: Session,
): Rig {
  const encoded: Feeds[] = [];
  const steps: Feeds[] = [];
  const features: Tensor = { data: Float32Array.of(1, 2, 3, 4), dims: [1, 2, 2] };
  const decoderModel: FormulaDecoderModel = {
    ...common,
    id: "decoder",
    role: "formula-decoder",
    params: { start: 1, end: END, maxTokens: 100, spelling: "words", ...params },
    vocabulary,
  };
  const encoderModel: FormulaEncoderModel = {
    ...common,
    id: "encoder",
    role: "formula-encoder",
    params: { picture },
  };
  const encoder = session(["pixel_values", "pixel_mask"], ["features"], (feeds) => {
    encoded.push(feeds);
    return { features };
  });
  const spelling = session(["features", "input_ids"], ["logits"], (feeds) => {
    steps.push(feeds);
    const length = feeds["input_ids"]?.data.length ?? 0;
    return { logits: logits(tokens[length - 1] ?? END, length) };
  });
  return {
    encoded,
    steps,
    leases: {
      encoder: lease(encoderModel, encoder),
      decoder: lease(decoderModel, decoder ?? spelling, WORDS),
    },
  };
}

function lease<M extends ModelLease["model"]>(
  model: M,
  of: Session,
  alphabet: readonly string[] = [],
): ModelLease<M> {
  return { model, session: of, alphabet, [Symbol.dispose]: () => undefined };
}

describe("an encoder and its decoder", () => {
  it("spell a formula, the whole sequence at each step", async () => {
    const { leases, encoded, steps } = rig([3, 4, 5, 6, 7, 8, 9, 3]);
    const reading = await readFormula(IMAGE, BOX, leases);
    expect(reading).toMatchObject({ latex: "x^{2}+\\alpha x", tokens: 8, truncated: false });
    expect(reading.confidence).toBeCloseTo(1, 5);
    expect(encoded).toHaveLength(1);
    expect(Object.keys(encoded[0] ?? {})).toEqual(["pixel_values", "pixel_mask"]);
    expect(steps.map((feeds) => [...(feeds["input_ids"]?.data ?? [])]).slice(0, 3)).toEqual([
      [1],
      [1, 3],
      [1, 3, 4],
    ]);
    expect(steps.every((feeds) => feeds["features"]?.data.length === 4)).toBe(true);
  });

  it("stop between two tokens when they are aborted", async () => {
    const stop = new AbortController();
    const { leases, steps } = rig(Array(50).fill(3) as number[]);
    const { session: real } = leases.decoder;
    const decoder: Session = {
      ...real,
      run: (feeds, outputs) => {
        // As a message from outside would: after this step's own work.
        if (steps.length === 4) setTimeout(() => stop.abort(), 0);
        return real.run(feeds, outputs);
      },
    };
    const watched = { ...leases, decoder: { ...leases.decoder, session: decoder } };
    await expect(readFormula(IMAGE, BOX, watched, { signal: stop.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(steps).toHaveLength(5);
  });

  it.each([
    [5, undefined, 5],
    [100, 3, 3],
    [2, 9, 2],
  ])("stop at the model's %s and the caller's %s tokens", async (own, given, count) => {
    const { leases, steps } = rig(Array(50).fill(3) as number[], { maxTokens: own });
    const reading = await readFormula(IMAGE, BOX, leases, { maxTokens: given });
    expect(reading).toMatchObject({ tokens: count, truncated: true });
    expect(reading.latex).toBe(Array(count).fill("x").join(" "));
    expect(steps).toHaveLength(count + 1);
  });

  it("end exactly at the limit without being cut", async () => {
    const { leases } = rig([3, 8, 3]);
    const reading = await readFormula(IMAGE, BOX, leases, { maxTokens: 3 });
    expect(reading).toMatchObject({ latex: "x+x", tokens: 3, truncated: false });
  });

  it("tell how sure they are", async () => {
    // Three of four classes' worth: e^0 against e^ln(9): 9 / (9 + 9) each.
    const decoder = session(["features", "input_ids"], ["logits"], (feeds) => {
      const length = feeds["input_ids"]?.data.length ?? 0;
      return { logits: logits(length === 1 ? 3 : END, length, Math.log(9)) };
    });
    const { leases } = rig([], {}, decoder);
    expect((await readFormula(IMAGE, BOX, leases)).confidence).toBeCloseTo(0.5, 5);
  });

  it("read nothing where nothing is", async () => {
    const { leases, encoded } = rig([3]);
    const outside = { x: IMAGE.width + 5, y: 0, width: 10, height: 10 };
    expect(await readFormula(IMAGE, outside, leases)).toMatchObject({ latex: "", tokens: 0 });
    expect(encoded).toEqual([]);
  });

  it("that do not fit together say so", async () => {
    const stranger = session(["memory", "input_ids"], ["logits"], () => ({ logits: logits(3) }));
    const unfit = rig([], {}, stranger);
    await expect(readFormula(IMAGE, BOX, unfit.leases)).rejects.toThrow(
      /decoder wants "memory".*does not return: features/,
    );
    const short = session(["features", "input_ids"], ["logits"], () => ({
      logits: { data: new Float32Array(2), dims: [1, 1, 2] },
    }));
    await expect(readFormula(IMAGE, BOX, rig([], {}, short).leases)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("[1, 1, 2]"),
    });
  });
});

describe("a decoder with a cache", () => {
  const NAMES = ["0.decoder.key", "0.decoder.value", "0.encoder.key", "0.encoder.value"];

  /** As the merged decoders of Hugging Face: keys of the picture come with the first step only. */
  function cached(tokens: readonly number[], seen: Feeds[]): Session {
    const inputs = ["input_ids", "encoder_hidden_states", "use_cache_branch"];
    return session(
      [...inputs, ...NAMES.map((name) => `past_key_values.${name}`)],
      ["logits", ...NAMES.map((name) => `present.${name}`)],
      (feeds, outputs) => {
        seen.push(feeds);
        expect(outputs).toEqual(["logits", ...NAMES.map((name) => `present.${name}`)]);
        const past = feeds["past_key_values.0.decoder.key"]?.dims[2] ?? 0;
        const dims = [1, 2, past + 1, 3];
        const own: Tensor = { data: new Float32Array(6 * (past + 1)).fill(past), dims };
        const first = feeds["use_cache_branch"]?.data[0] === 0;
        const ofPicture: Tensor = first
          ? { data: new Float32Array(24).fill(7), dims: [1, 2, 4, 3] }
          : { data: new Float32Array(0), dims: [0, 2, 1, 3] };
        return {
          logits: logits(tokens[past] ?? END),
          ...Object.fromEntries(
            NAMES.map((name) => [`present.${name}`, name.includes("encoder") ? ofPicture : own]),
          ),
        };
      },
    );
  }

  it("feeds one token at a time, and what it computed before", async () => {
    const seen: Feeds[] = [];
    const { leases } = rig([], { cache: { heads: 2, size: 3 } }, cached([3, 8, 9], seen));
    expect(await readFormula(IMAGE, BOX, leases)).toMatchObject({ latex: "x+\\alpha", tokens: 3 });
    expect(seen.map((feeds) => [...(feeds["input_ids"]?.data ?? [])])).toEqual([
      [1],
      [3],
      [8],
      [9],
    ]);
    expect(seen.map((feeds) => feeds["use_cache_branch"]?.data[0])).toEqual([0, 1, 1, 1]);
    const past = seen.map((feeds) => feeds["past_key_values.0.decoder.key"]?.dims);
    expect(past).toEqual([
      [1, 2, 0, 3],
      [1, 2, 1, 3],
      [1, 2, 2, 3],
      [1, 2, 3, 3],
    ]);
    const ofPicture = seen.map((feeds) => feeds["past_key_values.0.encoder.value"]?.data.length);
    expect(ofPicture).toEqual([0, 24, 24, 24]);
    expect(seen[3]?.["encoder_hidden_states"]?.dims).toEqual([1, 2, 2]);
  });

  it("needs the shape of its heads in the manifest", async () => {
    const { leases } = rig([], {}, cached([3], []));
    await expect(readFormula(IMAGE, BOX, leases)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("params.cache"),
    });
  });
});

describe("a graph that decodes by itself", () => {
  const model: FormulaModel = {
    ...common,
    id: "whole",
    role: "formula",
    params: {
      picture: { fit: "centre", width: 32, height: 32, mean: 0.7931, std: 0.1738 },
      end: END,
      maxTokens: 100,
      spelling: "byte-level",
    },
    vocabulary,
  };
  const alphabet = ["", "", "", "x", "Ġ+", "ä", "½", "å"];
  const returning = (...ids: number[]): FormulaLeases => ({
    formula: lease(
      model,
      session(["x"], ["ids"], () => ({
        ids: { data: Float32Array.from(ids), dims: [1, ids.length] },
      })),
      alphabet,
    ),
  });

  it("is read up to the end; bytes of several tokens make one letter", async () => {
    const reading = await readFormula(IMAGE, BOX, returning(0, 3, 4, 5, 6, 7, END, 1, 1));
    // E4 BD E5 is no UTF-8: the last byte begins another letter.
    expect(reading).toEqual({
      latex: "x+\ufffd\ufffd",
      confidence: 1,
      tokens: 5,
      truncated: false,
    });
  });

  it("is cut at the limit, and where its end is missing", async () => {
    expect(await readFormula(IMAGE, BOX, returning(3, 4, 3), {})).toMatchObject({
      latex: "x+x",
      truncated: true,
    });
    expect(
      await readFormula(IMAGE, BOX, returning(3, 4, 3, 4, END), { maxTokens: 3 }),
    ).toMatchObject({ latex: "x+x", truncated: true });
  });

  it("with a token that its vocabulary lacks is refused", async () => {
    await expect(readFormula(IMAGE, BOX, returning(3, 9, END))).rejects.toThrow(
      /token 9 of a vocabulary of 8/,
    );
  });
});
