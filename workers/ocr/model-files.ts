/** Opens the store that a worker takes its models from. */
import { FolderCache } from "../../src/catalog/store/cache-folder.ts";
import { MemoryCache } from "../../src/catalog/store/cache-memory.ts";
import { ModelStore } from "../../src/catalog/store/store.ts";
import type { Progress } from "../../src/types.ts";

/**
 * @param cache `true` for the platform's own cache, `false` for none, or a folder (Deno)
 */
export async function openModelFiles(
  cache: boolean | string,
  onProgress: (progress: Progress) => void,
): Promise<ModelStore> {
  if (cache === true) return await ModelStore.open({ onProgress });
  const place = cache === false ? new MemoryCache() : new FolderCache(cache);
  return new ModelStore({ cache: place, onProgress });
}
