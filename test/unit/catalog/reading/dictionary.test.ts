import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  dictionaryKind,
  fitAlphabet,
  loadAlphabet,
} from "../../../../src/catalog/reading/dictionary.ts";
import { readOnnxMetadata } from "../../../../src/catalog/reading/onnx-metadata.ts";
import { parseYamlSection } from "../../../../src/catalog/reading/yaml.ts";

const params = { blank: 0, appendSpace: true };
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A protobuf field with a byte-string value. */
function bytesField(number: number, value: Uint8Array): Uint8Array {
  const header: number[] = [];
  for (let rest = (number << 3) | 2; ; rest >>>= 7) {
    header.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  for (let rest = value.length; ; rest = Math.floor(rest / 128)) {
    header.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return new Uint8Array([...header, ...value]);
}

function onnx(metadata: Record<string, string>): Uint8Array {
  const entries = Object.entries(metadata).map(([key, value]) =>
    bytesField(14, new Uint8Array([...bytesField(1, utf8(key)), ...bytesField(2, utf8(value))])),
  );
  const irVersion = [8, 9];
  const graph = bytesField(7, new Uint8Array(70_000).fill(0x0a));
  return new Uint8Array([...irVersion, ...graph, ...entries.flatMap((entry) => [...entry])]);
}

describe("text dictionaries", () => {
  test("every line is a class, also blank ones", async () => {
    const text = utf8("a\n\n\u3000\nbc\n \n");
    expect(await loadAlphabet(text, "txt", params)).toEqual([
      "",
      "a",
      "",
      "\u3000",
      "bc",
      " ",
      " ",
    ]);
  });

  test("line ends of Windows, a byte order mark and a missing last line end do not matter", async () => {
    expect(await loadAlphabet(utf8("\ufeffa\r\nb"), "txt", params)).toEqual(["", "a", "b", " "]);
  });

  test("the blank goes where the model has it", async () => {
    const alphabet = await loadAlphabet(utf8("a\nb\n"), "txt", { blank: 2, appendSpace: false });
    expect(alphabet).toEqual(["a", "b", ""]);
  });

  test("what is no text is refused", async () => {
    await expect(loadAlphabet(new Uint8Array([0xff, 0xfe]), "txt", params)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
    await expect(loadAlphabet(utf8(""), "txt", params)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });
});

const YML = `Global:
  model_name: X
Hpi:
  shapes: &id001
    x:
    - - 1
      - 3
PreProcess:
  transform_ops:
  - DecodeImage:
      channel_first: false
      img_mode: BGR
  - RecResizeImg:
      image_shape:
      - 3
      - 48
      - 320
  - KeepKeys: [image, 'label']
PostProcess:
  name: CTCLabelDecode
  character_dict:
  - '!'
  - ''''
  - '"'
  - '#'
  - \\
  - "\\\\"
  - "\\u4e2d"
  - "\\U0001F600"
  - '0'
  - n
  - ' '
  - \u3000
  - ab
  - '-'
Other: 1
`;

describe("inference.yml", () => {
  test("yields its characters, whatever their quotes", async () => {
    expect(await loadAlphabet(utf8(YML), "yml", params)).toEqual([
      "",
      "!",
      "'",
      '"',
      "#",
      "\\",
      "\\",
      "中",
      "😀",
      "0",
      "n",
      " ",
      "\u3000",
      "ab",
      "-",
      " ",
    ]);
  });

  test("parses the operations and skips sections with anchors", () => {
    expect(parseYamlSection(YML, "PreProcess")).toEqual({
      transform_ops: [
        { DecodeImage: { channel_first: "false", img_mode: "BGR" } },
        { RecResizeImg: { image_shape: ["3", "48", "320"] } },
        { KeepKeys: ["image", "label"] },
      ],
    });
    expect(parseYamlSection(YML, "Nothing")).toBeUndefined();
  });

  test("of a detector is no dictionary", async () => {
    const yml = utf8("PostProcess:\n  name: DBPostProcess\n  thresh: 0.3\n");
    await expect(loadAlphabet(yml, "yml", params)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("character_dict"),
    });
  });

  test("names the line of what it cannot read", async () => {
    const yml = utf8("PostProcess:\n  character_dict:\n  - 'a\n");
    await expect(loadAlphabet(yml, "yml", params)).rejects.toThrow("line 3");
  });
});

describe("ONNX metadata", () => {
  test("carries the characters behind the graph", async () => {
    const model = onnx({ author: "x", character: "a\nb\n \n" });
    expect(await loadAlphabet(model, "onnx", params)).toEqual(["", "a", "b", " ", " "]);
  });

  test("reads only headers and the metadata", async () => {
    const blob = new Blob([onnx({ character: "a" }) as Uint8Array<ArrayBuffer>]);
    let read = 0;
    const slice = blob.slice.bind(blob);
    blob.slice = (start, end) => {
      const part = slice(start, end);
      read += part.size;
      return part;
    };
    expect(await readOnnxMetadata(blob, "character")).toBe("a");
    expect(read).toBeLessThan(200);
  });

  test("may lack a dictionary", async () => {
    await expect(loadAlphabet(onnx({}), "onnx", params)).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("dict"),
    });
  });

  test("of something else is refused", async () => {
    await expect(loadAlphabet(utf8("<!doctype html>"), "onnx", params)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
    const cut = onnx({ character: "a" }).subarray(0, 1000);
    await expect(loadAlphabet(cut, "onnx", params)).rejects.toMatchObject({
      code: "MODEL_INVALID",
    });
  });
});

describe("fitAlphabet", () => {
  const load = (text: string): Promise<string[]> => loadAlphabet(utf8(text), "txt", params);

  test("keeps what fits", async () => {
    expect(fitAlphabet(await load("a\nb\n"), 4, params)).toEqual(["", "a", "b", " "]);
  });

  test("drops the appended space when the dictionary has its own", async () => {
    expect(fitAlphabet(await load("a\n \n"), 3, params)).toEqual(["", "a", " "]);
  });

  test("appends a space that the model has after all", async () => {
    const without = { blank: 0, appendSpace: false };
    const alphabet = await loadAlphabet(utf8("a\nb\n"), "txt", without);
    expect(fitAlphabet(alphabet, 4, without)).toEqual(["", "a", "b", " "]);
  });

  test("takes an empty first line for the blank", async () => {
    expect(fitAlphabet(await load("\na\nb\n"), 4, params)).toEqual(["", "a", "b", " "]);
    expect(fitAlphabet(await load("\na\n \n"), 3, params)).toEqual(["", "a", " "]);
  });

  test("takes U+3000 for the blank where the dictionary is complete in itself", async () => {
    expect(fitAlphabet(await load("\u3000\na\n \n"), 3, params)).toEqual(["", "a", " "]);
  });

  test("refuses the dictionary of another model", async () => {
    const alphabet = await load("a\nb\n");
    expect(() => fitAlphabet(alphabet, 9, params)).toThrow("9 classes");
  });
});

test("dictionaryKind goes by the name", () => {
  expect(dictionaryKind({ name: "X.yml" })).toBe("yml");
  expect(dictionaryKind({ name: "X.onnx" })).toBe("onnx");
  expect(dictionaryKind({ name: "keys.txt" })).toBe("txt");
});

describe("real dictionaries (needs ../shared)", () => {
  const root = new URL("../../../../../shared/models/", import.meta.url);
  test.skipIf(!existsSync(root)).each([
    ["ppocrv6_tiny/ppocrv6_tiny_dict.txt", 6906],
    ["ppocrv6_small/ppocrv6_dict.txt", 18710],
    ["ppocrv2/ppocr_keys_v1.txt", 6625],
    ["ppocrv2/en_dict.txt", 97],
    ["dictionaries/recognition/ppocrv5_dict.txt", 18385],
    ["dictionaries/recognition/ppocrv4_dict.txt", 6625],
    ["dictionaries/recognition/multi/korean/v5/ppocrv5_korean_dict.txt", 11947],
  ])("%s has %i classes", async (path, classes) => {
    const alphabet = await loadAlphabet(readFileSync(new URL(path, root)), "txt", params);
    const fitted = fitAlphabet(alphabet, classes, params);
    expect(fitted).toHaveLength(classes);
    expect(fitted[0]).toBe("");
    expect(fitted.at(-1)).toBe(" ");
    expect(fitted.slice(1, -1).filter((text) => text === "").length).toBeLessThan(2);
  });
});
