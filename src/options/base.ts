/** Where an engine's files are, if not where the bundler has put them. */
import { checkObject, invalidOption, unknownOption } from "./rules.ts";

/** Folders, absolute or relative to the page. */
export interface BaseFolders {
  /** Of the scripts of the workers. */
  readonly workers?: string | URL;
  /** Of onnxruntime-web's `ort-wasm-simd-threaded.jspi.wasm` and `….asyncify.wasm`. */
  readonly runtime?: string | URL;
  /** Of the files of the `embedded` models. */
  readonly models?: string | URL;
}

/** The folders as absolute URLs, each with a slash at its end. */
export type ResolvedBase = { readonly [Name in keyof BaseFolders]?: string };

const NAMES = ["workers", "runtime", "models"] as const;

/**
 * @param base one folder for all, or one for each
 * @throws GlyphpoolError `INVALID_OPTION`
 */
export function resolveBase(base: string | URL | BaseFolders | undefined): ResolvedBase {
  if (base === undefined) return {};
  if (typeof base === "string" || base instanceof URL) {
    // The standalone build and the element keep the runtime's wasm beside the script that loads it.
    const folder = toFolder("base", base);
    return { workers: folder, models: folder };
  }
  checkObject("base", base);
  const resolved: Partial<Record<keyof BaseFolders, string>> = {};
  for (const [name, value] of Object.entries(base)) {
    if (!NAMES.includes(name as keyof BaseFolders)) throw unknownOption(`base.${name}`, NAMES);
    if (value !== undefined) resolved[name as keyof BaseFolders] = toFolder(`base.${name}`, value);
  }
  return resolved;
}

function toFolder(name: string, value: unknown): string {
  const { document, location } = globalThis as { document?: Document; location?: Location };
  const against = document?.baseURI ?? location?.href;
  const text = value instanceof URL ? value.href : value;
  if (typeof text !== "string" || !URL.canParse(text, against)) {
    throw invalidOption(name, value, "a folder as a URL, absolute or relative to the page");
  }
  const { href } = new URL(text, against);
  return href.endsWith("/") ? href : `${href}/`;
}
