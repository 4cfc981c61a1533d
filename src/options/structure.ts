/** Options for the structure of a page: what is analysed, and when. */
import { oneOf } from "./rules.ts";
import type { Rule } from "./rules.ts";
import type { GlyphpoolError } from "../errors.ts";
import type { MemoryLevel } from "../memory/snapshot.ts";
import type { Block, DocumentPage, Line, Page, PageMethods, RgbaImage, Table } from "../types.ts";

/** What can be off or put off. The layout itself is what they all start from. */
export const ANALYSES = ["tables", "formulas", "charts"] as const;

export type AnalysisName = (typeof ANALYSES)[number];

/** A stage of the structure that takes its own share of the structure predictions. */
export type StructureStage = "layout" | AnalysisName;

/**
 * `true`: with the page. `"defer"`: after the text of all pages is out, when memory allows; arrives by
 * `onUpdate`. `false`: not at all; the analysis' models are never loaded.
 */
export type Analysis = boolean | "defer";

export interface StructureOptions {
  /** Whether the page gets `blocks`. Default: when one of the analyses is on. */
  readonly layout?: boolean;
  /** Tables as grids and HTML. Default false. */
  readonly tables?: Analysis;
  /** Formulas as LaTeX, where the models have a reader for them. Default false. */
  readonly formulas?: Analysis;
  /** Pictures of figures and charts. Default false. */
  readonly charts?: Analysis;
  /** Reads these pictures. No published ONNX model reads charts, so there is none by default. */
  readonly chartReader?: ChartReader;
  /** What the whole image, or its `region`, is: a page with a layout, one table, or one formula. Default `page`. */
  readonly content?: "page" | "table" | "formula";
  /** Called with each page whose deferred analyses are done, or have failed. */
  readonly onUpdate?: (update: PageUpdate) => void;
}

/** What a reader found in a picture. */
export interface ChartReading {
  /** Its data, where it has some. */
  readonly table?: Table;
  /** A description, its title, whatever else it says. */
  readonly text?: string;
}

/** Reads the picture of a figure or a chart, which is a block of a page; nothing for one that it cannot read. */
export type ChartReader = (
  picture: RgbaImage,
  context: { readonly block: Block; readonly signal: AbortSignal },
) => Promise<ChartReading | undefined>;

/** The outcome of deferred analyses. */
export interface PageUpdate {
  /** The page with what was found, as a new object; as it was where the analyses failed. */
  readonly page: (Page | DocumentPage) & PageMethods;
  /** What was deferred. */
  readonly analyses: readonly AnalysisName[];
  readonly error?: GlyphpoolError;
}

/** What a worker has to find out about one page. */
export interface StructureRequest {
  readonly content: "page" | "table" | "formula";
  /** What is done with the page now. */
  readonly analyses: readonly AnalysisName[];
  /** Whether structure models may be loaded; without them there is only what needs none. */
  readonly useModels: boolean;
  /** How short the memory is: decides which of several models does the work. */
  readonly level: MemoryLevel;
}

/** Lines that are known already, so that only the structure is missing. */
export interface KnownText {
  readonly lines: readonly Line[];
  /** Size of the picture that their polygons refer to; scaled where the picture has another. */
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
}

const ANALYSIS: Rule = {
  allowed: 'true, false or "defer"',
  accepts: (value) => typeof value === "boolean" || value === "defer",
};

export const STRUCTURE_RULES: Readonly<Record<keyof StructureOptions, Rule>> = {
  layout: { allowed: "true or false", accepts: (value) => typeof value === "boolean" },
  tables: ANALYSIS,
  formulas: ANALYSIS,
  charts: ANALYSIS,
  chartReader: { allowed: "a function", accepts: (value) => typeof value === "function" },
  content: oneOf("page", "table", "formula"),
  onUpdate: { allowed: "a function", accepts: (value) => typeof value === "function" },
};

/** Whether anything of the structure is asked for. */
export function wantsStructure(options: StructureOptions): boolean {
  const { layout, content = "page" } = options;
  return layout === true || content !== "page" || ANALYSES.some((name) => Boolean(options[name]));
}

/** The analyses with this value; the content names one that is always on. */
export function analysesOf(options: StructureOptions, value: true | "defer"): AnalysisName[] {
  const { content = "page" } = options;
  return ANALYSES.filter((name) =>
    name === `${content}s` ? value === true : options[name] === value,
  );
}
