import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { openAsBlob } from "node:fs";
import { describe, expect, test } from "vitest";
import { EMBEDDED } from "../../../../src/catalog/presets/embedded.ts";
import { resolveLanguage, supportedLanguages } from "../../../../src/catalog/presets/languages.ts";
import type { FolderEntry } from "../../../../src/catalog/store/local-file.ts";
import {
  type DetectionModel,
  type ModelSet,
  filesOf,
} from "../../../../src/catalog/manifest/manifest.ts";
import { PRESETS, findPreset, presetNames } from "../../../../src/catalog/presets/presets.ts";
import { resolveModels } from "../../../../src/catalog/reading/resolve.ts";
import { layoutParams } from "../../../../src/catalog/presets/structure-families.ts";
import { findStructurePreset } from "../../../../src/catalog/presets/structure-presets.ts";
import { WIRED_CELLS } from "../../../../src/catalog/presets/structure-tables.ts";
import { chooseVariant } from "../../../../src/catalog/manifest/variant.ts";

describe("presets", () => {
  test("every file is pinned, hashed and named once", () => {
    const urls = new Map<string, string>();
    for (const set of PRESETS.values()) {
      for (const file of filesOf(set)) {
        expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(file.url).not.toMatch(/\/resolve\/(main|master)\//);
        expect(urls.get(file.name) ?? file.url).toBe(file.url);
        urls.set(file.name, file.url);
      }
      for (const model of [set.detection, set.recognition])
        expect(model.license).toBe("Apache-2.0");
    }
    expect(presetNames()).toContain("ppocr-v5-korean");
  });

  test("pass their own validation", async () => {
    for (const set of PRESETS.values()) expect(await resolveModels(set)).toEqual(set);
  });

  test("an unknown name brings the closest and all", () => {
    expect(() => findPreset("ppocr-v6-smal")).toThrow(/Did you mean "ppocr-v6-small"\?.*embedded/);
  });

  test("an unknown name is no path", async () => {
    await expect(resolveModels("nothing")).rejects.toMatchObject({ code: "UNKNOWN_PRESET" });
  });
});

describe("language", () => {
  const small = findPreset("ppocr-v6-small");

  test.each(["de", "de-AT", "zh", "zh-TW", "ja", "en", "sr-Latn", "tl", "no", "nb"])(
    "v6 small reads %s itself",
    (language) => {
      expect(resolveLanguage(small, language)).toBe(small);
    },
  );

  test.each([
    ["ko", "korean_PP-OCRv5_mobile_rec"],
    ["ru", "eslav_PP-OCRv5_mobile_rec"],
    ["sr", "cyrillic_PP-OCRv5_mobile_rec"],
    ["bg-BG", "cyrillic_PP-OCRv5_mobile_rec"],
    ["ar", "arabic_PP-OCRv5_mobile_rec"],
    ["fa", "arabic_PP-OCRv5_mobile_rec"],
    ["th", "th_PP-OCRv5_mobile_rec"],
    ["el", "el_PP-OCRv5_mobile_rec"],
    ["hi", "devanagari_PP-OCRv5_mobile_rec"],
    ["ta", "ta_PP-OCRv5_mobile_rec"],
    ["te", "te_PP-OCRv5_mobile_rec"],
  ])("%s takes %s", (language, id) => {
    const set = resolveLanguage(small, language);
    expect(set.recognition.id).toBe(id);
    expect(set.detection).toBe(small.detection);
  });

  test("a set for Chinese and English swaps for German and traditional Chinese", () => {
    const languages = ["zh-Hans", "en"];
    const set = { ...EMBEDDED, recognition: { ...EMBEDDED.recognition, languages } };
    expect(resolveLanguage(set, "de").recognition.id).toBe("latin_PP-OCRv5_mobile_rec");
    expect(resolveLanguage(set, "zh-Hant").recognition.id).toBe("PP-OCRv5_mobile_rec");
    expect(resolveLanguage(set, "en")).toBe(set);
  });

  test("Arabic is reversed", () => {
    expect(resolveLanguage(small, "ar").recognition.params.rightToLeft).toBe(true);
  });

  test.each(["am", "vi", "korean", "x y"])("%s is not supported", (language) => {
    expect(() => resolveLanguage(small, language)).toThrow(/Supported: .*ko/);
  });

  test("every listed tag resolves", () => {
    for (const language of supportedLanguages(EMBEDDED)) {
      expect(() => resolveLanguage(EMBEDDED, language)).not.toThrow();
    }
  });
});

describe("chooseVariant", () => {
  const model = (...precisions: ("fp32" | "fp16" | "int8")[]): DetectionModel => {
    const [first = "fp32", ...rest] = precisions;
    const variant = (precision: "fp32" | "fp16" | "int8") => ({
      precision,
      onnx: { name: `${precision}.onnx`, url: `https://host/${precision}.onnx` },
    });
    return { ...EMBEDDED.detection, variants: [variant(first), ...rest.map(variant)] };
  };
  const gpu = { backend: "webgpu", shaderF16: true } as const;
  const gpu32 = { backend: "webgpu", shaderF16: false } as const;
  const wasm = { backend: "wasm", shaderF16: false } as const;

  test.each([
    ["fp16", gpu, model("fp32", "fp16", "int8")],
    ["fp32", gpu, model("int8", "fp32")],
    ["int8", gpu, model("int8")],
    ["fp32", gpu32, model("fp16", "fp32")],
    ["int8", gpu32, model("fp16", "int8")],
    ["fp32", wasm, model("fp16", "int8", "fp32")],
    ["int8", wasm, model("fp16", "int8")],
    ["fp16", wasm, model("fp16")],
  ] as const)("takes %s", (precision, target, candidate) => {
    expect(chooseVariant(candidate, target).precision).toBe(precision);
  });

  test("fp16 alone fails without shader-f16", () => {
    expect(() => chooseVariant(model("fp16"), gpu32)).toThrow("shader-f16");
  });
});

const listing = (...paths: string[]): FolderEntry[] =>
  paths.map((path) => ({ path, url: `file:///models/mine/${path}`, bytes: 10 }));

const resolveListing = (paths: string[], texts: Record<string, string> = {}): Promise<ModelSet> =>
  resolveModels(new URL("file:///models/mine"), {
    listFolder: async () => listing(...paths),
    readFile: async (url) => new Blob([texts[url.pathname.split("/mine/")[1] ?? ""] ?? ""]),
  });

describe("a folder of files", () => {
  test("with official names needs no manifest", async () => {
    const set = await resolveListing([
      "ch_PP-OCRv4_det_infer.onnx",
      "ch_PP-OCRv4_rec_infer.onnx",
      "ch_ppocr_mobile_v2.0_cls_infer.onnx",
      "ppocr_keys_v1.txt",
    ]);
    expect(set.detection).toMatchObject({ id: "ch_PP-OCRv4_det", params: { limitSide: 960 } });
    expect(set.recognition.dictionary?.name).toBe("ppocr_keys_v1.txt");
    expect(set.recognition.languages).toEqual(["zh-Hans", "en"]);
    expect(set.orientation?.params).toMatchObject({ width: 192, channels: "bgr", resize: "pad" });
  });

  test("of Hugging Face takes constants and characters from inference.yml", async () => {
    const set = await resolveListing(
      [
        "PP-OCRv6_small_det_onnx/inference.onnx",
        "PP-OCRv6_small_det_onnx/inference.yml",
        "PP-OCRv6_small_rec_onnx/inference.onnx",
        "PP-OCRv6_small_rec_onnx/inference.yml",
        "PP-LCNet_x1_0_textline_ori_onnx/inference.onnx",
      ],
      {
        "PP-OCRv6_small_det_onnx/inference.yml":
          "PostProcess:\n  name: DBPostProcess\n  thresh: 0.25\n  box_thresh: 0.5\n  unclip_ratio: 1.7\n",
        "PP-OCRv6_small_rec_onnx/inference.yml": "PostProcess:\n  character_dict:\n  - a\n",
      },
    );
    expect(set.detection.params).toMatchObject({
      threshold: 0.25,
      boxThreshold: 0.5,
      unclipRatio: 1.7,
      limitSide: 736,
    });
    expect(set.recognition.dictionary?.name).toBe("PP-OCRv6_small_rec_onnx_inference.yml");
    expect(set.orientation?.id).toBe("PP-LCNet_x1_0_textline_ori");
  });

  test("picks the dictionary that belongs to the recogniser", async () => {
    const files = ["PP-OCRv5_mobile_det.onnx", "ppocrv5_dict.txt", "ppocrv5_korean_dict.txt"];
    const korean = await resolveListing([...files, "korean_PP-OCRv5_mobile_rec.onnx"]);
    expect(korean.recognition.dictionary?.name).toBe("ppocrv5_korean_dict.txt");
    const general = await resolveListing([...files, "PP-OCRv5_mobile_rec.onnx"]);
    expect(general.recognition.dictionary?.name).toBe("ppocrv5_dict.txt");
  });

  test("prefers the newest family and refuses to guess between equals", async () => {
    const set = await resolveListing([
      "en_PP-OCRv3_det_infer.onnx",
      "PP-OCRv5_mobile_det.onnx",
      "PP-OCRv5_mobile_rec.onnx",
      "PP-OCRv4_mobile_seal_det.onnx",
      "PP-LCNet_x1_0_doc_ori.onnx",
    ]);
    expect(set.detection.id).toBe("PP-OCRv5_mobile_det");
    expect(set.orientation).toBeUndefined();
    expect(set.recognition.dictionary).toBeUndefined();
    await expect(
      resolveListing(["a_PP-OCRv5_det.onnx", "b_PP-OCRv5_det.onnx", "PP-OCRv5_rec.onnx"]),
    ).rejects.toThrow("a_PP-OCRv5_det, b_PP-OCRv5_det");
  });

  test("that lacks a role says which and what would do", async () => {
    await expect(resolveListing(["PP-OCRv5_mobile_rec.onnx", "notes.md"])).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringMatching(/no detection model.*\*_det\*\.onnx.*notes\.md/),
    });
  });

  test("v2 recognisers run on wasm at height 32", async () => {
    const set = await resolveListing([
      "en_PP-OCRv3_det_infer.onnx",
      "en_number_mobile_v2.0_rec_infer.onnx",
      "en_dict.txt",
      "ppocr_keys_v1.txt",
    ]);
    expect(set.recognition).toMatchObject({ backend: "wasm", params: { height: 32 } });
    expect(set.recognition.dictionary?.name).toBe("en_dict.txt");
  });
});

