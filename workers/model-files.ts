/** Where a worker gets the files of its models. */
import type { ModelFile } from "../src/catalog/manifest.ts";
import type { Progress } from "../src/types.ts";

export interface ModelFiles {
  open(file: ModelFile): Promise<Blob>;
}

export async function openModelFiles(
  _cache: boolean | string,
  _onProgress: (progress: Progress) => void,
): Promise<ModelFiles> {
  return { open: async (file) => await (await fetch(file.url)).blob() };
}
