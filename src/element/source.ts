/** What a reader is given, as files whose kind is known. */
import { HEAD_BYTES, isPdf, isTiff } from "../document/file-kind.ts";
import { GlyphpoolError } from "../errors.ts";

/** What a reader opens: a file, its address, or several. */
export type ReaderSource = Blob | URL | string | readonly (Blob | URL | string)[];

/** One file of a document. */
export interface Part {
  readonly file: Blob;
  /** For people and for the names of downloads. */
  readonly name: string;
  readonly kind: "pdf" | "tiff" | "image";
}

/**
 * Fetches what is an address, and looks at the first bytes of each file.
 *
 * @throws GlyphpoolError `INVALID_INPUT`, `INPUT_NOT_FOUND`, `ABORTED`
 */
export async function openParts(source: ReaderSource, signal: AbortSignal): Promise<Part[]> {
  const list = isList(source) ? source : [source];
  if (list.length === 0) throw new GlyphpoolError("INVALID_INPUT", "There is nothing to read.");
  return await Promise.all(list.map((item) => openPart(item, signal)));
}

function isList(source: ReaderSource): source is readonly (Blob | URL | string)[] {
  return Array.isArray(source);
}

async function openPart(item: Blob | URL | string, signal: AbortSignal): Promise<Part> {
  const file = item instanceof Blob ? item : await load(item, signal);
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const kind = isPdf(head) ? "pdf" : isTiff(head) ? "tiff" : "image";
  return { file, name: nameOf(item), kind };
}

async function load(address: URL | string, signal: AbortSignal): Promise<Blob> {
  try {
    const response = await fetch(new URL(address, document.baseURI), { signal });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return await response.blob();
  } catch (cause) {
    if (signal.aborted)
      throw new GlyphpoolError("ABORTED", "The reading was cancelled.", { cause });
    const message = `${String(address)} could not be fetched: ${(cause as Error).message}`;
    throw new GlyphpoolError("INPUT_NOT_FOUND", message, { cause });
  }
}

function nameOf(item: Blob | URL | string): string {
  if (item instanceof File && item.name !== "") return item.name;
  if (item instanceof Blob) return "picture";
  const { protocol, pathname } = new URL(item, document.baseURI);
  if (protocol === "data:" || protocol === "blob:") return "picture";
  return decodeURIComponent(pathname.slice(pathname.lastIndexOf("/") + 1)) || "document";
}