describe("manifests", () => {
  const { description: _description, ...preset } = findPreset("ppocr-v5-greek");
  const { license, variants } = preset.detection;
  const plain: ModelSet = {
    ...preset,
    structure: [
      { role: "layout", id: "a layout", license, variants, params: layoutParams("PP-DocLayoutV2") },
      { ...WIRED_CELLS, variants, backend: "wasm" },
      ...findStructurePreset("comer"),
    ],
  };
  /** The manifest as JSON, with the value at a path replaced; undefined removes it. */
  const manifestWith = (path: string, value: unknown): unknown => {
    const json: unknown = JSON.parse(JSON.stringify(plain));
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const parent = keys.reduce((node, key) => (node as Record<string, unknown>)[key], json);
    (parent as Record<string, unknown>)[last] = value;
    return JSON.parse(JSON.stringify(json)) as unknown;
  };
  const at = (json: unknown, url = "https://host/models/manifest.json"): Promise<ModelSet> =>
    resolveModels(url, { fetch: async () => Response.json(json) });

  test("are read from their URL or from their folder's, relative to themselves", async () => {
    const relative = manifestWith("detection.variants.0.onnx.url", "det/model.onnx");
    const urls: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      urls.push((input as URL).href);
      return Response.json(relative);
    };
    for (const place of ["https://host/models", "https://host/models/manifest.json"]) {
      const set = await resolveModels(place, { fetch });
      expect(set.detection.variants[0].onnx.url).toBe("https://host/models/det/model.onnx");
    }
    expect(urls).toEqual(Array(2).fill("https://host/models/manifest.json"));
  });

  test("may hold models of the document structure, whose files are the set's", async () => {
    const set = await at(manifestWith("name", "mine"));
    expect(set.structure).toEqual(plain.structure);
    expect(filesOf(set)).toHaveLength(filesOf(preset).length + 5);
  });

  test.each([
    ["recognition.params.height", "48"],
    ["detection.params.mean", [0.5, 0.5]],
    ["detection.variants", []],
    ["detection.variants.0.onnx.sha256", "ABC"],
    ["detection.variants.0.onnx.url", "javascript:alert(1)"],
    ["detection.variants.0.onnx.url", "file:///etc/passwd"],
    ["detection.variants.0.onnx.name", "../../x"],
    ["detection.variants.0.onnx.bundled", true],
    ["detection.params.limitSid", 1],
    ["schema", 2],
    ["recognition.languages.1", "!"],
    ["orientation.role", undefined],
    ["structure.0.role", "detection"],
    ["structure.0.variants", []],
    ["structure.1.id", "a layout"],
    ["structure.0.params", undefined],
    ["structure.0.params.thresholds.picture", 0.5],
    ["structure.0.params.containment.chart", "union"],
    ["structure.1.params.nms", 2],
    ["structure.2.vocabulary", {}],
    ["structure.2.params.picture.fit", "left"],
    ["structure.2.params.picture.std", 1],
    ["structure.3.role", "formula-encoder"],
    ["structure.3.vocabulary", undefined],
    ["structure.3.params.cache", { heads: 8 }],
  ])("name the bad field %s", async (path, value) => {
    const written = `manifest.${path.replace(/\.(\d+)/g, "[$1]")}`;
    await expect(at(manifestWith(path, value))).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining(written),
    });
  });

  test("that do not exist are not found", async () => {
    const fetch = async (): Promise<Response> => new Response("", { status: 404 });
    await expect(resolveModels("https://host/x", { fetch })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
  });
});

