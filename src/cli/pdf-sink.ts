/** A searchable PDF over the file that is read: its own pages, or a new one with the picture. */
import { HEAD_BYTES, isPdf } from "../document/file-kind.ts";
import { GlyphpoolError } from "../errors.ts";
import { searchablePdf } from "../output/open-searchable-pdf.ts";
import type { PdfBackground, SearchablePdf } from "../output/searchable-pdf.ts";
import type { PageSink, SinkOptions } from "./page-sink.ts";

/** @param file what is read */
export function openPdfSink(
  file: string,
  output: string,
  { password, language }: Pick<SinkOptions, "password" | "language">,
): PageSink {
  let pdf: SearchablePdf | undefined;
  let picture: { bytes: Uint8Array; type: "image/jpeg" | "image/png" } | undefined;
  const start = async (): Promise<SearchablePdf> => {
    const bytes = await Deno.readFile(file);
    const common = language === undefined ? {} : { language };
    if (isPdf(bytes.subarray(0, HEAD_BYTES))) {
      return await searchablePdf({
        ...common,
        source: bytes,
        ...(password === undefined ? {} : { password }),
      });
    }
    picture = { bytes, type: typeOf(bytes, file) };
    return await searchablePdf(common);
  };
  return {
    add: async (page) => {
      pdf ??= await start();
      const { width, height, number } = page;
      const background: PdfBackground = picture
        ? { kind: "image", ...picture, width, height }
        : { kind: "source", index: number - 1 };
      await pdf.add(page, background);
    },
    end: async () => {
      if (pdf) await Deno.writeFile(output, await pdf.save());
    },
  };
}

/** @throws GlyphpoolError `UNSUPPORTED_FORMAT` */
function typeOf(bytes: Uint8Array, file: string): "image/jpeg" | "image/png" {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xd8) return "image/jpeg";
  if (a === 0x89 && b === 0x50) return "image/png";
  throw new GlyphpoolError(
    "UNSUPPORTED_FORMAT",
    `${file} cannot be put into a PDF: only JPEG, PNG and PDF can. Convert it to PNG first.`,
  );
}
