import { describe, expect, it } from "vitest";
import { EMBEDDED } from "../../../src/catalog/presets/embedded.ts";
import type { ModelFile, RecognitionModel } from "../../../src/catalog/manifest/manifest.ts";
import { CTC_HEAD } from "../../../src/gpu/ctc-head.ts";
import { encodeModel } from "../../../src/gpu/onnx-writer.ts";
import type { OwnedSession } from "../../../src/gpu/session.ts";
import {
  faintSpaceClass,
  prepareRecogniser,
  type Recogniser,
} from "../../../src/models/recogniser.ts";

const { recognition } = EMBEDDED;
const file: ModelFile = { name: "rec.onnx", url: "https://models.test/rec.onnx" };
const dictionary: ModelFile = { name: "dict.txt", url: "https://models.test/dict.txt" };
const { faintSpace: _, ...ruleless } = recognition.params;

/** A graph that says how many classes it has; 0: it does not. */
function graph(classes: number): Blob {
  const input = { name: "x", dims: [1, 3, 48, 320] };
  const output = { name: "y", dims: [1, 40, classes] };
  return new Blob([encodeModel({ nodes: [], weights: [], input, output })]);
}

/** With a dictionary of two letters. */
async function prepare(
  onnx: Blob,
  params: RecognitionModel["params"] = recognition.params,
): Promise<Recogniser> {
  const open = async (): Promise<Blob> => new Blob(["a\nb\n"]);
  return await prepareRecogniser(
    { ...recognition, params, dictionary },
    file,
    onnx,
    undefined,
    open,
  );
}

const session = (classes: number | undefined): OwnedSession =>
  ({ outputNames: ["y"], outputWidth: () => classes }) as unknown as OwnedSession;

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe("prepareRecogniser", () => {
  it("has the graph choose the classes, and look at the space where there is a rule", async () => {
    const { edits, alphabet } = await prepare(graph(4));
    expect(alphabet(session(undefined))).toEqual(["", "a", "b", " "]);
    expect(text(edits?.addition)).toContain(CTC_HEAD.best);
    expect(text(edits?.addition)).toContain(CTC_HEAD.space);
    const plain = await prepare(graph(4), ruleless);
    expect(text(plain.edits?.addition)).toContain(CTC_HEAD.best);
    expect(text(plain.edits?.addition)).not.toContain(CTC_HEAD.space);
    // Three classes: the blank and two letters.
    const spaceless = await prepare(graph(3));
    expect(spaceless.alphabet(session(undefined))).toEqual(["", "a", "b"]);
    expect(text(spaceless.edits?.addition)).not.toContain(CTC_HEAD.space);
  });

  it("refuses the dictionary of another model before the runtime has to load it", async () => {
    await expect(prepare(graph(6))).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });

  it.each([
    ["does not say how many classes it has", graph(0)],
    ["is no ONNX file", new Blob(["ORTM"])],
  ])("leaves a graph alone that %s", async (_name, onnx) => {
    const { edits, alphabet } = await prepare(onnx);
    expect(edits).toBeUndefined();
    expect(alphabet(session(3))).toEqual(["", "a", "b"]);
    expect(alphabet(session(undefined))).toEqual(["", "a", "b", " "]);
    expect(() => alphabet(session(6))).toThrow("6 classes");
  });
});

describe("faintSpaceClass", () => {
  it("is the last space, where the model has a rule for it", () => {
    expect(faintSpaceClass(recognition.params, ["", " ", "a", " "])).toBe(3);
    expect(faintSpaceClass(recognition.params, ["", "a"])).toBeUndefined();
    expect(faintSpaceClass(ruleless, ["", "a", " "])).toBeUndefined();
  });
});
