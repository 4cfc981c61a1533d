/** Structure models among the files of a folder, known by the names under which they are published. */
import { GlyphpoolError } from "../../errors.ts";
import type { ModelFile, StructureModel } from "../manifest/manifest.ts";
import { STRUCTURE_PRESETS } from "../presets/structure-presets.ts";
import type { FolderEntry } from "../store/local-file.ts";

/** Every published model once, in the order of preference. */
const PUBLISHED: readonly StructureModel[] = [
  ...new Map([...STRUCTURE_PRESETS.values()].flat().map((model) => [model.id, model])).values(),
];

/**
 * What a folder holds, with the constants of the published models. A vocabulary has to lie beside its model.
 *
 * @param location the folder, for errors
 * @throws GlyphpoolError `MODEL_NOT_FOUND` where it holds none, or one without its vocabulary
 */
export function structureInFolder(
  location: string,
  entries: readonly FolderEntry[],
): StructureModel[] {
  const models = findStructureModels(location, entries);
  if (models.length > 0) return models;
  const names = entries.map(({ path }) => path).join(", ");
  const known = PUBLISHED.map(({ id }) => `${id}.onnx`).join(", ");
  throw new GlyphpoolError(
    "MODEL_NOT_FOUND",
    `${location} holds no structure model. Known: ${known}. The folder holds: ${names || "nothing"}.`,
  );
}

/** The same, where a folder may well hold none. */
export function findStructureModels(
  location: string,
  entries: readonly FolderEntry[],
): StructureModel[] {
  const files = new Map<string, FolderEntry>();
  for (const entry of entries) {
    const id = idOf(entry.path);
    if (id !== undefined && !files.has(id)) files.set(id, entry);
  }
  return PUBLISHED.flatMap((model) => {
    const file = files.get(model.id.toLowerCase());
    return file ? [local(model, file, location, entries)] : [];
  });
}

/** `SLANet_plus.onnx`, `SLANet_plus/inference.onnx` and `SLANet_plus_onnx/inference.onnx` are one model. */
function idOf(path: string): string | undefined {
  const parts = path.split("/");
  const file = parts.at(-1) ?? "";
  if (!/\.onnx$/i.test(file)) return undefined;
  const stem = file.replace(/\.onnx$/i, "");
  const named = /^(inference|model)$/i.test(stem) ? (parts.at(-2) ?? "") : stem;
  return named.replace(/[_-](onnx|infer)$/i, "").toLowerCase();
}

/** Without a hash: what lies on the user's disk may be another conversion. */
function local(
  model: StructureModel,
  entry: FolderEntry,
  location: string,
  entries: readonly FolderEntry[],
): StructureModel {
  const variants: StructureModel["variants"] = [{ precision: "fp32", onnx: fileOf(entry) }];
  if (!("vocabulary" in model)) return { ...model, variants };
  const { name } = model.vocabulary;
  const vocabulary = entries.find(({ path }) => path.split("/").at(-1) === name);
  if (vocabulary) return { ...model, variants, vocabulary: fileOf(vocabulary) };
  throw new GlyphpoolError(
    "MODEL_NOT_FOUND",
    `${location} holds ${entry.path}, but not its vocabulary ${name}. Put that beside it.`,
  );
}

function fileOf({ path, url, bytes }: FolderEntry): ModelFile {
  const name = path.split("/").slice(-2).join("_");
  return { name, url, ...(bytes === undefined ? {} : { bytes }) };
}
