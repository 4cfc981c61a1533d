/** From a dictionary to the alphabet of a recogniser: class index → text. */

import { GlyphpoolError } from "../../errors.ts";
import type { ModelFile, RecognitionParams } from "../manifest/manifest.ts";
import { readOnnxMetadata } from "./onnx-metadata.ts";
import { type YamlNode, parseYamlSection } from "./yaml.ts";

/** What the bytes are: a list of lines, an `inference.yml`, or the model with its metadata. */
export type DictionaryKind = "txt" | "yml" | "onnx";

/** The kind of a dictionary file, by its name. */
export function dictionaryKind(file: Pick<ModelFile, "name">): DictionaryKind {
  if (/\.ya?ml$/i.test(file.name)) return "yml";
  return /\.onnx$/i.test(file.name) ? "onnx" : "txt";
}

/**
 * The alphabet: the dictionary, the CTC blank as "" at `params.blank` and, with `appendSpace`, a space
 * at the end. Its length is a guess until {@link fitAlphabet} has seen the model's class count.
 *
 * @throws GlyphpoolError `MODEL_INVALID` when the bytes are not a dictionary; `MODEL_NOT_FOUND` when an
 *   ONNX file carries none
 */
export async function loadAlphabet(
  source: Blob | Uint8Array,
  kind: DictionaryKind,
  params: Pick<RecognitionParams, "blank" | "appendSpace">,
): Promise<string[]> {
  const blob = source instanceof Blob ? source : new Blob([source as Uint8Array<ArrayBuffer>]);
  const alphabet = await readDictionary(blob, kind);
  if (params.appendSpace) alphabet.push(" ");
  if (params.blank > alphabet.length) {
    throw new GlyphpoolError(
      "MODEL_INVALID",
      `The blank's index ${params.blank} lies behind the dictionary's ${alphabet.length} characters.`,
    );
  }
  alphabet.splice(params.blank, 0, "");
  return alphabet;
}

async function readDictionary(blob: Blob, kind: DictionaryKind): Promise<string[]> {
  if (kind === "yml") return parseYamlDictionary(decode(await blob.arrayBuffer()));
  if (kind === "txt") return splitLines(decode(await blob.arrayBuffer()));
  const list = await readOnnxMetadata(blob, "character");
  if (list !== undefined) return splitLines(list);
  throw new GlyphpoolError(
    "MODEL_NOT_FOUND",
    "The recogniser has no dictionary: its file carries no `character` metadata. Put a *dict*.txt or " +
      "the model's inference.yml beside it.",
  );
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GlyphpoolError("MODEL_INVALID", "The dictionary is not UTF-8 text.", { cause });
  }
}

/**
 * Every line is one class, also an empty or blank one: dropping it would shift all that follow. Only
 * the line end that closes the file is not an entry.
 */
function splitLines(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > 0) return lines;
  throw new GlyphpoolError("MODEL_INVALID", "The dictionary is empty.");
}

function parseYamlDictionary(text: string): string[] {
  const section = parseYamlSection(text, "PostProcess");
  const list: YamlNode | undefined = isMapping(section) ? section["character_dict"] : undefined;
  if (Array.isArray(list) && list.length > 0) {
    return list.map((entry) => {
      if (typeof entry === "string") return entry;
      throw new GlyphpoolError(
        "MODEL_INVALID",
        "PostProcess.character_dict of the inference.yml holds something that is not a character.",
      );
    });
  }
  throw new GlyphpoolError(
    "MODEL_INVALID",
    "The inference.yml has no list PostProcess.character_dict; it belongs to another kind of model.",
  );
}

function isMapping(node: YamlNode | undefined): node is { [key: string]: YamlNode } {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

/**
 * The alphabet that matches the model's class count. Dictionaries differ in whether they already hold
 * the space and the blank (as an empty line, or as U+3000, at the top); the count tells.
 *
 * @param alphabet what {@link loadAlphabet} returned
 * @param classes last dimension of the recogniser's output
 * @throws GlyphpoolError `MODEL_INVALID` when no reading of the dictionary has that many classes
 */
export function fitAlphabet(
  alphabet: readonly string[],
  classes: number,
  params: Pick<RecognitionParams, "blank" | "appendSpace">,
): readonly string[] {
  if (alphabet.length === classes) return alphabet;
  const dictionary = alphabet.toSpliced(params.blank, 1);
  if (params.appendSpace) dictionary.pop();
  const first = dictionary[params.blank];
  const ownBlank = first === "" || (first === "\u3000" && dictionary.at(-1) === " ");

  const readings: string[][] = [];
  if (ownBlank) {
    // The first line stands for the blank.
    const blanked = dictionary.with(params.blank, "");
    readings.push([...blanked, " "], blanked);
  }
  const withBlank = dictionary.toSpliced(params.blank, 0, "");
  readings.push([...withBlank, " "], withBlank);
  const fit = readings.find((reading) => reading.length === classes);
  if (fit) return fit;
  throw new GlyphpoolError(
    "MODEL_INVALID",
    `The recogniser has ${classes} classes, but its dictionary has ${dictionary.length} characters ` +
      `(expected ${classes - 2}: all but the blank and the space). It is the dictionary of another model.`,
  );
}
