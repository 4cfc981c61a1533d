/** From what the user asked for to a model set. */

import { GlyphpoolError } from "../../errors.ts";
import { resolveLanguage } from "../presets/languages.ts";
import { type FolderEntry, listLocalFolder, readLocalFile } from "../store/local-file.ts";
import { looksLikePlace, toUrl } from "./locate.ts";
import type { ModelSet, StructureModel } from "../manifest/manifest.ts";
import { findStructurePreset } from "../presets/structure-presets.ts";
import { PRESETS, findPreset } from "../presets/presets.ts";
import type { UserModelFiles } from "./user-models.ts";
import { RUNTIME } from "../manifest/validate-fields.ts";

export type { FolderEntry } from "../store/local-file.ts";
export type { FileSource, UserModelFiles } from "./user-models.ts";

/** Options of {@link resolveModels}. */
export interface ResolveOptions {
  /** BCP 47. Swaps the recogniser where the set's own does not cover it. */
  readonly language?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly fetch?: typeof fetch;
  /** Lists a local folder with its subfolders. */
  readonly listFolder?: (folder: URL) => Promise<FolderEntry[]>;
  /** Reads a `file:` URL. */
  readonly readFile?: (url: URL) => Promise<Blob>;
}

/**
 * The model set that is meant by
 * - the name of a preset,
 * - the URL of a `manifest.json` or of the folder that holds it,
 * - in Deno, the path of a `manifest.json` or of a folder that holds one, or that holds model files with
 *   their usual names,
 * - a manifest as an object, or
 * - files, as bytes or by URL or path.
 *
 * @throws GlyphpoolError `UNKNOWN_PRESET`, `UNSUPPORTED_LANGUAGE`, `MODEL_NOT_FOUND` (nothing there, or
 *   a role without a file), `MODEL_INVALID` (the manifest, naming the field), `MODEL_DOWNLOAD_FAILED`,
 *   `INVALID_OPTION`
 */
export async function resolveModels(
  models: string | URL | ModelSet | UserModelFiles,
  options: ResolveOptions = {},
): Promise<ModelSet> {
  return resolveLanguage(await resolveSet(models, options), options.language);
}

async function resolveSet(
  models: string | URL | ModelSet | UserModelFiles,
  options: ResolveOptions,
): Promise<ModelSet> {
  if (typeof models === "string") {
    const preset = PRESETS.get(models);
    if (preset) return preset;
    return looksLikePlace(models) ? await resolvePlace(toUrl(models), options) : findPreset(models);
  }
  if (models instanceof URL) return await resolvePlace(models, options);
  if (typeof models !== "object" || models === null) {
    throw new GlyphpoolError(
      "INVALID_OPTION",
      `models must be a preset's name, a URL, a path, a manifest or files, but it is ${String(models)}.`,
    );
  }
  if (!isUserModelFiles(models)) return await validate(models, RUNTIME);
  const { resolveUserModels } = await import("./user-models.ts");
  return resolveUserModels(models);
}

/**
 * The structure models that are meant by the name of a preset or, in Deno, by the path of a folder.
 *
 * @throws GlyphpoolError `UNKNOWN_PRESET`, `MODEL_NOT_FOUND`
 */
export async function resolveStructure(
  structure: string,
  listFolder: (folder: URL) => Promise<FolderEntry[]> = listLocalFolder,
): Promise<readonly StructureModel[]> {
  if (!looksLikePlace(structure)) return findStructurePreset(structure);
  const { structureInFolder } = await import("./structure-folder.ts");
  return structureInFolder(structure, await listFolder(toUrl(structure)));
}

/** Whether a value has the shape of {@link UserModelFiles}, as opposed to a {@link ModelSet}. */
function isUserModelFiles(value: object): value is UserModelFiles {
  return !("schema" in value) && "detection" in value && "recognition" in value;
}

async function resolvePlace(place: URL, options: ResolveOptions): Promise<ModelSet> {
  const read = (url: URL): Promise<string> => readText(url, options);
  if (/\.json$/i.test(place.pathname)) return await parseManifest(await read(place), place);
  const base = new URL(place);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  if (base.protocol !== "file:") {
    const manifest = new URL("manifest.json", base);
    return await parseManifest(await read(manifest), manifest);
  }
  const entries = await (options.listFolder ?? listLocalFolder)(base);
  const manifest = entries.find(({ path }) => path === "manifest.json");
  if (manifest)
    return await parseManifest(await read(new URL(manifest.url)), new URL(manifest.url));
  const { resolveFolder } = await import("./folder.ts");
  return await resolveFolder(decodeURIComponent(base.pathname), entries, (url) =>
    read(new URL(url)),
  );
}

async function parseManifest(text: string, url: URL): Promise<ModelSet> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new GlyphpoolError("MODEL_INVALID", `${url.href} is not JSON.`, { cause });
  }
  return await validate(json, url.href);
}

/** Who takes a preset, as nearly everybody does, loads no rules for manifests. */
async function validate(manifest: unknown, place: string | typeof RUNTIME): Promise<ModelSet> {
  const { validateManifest } = await import("../manifest/validate.ts");
  return validateManifest(manifest, place);
}

async function readText(url: URL, options: ResolveOptions): Promise<string> {
  if (url.protocol === "file:")
    return await (await (options.readFile ?? readLocalFile)(url)).text();
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  let response: Response;
  try {
    response = await fetch(url, options.signal ? { signal: options.signal } : {});
  } catch (cause) {
    const aborted = options.signal?.aborted === true;
    throw new GlyphpoolError(
      aborted ? "ABORTED" : "MODEL_DOWNLOAD_FAILED",
      aborted ? "The call was aborted by its signal." : `${url.href} could not be downloaded.`,
      { cause },
    );
  }
  if (response.ok) return await response.text();
  const missing = response.status === 404 || response.status === 410;
  throw new GlyphpoolError(
    missing ? "MODEL_NOT_FOUND" : "MODEL_DOWNLOAD_FAILED",
    `${url.href}: the server answered ${response.status}. A folder on a server needs a manifest.json, ` +
      `because its files cannot be listed.`,
  );
}
