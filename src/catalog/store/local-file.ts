/** Files on the disk of a Deno server. */

import { GlyphpoolError } from "../../errors.ts";
import { FileBlob } from "./file-blob.ts";

/** A file of a folder, as {@link listLocalFolder} finds it. */
export interface FolderEntry {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly url: string;
  readonly bytes?: number;
}

/**
 * A file as a Blob that stays on disk.
 *
 * @throws GlyphpoolError `MODEL_NOT_FOUND` when it cannot be read, or when there is no disk to read from
 */
export async function readLocalFile(url: URL): Promise<Blob> {
  if (typeof Deno === "undefined") {
    throw new GlyphpoolError(
      "MODEL_NOT_FOUND",
      `${url.href} cannot be read: only Deno opens local files.`,
    );
  }
  try {
    return await FileBlob.open(url);
  } catch (cause) {
    throw new GlyphpoolError("MODEL_NOT_FOUND", `${url.href} cannot be read.`, { cause });
  }
}

/**
 * The files of a folder and of its subfolders.
 *
 * @throws GlyphpoolError `MODEL_NOT_FOUND` when there is no such folder
 */
export async function listLocalFolder(folder: URL): Promise<FolderEntry[]> {
  if (typeof Deno === "undefined") {
    throw new GlyphpoolError(
      "MODEL_NOT_FOUND",
      `${folder.href} cannot be listed: only Deno opens local folders.`,
    );
  }
  const root = new URL(folder.href.endsWith("/") ? folder.href : `${folder.href}/`);
  const entries: FolderEntry[] = [];
  const visit = async (path: string, depth: number): Promise<void> => {
    for await (const entry of Deno.readDir(new URL(path, root))) {
      const name = encodeURIComponent(entry.name);
      const url = new URL(`${path}${name}`, root);
      // Through links too: model folders are often links into a cache.
      const info = await Deno.stat(url);
      if (info.isFile) {
        entries.push({
          path: decodeURIComponent(path) + entry.name,
          url: url.href,
          bytes: info.size,
        });
      } else if (info.isDirectory && depth < 1) {
        await visit(`${path}${name}/`, depth + 1);
      }
    }
  };
  try {
    await visit("", 0);
  } catch (cause) {
    throw new GlyphpoolError("MODEL_NOT_FOUND", `The folder ${folder.href} cannot be read.`, {
      cause,
    });
  }
  return entries.sort((a, b) => a.path.localeCompare(b.path));
}
