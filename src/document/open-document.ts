/** Finds out what a document is, by its bytes and never by its name. */
import type { ResolvedPagesOptions } from "../options/pages.ts";
import { tiffDirectories } from "../core/tiff-chain.ts";
import { GlyphpoolError } from "../errors.ts";
import { checkBytes } from "../input/input-checks.ts";
import { openLocation } from "../input/open-location.ts";
import type { ImageInput, ImageLimits } from "../types.ts";
import type { DocumentSource } from "./document-source.ts";
import { HEAD_BYTES, isPdf, isTiff, unshared } from "./file-kind.ts";
import { ImageListSource, TiffSource } from "./image-source.ts";
import { DEFAULT_PDF_LIMITS } from "./pdf/limits.ts";
import type { PdfService } from "./pdf/service.ts";

/** What `engine.pages` takes: a PDF, an image, a TIFF of several pages, or a list of images. */
export type DocumentInput = ImageInput | readonly ImageInput[];

export interface DocumentTools {
  readonly limits: ImageLimits;
  /** Started by the first PDF. */
  readonly pdf: () => Promise<PdfService>;
}

/**
 * @throws GlyphpoolError `INVALID_INPUT`, `INPUT_NOT_FOUND`, `UNSUPPORTED_FORMAT`, `DOCUMENT_TOO_LARGE`,
 *   `IMAGE_TOO_LARGE`, `PDF_*`, `ABORTED`
 */
export async function openDocument(
  input: DocumentInput,
  { limits, pdf }: DocumentTools,
  options: ResolvedPagesOptions,
  signal: AbortSignal,
): Promise<DocumentSource> {
  if (isList(input)) {
    if (input.length === 0) {
      throw new GlyphpoolError("INVALID_INPUT", "The list of images is empty.");
    }
    return new ImageListSource([...input], limits);
  }
  const file = await fileOf(input, limits, signal);
  if (!file) return new ImageListSource([input], limits);
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (isPdf(head)) {
    const { password } = options;
    // With pdf.js, and not before.
    const [service, { PdfSource }] = await Promise.all([pdf(), import("./pdf/source.ts")]);
    return new PdfSource(await service.open(file, { password, signal }), options);
  }
  checkBytes(file.size, limits);
  if (isTiff(head)) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { length } = tiffDirectories(bytes);
    if (length > 1) return new TiffSource(bytes, length, limits);
  }
  return new ImageListSource([file], limits);
}

function isList(input: DocumentInput): input is readonly ImageInput[] {
  return Array.isArray(input);
}

/** The whole file, which stays as it is whatever the caller does; nothing for pixels and pictures. */
async function fileOf(
  input: ImageInput,
  limits: ImageLimits,
  signal: AbortSignal,
): Promise<Blob | undefined> {
  if (input instanceof Blob) return input;
  if (typeof input === "string" || input instanceof URL) {
    const maxBytes = Math.max(limits.maxBytes, DEFAULT_PDF_LIMITS.maxBytes);
    const { input: opened } = await openLocation(input, { ...limits, maxBytes }, signal);
    return opened.kind === "bytes" ? new Blob([unshared(opened.bytes)]) : undefined;
  }
  if (input instanceof ArrayBuffer) return new Blob([input]);
  if (!ArrayBuffer.isView(input)) return undefined;
  return new Blob([unshared(new Uint8Array(input.buffer, input.byteOffset, input.byteLength))]);
}
