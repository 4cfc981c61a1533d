/** The cache of this platform. */

import { BrowserCache } from "./cache-browser.ts";
import { FolderCache } from "./cache-folder.ts";
import { MemoryCache } from "./cache-memory.ts";
import type { ModelCache } from "./cache.ts";

/**
 * A folder in Deno, the Cache API in a browser, memory where neither can be had (an insecure context,
 * blocked storage, Deno without permission to know where its folder is).
 */
export async function openDefaultCache(): Promise<ModelCache> {
  try {
    if (typeof Deno !== "undefined") return new FolderCache(defaultCacheFolder());
    return await BrowserCache.open();
  } catch {
    return new MemoryCache();
  }
}

/**
 * `GLYPHPOOL_CACHE`, or `glyphpool` in the user's cache folder: `XDG_CACHE_HOME` or `~/.cache`,
 * `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows.
 *
 * @throws when Deno may not read the environment, or it names no home folder
 */
export function defaultCacheFolder(
  env: (name: string) => string | undefined = (name) => Deno.env.get(name),
  os: string = Deno.build.os,
): string {
  const chosen = env("GLYPHPOOL_CACHE");
  if (chosen) return chosen;
  const home = env(os === "windows" ? "USERPROFILE" : "HOME");
  const inHome = (path: string): string | undefined => (home ? `${home}/${path}` : undefined);
  let folder: string | undefined;
  if (os === "windows") folder = env("LOCALAPPDATA") || inHome("AppData/Local");
  else if (os === "darwin") folder = inHome("Library/Caches");
  else folder = env("XDG_CACHE_HOME") || inHome(".cache");
  if (folder) return `${folder}/glyphpool`;
  throw new Error("Neither GLYPHPOOL_CACHE nor a home folder is set.");
}
