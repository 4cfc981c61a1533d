import { describe, expect, it } from "vitest";
import { loadVocabulary } from "../../../../src/catalog/reading/structure-vocabulary.ts";

const load = (json: unknown): Promise<string[]> => loadVocabulary(new Blob([JSON.stringify(json)]));

const TOKENIZER = {
  added_tokens: [
    { id: 0, content: "<s>", special: true },
    { id: 2, content: "</s>", special: true },
    { id: 5, content: "[[", special: false },
  ],
  model: { type: "BPE", vocab: { "<s>": 0, "</s>": 2, x: 3, "Ġ+": 1 } },
};

describe("a vocabulary", () => {
  it("is read from a tokenizer.json; special tokens and gaps are empty", async () => {
    expect(await load(TOKENIZER)).toEqual(["", "Ġ+", "", "x", "", "[["]);
    expect(await load({ fast_tokenizer_file: TOKENIZER })).toHaveLength(6);
  });

  it("is read from a vocab.json", async () => {
    const json = {
      idx2word: { 0: "<pad>", 1: "<sos>", 2: "\\frac" },
      special_tokens: { pad: 0, sos: 1 },
    };
    expect(await load(json)).toEqual(["", "", "\\frac"]);
  });

  it.each([
    [{}, "no tokens"],
    [[], "no tokens"],
    [{ idx2word: {} }, "no tokens"],
    [{ model: { vocab: { x: 1e9 } } }, "1000000000 is not an id"],
    [{ model: { vocab: { x: "one" } } }, "NaN is not an id"],
  ])("that is %j is refused", async (json, why) => {
    await expect(load(json)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining(why),
    });
  });

  it("that is not valid JSON is refused", async () => {
    await expect(loadVocabulary(new Blob(["a\nb"]))).rejects.toThrow(/not valid JSON/);
  });
});
