/** Starts the OCR worker in a process of its own, which can be killed whatever it is busy with. Deno only. */
import { defaultCacheFolder } from "../catalog/store/cache-default.ts";
import type { PermissionQuery, ProcessPermissions } from "../rpc/child-permissions.ts";
import { isAllowed, spawnProcess } from "../rpc/child-process.ts";
import type { ProcessOptions } from "../rpc/child-process.ts";
import type { ProcessWorker } from "../rpc/process-worker.ts";

/** The variables that tell where the cache folder is. */
const CACHE_VARIABLES = [
  "GLYPHPOOL_CACHE",
  "HOME",
  "USERPROFILE",
  "LOCALAPPDATA",
  "XDG_CACHE_HOME",
] as const;

export interface OcrProcessOptions extends Pick<ProcessOptions, "env"> {
  /** As in the settings of an engine: `true` for the default folder, or a folder. Default `true`. */
  readonly cache?: boolean | string;
}

/**
 * @param name shown in the list of processes
 * @throws GlyphpoolError `BACKEND_UNAVAILABLE` where no process can be started; the message says why
 */
export function spawnOcrProcess(
  name: string,
  { cache = true, env = {} }: OcrProcessOptions = {},
): ProcessWorker {
  // Not in the shape that bundlers look for: nothing of Deno's belongs into a browser build.
  const here = import.meta.url;
  const extension = here.endsWith(".ts") ? "ts" : "js";
  const entry = new URL(`../../workers/ocr.process.deno.${extension}`, here);
  const permissions = "Deno" in globalThis ? cachePermissions(cache, isAllowed) : {};
  return spawnProcess(name, { entry, env, permissions });
}

/** The network that models come from, and the cache that they are kept in; never more than this process may use. */
export function cachePermissions(
  cache: boolean | string,
  may: PermissionQuery,
): ProcessPermissions {
  const env = cache === true ? CACHE_VARIABLES.filter((name) => may("env", name)) : false;
  return { net: may("net"), write: writable(cache, may), env };
}

function writable(cache: boolean | string, may: PermissionQuery): readonly string[] {
  if (cache === false) return [];
  try {
    const folder = cache === true ? defaultCacheFolder() : cache;
    return may("write", folder) ? [folder] : [];
  } catch {
    // Without a folder the worker keeps its models in memory.
    return [];
  }
}
