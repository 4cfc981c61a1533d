/** What a PDF promises that does not hold any more when something is added to it. */
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFName,
  PDFRawStream,
  decodePDFRawStream,
} from "@cantoo/pdf-lib";
import type { SourceNote } from "./source-note.ts";

export function sourceNotes(doc: PDFDocument): SourceNote[] {
  const notes: SourceNote[] = [];
  if (isSigned(doc)) {
    notes.push({
      code: "SIGNATURE_BROKEN",
      message:
        "The PDF is signed. Its signature does not hold for the searchable copy; keep the original.",
    });
  }
  if (saysPdfA(doc)) {
    notes.push({
      code: "PDFA_UNCHECKED",
      message:
        "The PDF says that it is PDF/A. The searchable copy says so too, but is not checked; validate it if that matters.",
    });
  }
  return notes;
}

/** Fields may be nested; a signature has a value once somebody has signed. */
function isSigned({ catalog, context }: PDFDocument): boolean {
  const form = context.lookup(catalog.get(PDFName.of("AcroForm")));
  if (!(form instanceof PDFDict)) return false;
  const seen = new Set<unknown>();
  const search = (list: unknown, isSignature: boolean): boolean => {
    if (!(list instanceof PDFArray) || seen.has(list)) return false;
    seen.add(list);
    return list.asArray().some((item) => {
      const field = context.lookup(item);
      if (!(field instanceof PDFDict)) return false;
      const type = context.lookup(field.get(PDFName.of("FT")));
      const signature = type ? type === PDFName.of("Sig") : isSignature;
      if (signature && context.lookup(field.get(PDFName.of("V"))) instanceof PDFDict) return true;
      return search(context.lookup(field.get(PDFName.of("Kids"))), signature);
    });
  };
  return search(context.lookup(form.get(PDFName.of("Fields"))), false);
}

function saysPdfA({ catalog, context }: PDFDocument): boolean {
  const metadata = context.lookup(catalog.get(PDFName.of("Metadata")));
  if (!(metadata instanceof PDFRawStream)) return false;
  try {
    return new TextDecoder().decode(decodePDFRawStream(metadata).decode()).includes("pdfaid:part");
  } catch {
    // Metadata that cannot be unpacked promises nothing.
    return false;
  }
}
