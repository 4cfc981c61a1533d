/** Options of reading a document page by page. */
import { checkReadOptions } from "./engine.ts";
import type { ReadingOrder, ReadOptions } from "./engine.ts";
import { checkObject, integer, invalidOption, number, oneOf, unknownOption } from "./rules.ts";
import type { Rule } from "./rules.ts";
import { wantsStructure } from "./structure.ts";

/** Options of `engine.pages`. Those of a single read count for every page. */
export interface PagesOptions extends Omit<
  ReadOptions,
  "region" | "recognizeOnly" | "page" | "group" | "content"
> {
  /** Numbers and ranges such as `"1-5,8,r2-r1"`, where `r1` is the last page. Default: all. */
  readonly pages?: string;
  /**
   * Of a PDF: `layer` takes the text that it holds, `ocr` reads its pictures. `auto`, the default, takes the text that
   * can be seen and reads what is left: scans, stamps, pictures, text that was never mapped to characters.
   */
  readonly text?: "auto" | "layer" | "ocr";
  /**
   * Whether text inside the pictures of a PDF's page is read besides the text that the page holds. Scans are read in
   * any case. Default true.
   */
  readonly pictures?: boolean;
  /** Pixels per inch at which the pages of a PDF are drawn. Default 200. */
  readonly dpi?: number;
  /** Largest width × height of a drawn page; larger ones get a smaller dpi. Default 16 million. */
  readonly maxPixels?: number;
  /** Most pages that are read of one document; where more are asked for none is read. Default 10 000. */
  readonly maxPages?: number;
  /** Of an encrypted PDF. */
  readonly password?: string;
}

/** With defaults filled in. */
export type ResolvedPagesOptions = Required<
  Pick<PagesOptions, "text" | "pictures" | "dpi" | "maxPixels" | "maxPages">
> &
  Pick<PagesOptions, "pages" | "password"> & {
    readonly order: ReadingOrder;
    /** Whether pages with text of their own have to be looked at as well. */
    readonly structure: boolean;
  };

const TEXT: Rule = {
  allowed: "a text",
  accepts: (value) => typeof value === "string",
};

/** Which pages there are is known later; how a range is written is known now. */
const RANGE: Rule = {
  allowed: 'numbers and ranges such as "1-5,8,r2-r1", where r1 is the last page',
  accepts: (value) =>
    typeof value === "string" &&
    /^\s*r?\d+(\s*-\s*r?\d+)?(\s*,\s*r?\d+(\s*-\s*r?\d+)?)*\s*$/.test(value),
};

const RULES: Readonly<Record<Exclude<keyof ResolvedPagesOptions, "structure" | "order">, Rule>> = {
  pages: RANGE,
  text: oneOf("auto", "layer", "ocr"),
  pictures: { allowed: "true or false", accepts: (value) => typeof value === "boolean" },
  dpi: number(10, 2400),
  maxPixels: integer(1024, Number.MAX_SAFE_INTEGER),
  maxPages: integer(1, Number.MAX_SAFE_INTEGER),
  password: TEXT,
};

/** What {@link PagesOptions} leaves out of a read's options. */
const NOT_FOR_PAGES = ["region", "recognizeOnly", "page", "group", "content"] as const;

/**
 * Checks the options and takes them apart.
 *
 * @throws GlyphpoolError `INVALID_OPTION`
 */
export function resolvePagesOptions(options: PagesOptions): {
  pages: ResolvedPagesOptions;
  read: ReadOptions;
} {
  checkObject("options", options);
  for (const name of NOT_FOR_PAGES) {
    if (name in options) throw unknownOption(name, Object.keys(RULES));
  }
  const { pages, text, pictures, dpi, maxPixels, maxPages, password, ...read } = options;
  const own = { pages, text, pictures, dpi, maxPixels, maxPages, password };
  for (const [name, value] of Object.entries(own)) {
    const rule = RULES[name as keyof typeof own];
    // A password is nobody's business but the caller's.
    const shown = name === "password" ? typeof value : value;
    if (value !== undefined && !rule.accepts(value)) throw invalidOption(name, shown, rule.allowed);
  }
  checkReadOptions(read);
  return {
    pages: {
      text: text ?? "auto",
      pictures: pictures ?? true,
      order: read.order ?? "layout",
      dpi: dpi ?? 200,
      maxPixels: maxPixels ?? 16_000_000,
      maxPages: maxPages ?? 10_000,
      structure: wantsStructure(read),
      ...(pages === undefined ? {} : { pages }),
      ...(password === undefined ? {} : { password }),
    },
    read,
  };
}