describe("own files", () => {
  test("as bytes become files in memory", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const set = await resolveModels({
      detection: bytes,
      recognition: bytes.buffer,
      dictionary: ["a", "b"],
      family: "v6",
    });
    expect(set.detection.variants[0].onnx).toMatchObject({ data: bytes, bytes: 3 });
    expect(new TextDecoder().decode(set.recognition.dictionary?.data)).toBe("a\nb\n");
    expect(set.detection.params.limitSide).toBe(736);
    expect(set.detection.variants[0].onnx.url).not.toBe(set.recognition.variants[0].onnx.url);
    expect(await resolveModels(set, { language: "ko" })).toEqual(set);
  });

  test("by URL take their constants from their names", async () => {
    const set = await resolveModels({
      detection: new URL("https://host/PP-OCRv6_tiny_det_fp16.onnx"),
      recognition: "https://host/arabic_PP-OCRv5_mobile_rec.onnx",
      orientation: "https://host/ch_ppocr_mobile_v2.0_cls_infer.onnx",
    });
    expect(set.detection.params.boxThreshold).toBe(0.4);
    expect(set.detection.variants[0].precision).toBe("fp16");
    expect(set.recognition.params.rightToLeft).toBe(true);
    expect(set.orientation?.params.resize).toBe("pad");
  });

  test("of the wrong kind are named", async () => {
    const wrong = { detection: 5, recognition: new Uint8Array() };
    await expect(resolveModels(wrong as never)).rejects.toThrow("models.detection");
  });
});

describe("the shared tiny models (needs ../shared)", () => {
  const folder = new URL("../../../../../shared/models/ppocrv6_tiny/", import.meta.url);
  test.skipIf(!existsSync(folder))("just resolve", async () => {
    const set = await resolveModels(folder, {
      listFolder: async () =>
        readdirSync(folder).map((path) => {
          const url = new URL(path, folder);
          return { path, url: url.href, bytes: statSync(url).size };
        }),
      readFile: (url) => openAsBlob(url),
    });
    expect(set.detection.variants.map(({ precision }) => precision).sort()).toEqual([
      "fp16",
      "fp32",
    ]);
    expect(set.recognition.variants.map(({ precision }) => precision).sort()).toEqual([
      "fp16",
      "fp32",
    ]);
    expect(set.orientation).toMatchObject({ params: { width: 160, height: 80, channels: "rgb" } });
    expect(set.recognition.dictionary?.name).toBe("ppocrv6_tiny_dict.txt");
    expect(set.detection.params).toMatchObject({
      boxThreshold: 0.4,
      limitSide: 736,
      threshold: 0.2,
    });
    for (const file of filesOf(set))
      expect(readFileSync(new URL(file.url)).length).toBe(file.bytes);
  });
});
