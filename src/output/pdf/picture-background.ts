/** What a searchable PDF shows of the pages of the file that was read. */
import type { DocumentPage, EncodedImage } from "../../types.ts";
import type { PdfBackground } from "./searchable-pdf.ts";

/** The picture of a page, from 1 on. */
export type PictureOf = (number: number) => Promise<EncodedImage>;

/** What is seen of a page; nothing where the PDF has to do without the page. */
export type BackgroundOf = (page: DocumentPage) => Promise<PdfBackground | undefined>;

/** The pages of a PDF that is the source itself. */
export const sourceBackground: BackgroundOf = async ({ number }) => ({
  kind: "source",
  index: number - 1,
});

/**
 * JPEG and PNG files go into the PDF as they are.
 *
 * @param file bytes of an image file
 * @param pictureOf asked for the pages of all other formats, which no PDF holds
 */
export function pictureBackgrounds(file: Uint8Array, pictureOf: PictureOf): BackgroundOf {
  const type = heldType(file);
  return async ({ width, height, number, error }) => {
    // What could not be read is of no known size.
    if (error) return undefined;
    if (type) return { kind: "image", bytes: file, type, width, height };
    return { kind: "image", ...(await pictureOf(number)) };
  };
}

function heldType([first, second]: Uint8Array): "image/jpeg" | "image/png" | undefined {
  if (first === 0xff && second === 0xd8) return "image/jpeg";
  if (first === 0x89 && second === 0x50) return "image/png";
  return undefined;
}
