/** A folder of model files without a manifest: what is in it follows from the files' names. */

import { GlyphpoolError } from "../../errors.ts";
import {
  FAMILIES,
  type Family,
  LCNET_ORIENTATION,
  LCNET_PAGE_ORIENTATION,
  V2_ORIENTATION,
  detectionParams,
  recognitionBackend,
  recognitionParams,
} from "../presets/families.ts";
import {
  ACCEPTED_NAMES,
  type NamedModel,
  dictionaryScore,
  isDictionaryName,
  parseModelName,
} from "./file-names.ts";
import { InferenceYml } from "./inference-yml.ts";
import type { FolderEntry } from "../store/local-file.ts";
import type { Model, ModelFile, TextRole, ModelSet, ModelVariant } from "../manifest/manifest.ts";
import { findStructureModels } from "./structure-folder.ts";
import { languagesOf } from "../presets/recognisers.ts";

/** Where a name says nothing: the constants that changed least. */
const DEFAULT_FAMILY: Family = "v5";

interface Found {
  readonly name: NamedModel;
  readonly variants: [ModelVariant, ...ModelVariant[]];
  /** The `inference.yml` that describes this model. */
  readonly yml: FolderEntry | undefined;
}

/**
 * Puts a model set together from a folder's files.
 *
 * @param location the folder, for errors and as the name of the set
 * @param readText reads an `inference.yml`
 * @throws GlyphpoolError `MODEL_NOT_FOUND` that names the missing role and the file names that would do;
 *   `MODEL_INVALID` when two models fit one role equally well
 */
export async function resolveFolder(
  location: string,
  entries: readonly FolderEntry[],
  readText: (url: string) => Promise<string>,
): Promise<ModelSet> {
  const folder = location.replace(/\/+$/, "").split("/").at(-1) ?? "";
  const found = group(entries, folder);
  const load = async ({ yml }: Found): Promise<InferenceYml | undefined> =>
    yml && new InferenceYml(await readText(yml.url));

  const detection = required(pick(found, "detection", location), "detection", location, entries);
  const recognition = required(
    pick(found, "recognition", location),
    "recognition",
    location,
    entries,
  );
  const orientation = pick(found, "orientation", location);
  const pageOrientation = pick(found, "page-orientation", location);
  const [detectionYml, recognitionYml, orientationYml] = await Promise.all([
    load(detection),
    load(recognition),
    orientation && load(orientation),
  ]);

  const detectionBase = detectionParams(family(detection), detection.name.tier);
  const rightToLeft = recognition.name.script === "arabic";
  const recognitionBase = recognitionParams(family(recognition), { rightToLeft });
  const orientationBase = orientation?.name.lcnet ? LCNET_ORIENTATION : V2_ORIENTATION;
  const backend = recognitionBackend(family(recognition));
  const structure = findStructureModels(location, entries);
  const dictionary =
    recognitionYml?.hasDictionary && recognition.yml
      ? fileOf(recognition.yml)
      : bestDictionary(entries, recognition.name);
  return {
    schema: 1,
    name: folder || location,
    detection: {
      ...common(detection),
      role: "detection",
      params: detectionYml?.detection(detectionBase) ?? detectionBase,
    },
    recognition: {
      ...common(recognition),
      role: "recognition",
      params: recognitionYml?.recognition(recognitionBase) ?? recognitionBase,
      languages: languagesOf(recognition.name.id),
      ...(backend ? { backend } : {}),
      ...(dictionary ? { dictionary } : {}),
    },
    ...(orientation && {
      orientation: {
        ...common(orientation),
        role: "orientation",
        params: orientationYml?.orientation(orientationBase) ?? orientationBase,
      },
    }),
    ...(pageOrientation && {
      pageOrientation: {
        ...common(pageOrientation),
        role: "page-orientation",
        params: LCNET_PAGE_ORIENTATION,
      },
    }),
    ...(structure.length > 0 && { structure }),
  };
}

function common(found: Found): Pick<Model, "id" | "license" | "variants"> {
  return { id: found.name.id, license: "NOASSERTION", variants: found.variants };
}

function family(found: Found): Family {
  return found.name.family ?? DEFAULT_FAMILY;
}

/** One entry per model, with all precisions that are there. */
function group(entries: readonly FolderEntry[], folder: string): Found[] {
  const models = new Map<string, Found>();
  for (const entry of entries) {
    const name = parseModelName(entry.path, folder);
    if (!name) continue;
    const variant: ModelVariant = { precision: name.precision, onnx: fileOf(entry) };
    const known = models.get(name.id);
    if (known) known.variants.push(variant);
    else models.set(name.id, { name, variants: [variant], yml: describing(entry, entries) });
  }
  return [...models.values()];
}

/** `inference.yml` beside `inference.onnx`, or `X.yml` beside `X.onnx`. */
function describing(model: FolderEntry, entries: readonly FolderEntry[]): FolderEntry | undefined {
  const stem = model.path.replace(/(?:[_.-](?:fp32|fp16|int8))?\.onnx$/i, "");
  return entries.find(({ path }) => path === `${stem}.yml` || path === `${stem}.yaml`);
}

function fileOf(entry: FolderEntry): ModelFile {
  const parts = entry.path.split("/");
  return {
    // `inference.onnx` says nothing; with its folder's name it does.
    name: parts.slice(-2).join("_"),
    url: entry.url,
    ...(entry.bytes === undefined ? {} : { bytes: entry.bytes }),
  };
}

/** The newest model of a role. */
function pick(found: readonly Found[], role: TextRole, location: string): Found | undefined {
  const candidates = found.filter(({ name }) => name.role === role);
  const age = ({ name }: Found): number =>
    name.family ? FAMILIES.indexOf(name.family) : FAMILIES.length;
  const newest = Math.min(...candidates.map(age));
  const best = candidates.filter((candidate) => age(candidate) === newest);
  if (best.length <= 1) return best[0];
  throw new GlyphpoolError(
    "MODEL_INVALID",
    `${location} has several models for ${role}: ${best.map(({ name }) => name.id).join(", ")}. ` +
      `Leave one there, or say which to use in a manifest.json.`,
  );
}

function required(
  found: Found | undefined,
  role: TextRole,
  location: string,
  entries: readonly FolderEntry[],
): Found {
  if (found) return found;
  const names = entries.map(({ path }) => path).join(", ");
  throw new GlyphpoolError(
    "MODEL_NOT_FOUND",
    `${location} has no ${role} model. Accepted: ${ACCEPTED_NAMES[role]}, or a manifest.json. ` +
      `The folder holds: ${names || "nothing"}.`,
  );
}

/** Without one the ONNX file has to carry its characters. */
function bestDictionary(entries: readonly FolderEntry[], model: NamedModel): ModelFile | undefined {
  const ranked = entries
    .filter(({ path }) => isDictionaryName(path))
    .map((entry) => ({ entry, score: dictionaryScore(entry.path, model) }))
    .sort((a, b) => b.score - a.score);
  return ranked[0] && fileOf(ranked[0].entry);
}
