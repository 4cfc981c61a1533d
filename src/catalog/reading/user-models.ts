/** Models that the user hands over file by file. */

import { GlyphpoolError } from "../../errors.ts";
import {
  type Family,
  LCNET_ORIENTATION,
  LCNET_PAGE_ORIENTATION,
  V2_ORIENTATION,
  detectionParams,
  recognitionBackend,
  recognitionParams,
} from "../presets/families.ts";
import { type NamedModel, parseModelName } from "./file-names.ts";
import { toUrl } from "./locate.ts";
import type { MemoryFile, Model, ModelFile, TextRole, ModelSet } from "../manifest/manifest.ts";
import { languagesOf } from "../presets/recognisers.ts";

/** Bytes, or where they are: a URL, or a path in Deno. */
export type FileSource = Uint8Array | ArrayBuffer | URL | string;

/** Own files instead of a preset. */
export interface UserModelFiles {
  readonly detection: FileSource;
  readonly recognition: FileSource;
  /** A text file or `inference.yml`, or the characters. Absent: the ONNX file carries them. */
  readonly dictionary?: FileSource | readonly string[];
  readonly orientation?: FileSource;
  /** PP-LCNet doc_ori. Absent: which way up a page lies is decided from its lines. */
  readonly pageOrientation?: FileSource;
  /**
   * Whose constants to use. Default: what the files' names say, else `v5`. An orientation model counts
   * as PP-LCNet unless its name or `v2`, `v3`, `v4` here says that it is the older classifier.
   */
  readonly family?: Family;
  /** BCP 47 languages that the recogniser reads. Default: by its name, else unknown. */
  readonly languages?: readonly string[];
  /** Whether the recogniser's output has to be reversed. Default: by its name. */
  readonly rightToLeft?: boolean;
}

/** @throws GlyphpoolError `INVALID_OPTION` that names the file whose source cannot be used */
export function resolveUserModels(files: UserModelFiles): ModelSet {
  const detection = describe(files.detection, "detection", files.family);
  const recognition = describe(files.recognition, "recognition", files.family);
  const orientation =
    files.orientation === undefined
      ? undefined
      : describe(files.orientation, "orientation", files.family);
  const pageOrientation =
    files.pageOrientation === undefined
      ? undefined
      : describe(files.pageOrientation, "page-orientation", files.family);
  const rightToLeft = files.rightToLeft ?? recognition.name?.script === "arabic";
  const backend = recognitionBackend(recognition.family);
  return {
    schema: 1,
    name: "custom",
    detection: {
      ...detection.model,
      role: "detection",
      params: detectionParams(detection.family, detection.name?.tier),
    },
    recognition: {
      ...recognition.model,
      role: "recognition",
      params: recognitionParams(recognition.family, { rightToLeft }),
      languages: files.languages ?? languagesOf(recognition.model.id),
      ...(backend ? { backend } : {}),
      ...(files.dictionary === undefined ? {} : { dictionary: dictionaryFile(files.dictionary) }),
    },
    ...(orientation && {
      orientation: {
        ...orientation.model,
        role: "orientation",
        params: isOldClassifier(orientation, files.family) ? V2_ORIENTATION : LCNET_ORIENTATION,
      },
    }),
    ...(pageOrientation && {
      pageOrientation: {
        ...pageOrientation.model,
        role: "page-orientation",
        params: LCNET_PAGE_ORIENTATION,
      },
    }),
  };
}

interface Described {
  readonly name: NamedModel | undefined;
  readonly family: Family;
  readonly model: Pick<Model, "id" | "license" | "variants">;
}

function describe(source: FileSource, role: TextRole, chosen: Family | undefined): Described {
  const onnx = fileOf(source, `models.${role}`, `${role}.onnx`);
  const name = parseModelName(new URL(onnx.url).pathname.split("/").slice(-2).join("/"));
  return {
    name,
    family: chosen ?? name?.family ?? "v5",
    model: {
      id: name?.id ?? onnx.name.replace(/\.onnx$/i, ""),
      license: "NOASSERTION",
      variants: [{ precision: name?.precision ?? "fp32", onnx }],
    },
  };
}

function isOldClassifier({ name }: Described, chosen: Family | undefined): boolean {
  if (name) return !name.lcnet;
  return chosen === "v2" || chosen === "v3" || chosen === "v4";
}

function dictionaryFile(source: FileSource | readonly string[]): ModelFile {
  if (!Array.isArray(source)) {
    return fileOf(source as FileSource, "models.dictionary", "dictionary.txt");
  }
  const lines = source.map((entry: string) => `${entry}\n`).join("");
  return memoryFile("dictionary.txt", new TextEncoder().encode(lines));
}

function fileOf(source: FileSource, option: string, fallbackName: string): ModelFile {
  if (source instanceof Uint8Array) return memoryFile(fallbackName, source);
  if (source instanceof ArrayBuffer) return memoryFile(fallbackName, new Uint8Array(source));
  if (typeof source !== "string" && !(source instanceof URL)) {
    throw new GlyphpoolError(
      "INVALID_OPTION",
      `${option} must be bytes, a URL or a path, but it is ${typeof source}.`,
    );
  }
  const url = toUrl(source);
  return {
    name: decodeURIComponent(url.pathname.split("/").at(-1) || fallbackName),
    url: url.href,
  };
}

/** Distinct even for files of one name: models are told apart by their id and files by their URL. */
let memoryFiles = 0;

function memoryFile(name: string, data: Uint8Array): MemoryFile {
  return { name, url: `memory:${++memoryFiles}/${name}`, bytes: data.length, data };
}
