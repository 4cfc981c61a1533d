/** A searchable PDF over the file that is read: its own pages, or new ones with the pictures. */
import { HEAD_BYTES, isPdf } from "../document/file-kind.ts";
import { searchablePdf } from "../output/pdf/open-searchable-pdf.ts";
import { pictureBackgrounds, sourceBackground } from "../output/pdf/picture-background.ts";
import type { BackgroundOf, PictureOf } from "../output/pdf/picture-background.ts";
import type { SourceNote } from "../output/pdf/source-note.ts";
import type { SearchablePdf } from "../output/pdf/searchable-pdf.ts";
import type { CommandInput } from "./inputs.ts";
import type { DocumentPage } from "../types.ts";

/** Takes the pages of one document. What was taken is in the file, or on the terminal, when `add` has resolved. */
export interface PageSink {
  add(page: DocumentPage): Promise<void>;
  /** Writes what closes the document, also one that was interrupted. */
  end(): Promise<void>;
  /** What the file that was written does not keep of what was read. */
  readonly notes?: readonly SourceNote[];
}

/** @param input what is read */
export function openPdfSink(
  input: CommandInput,
  output: string,
  {
    password,
    language,
  }: { readonly password: string | undefined; readonly language: string | undefined },
  pictureOf: PictureOf,
): PageSink {
  let started: { readonly pdf: SearchablePdf; readonly backgroundOf: BackgroundOf } | undefined;
  let pages = 0;
  const start = async (): Promise<NonNullable<typeof started>> => {
    const source = await input.open();
    const bytes = typeof source === "string" ? await readSource(source) : source;
    const common = language === undefined ? {} : { language };
    if (!isPdf(bytes.subarray(0, HEAD_BYTES))) {
      const backgroundOf = pictureBackgrounds(bytes, pictureOf);
      return { pdf: await searchablePdf(common), backgroundOf };
    }
    const secret = password === undefined ? {} : { password };
    return {
      pdf: await searchablePdf({ ...common, ...secret, source: bytes }),
      backgroundOf: sourceBackground,
    };
  };
  return {
    add: async (page) => {
      started ??= await start();
      const { pdf, backgroundOf } = started;
      const background = await backgroundOf(page);
      if (!background) return;
      await pdf.add(page, background);
      pages++;
    },
    get notes() {
      return started?.pdf.notes ?? [];
    },
    end: async () => {
      if (started && pages > 0) await Deno.writeFile(output, await started.pdf.save());
    },
  };
}

async function readSource(location: string): Promise<Uint8Array> {
  if (!/^https?:/i.test(location)) return await Deno.readFile(location);
  const response = await fetch(location);
  if (!response.ok) throw new Error(`${location} answered with status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
