/** What OmniDocBench says of a page: the annotations of its JSON as texts, formulas and tables. */
import { splitFormula } from "./omnidoc-normalize.ts";

/** One page of the benchmark's JSON, as far as it is used. */
export interface OmniDocPage {
  readonly layout_dets: readonly OmniDocAnnotation[];
  readonly extra: { readonly relation: readonly OmniDocRelation[] };
  readonly page_info: {
    readonly image_path: string;
    readonly page_attribute: Readonly<Record<string, unknown>>;
  };
}

interface OmniDocAnnotation {
  readonly anno_id: number;
  readonly category_type: string;
  readonly order?: number | null;
  readonly text?: string;
  readonly latex?: string;
  readonly html?: string;
  readonly attribute?: { readonly line?: string };
}

interface OmniDocRelation {
  readonly source_anno_id: number;
  readonly target_anno_id: number;
  readonly relation_type: string;
}

export interface TruthPart {
  readonly kind: "text" | "formula" | "table";
  /** Text or LaTeX, of a table its HTML. */
  readonly content: string;
  /** Place in the reading order, from 1; 0 where it has none. */
  readonly order: number;
  /** The benchmark's name for what it is. */
  readonly category: string;
  /** Of a table how much of it is ruled: `full_line`, `less_line`, `fewer_line` or `wireless_line`. */
  readonly lines?: string;
}

const SCORED = new Set(["text_block", "title", "code_txt", "code_txt_caption", "reference"]);
/** Found in the output they do no harm, but they are not scored. */
const IGNORED = new Set([
  "figure_caption",
  "figure_footnote",
  "table_caption",
  "table_footnote",
  "code_algorithm",
  "code_algorithm_caption",
  "equation_caption",
  "header",
  "footer",
  "page_footnote",
  "page_number",
]);

/** Captions, footnotes, running heads and the like. */
export function isIgnored({ category }: TruthPart): boolean {
  return IGNORED.has(category);
}

/**
 * All that is compared, in reading order. Texts that are marked as one, cut by a column or a figure, are joined.
 * Other categories, such as figures, masks and `abandon`, do not take part.
 */
export function truthParts(page: OmniDocPage): TruthPart[] {
  return joinTruncated(page)
    .flatMap(toPart)
    .sort((a, b) => a.order - b.order);
}

function toPart(annotation: OmniDocAnnotation): TruthPart[] {
  const { category_type: category, text = "", latex = "", html = "" } = annotation;
  const order = annotation.order ?? 0;
  if (SCORED.has(category) || IGNORED.has(category)) {
    return [{ kind: "text", content: text, order, category }];
  }
  if (category === "equation_isolated") {
    return splitFormula(latex).map((content) => ({ kind: "formula", content, order, category }));
  }
  if (category !== "table") return [];
  const lines = annotation.attribute?.line ?? "unknown";
  return [{ kind: "table", content: html, order, category, lines }];
}

function joinTruncated(page: OmniDocPage): OmniDocAnnotation[] {
  const byId = new Map(page.layout_dets.map((annotation) => [annotation.anno_id, annotation]));
  const groups: Set<number>[] = [];
  for (const { source_anno_id: source, target_anno_id: target, relation_type } of page.extra
    .relation) {
    if (relation_type !== "truncated") continue;
    const known = groups.find((group) => group.has(source) || group.has(target));
    if (known) known.add(source).add(target);
    else groups.push(new Set([source, target]));
  }
  const joined = groups.flatMap((group): OmniDocAnnotation[] => {
    const members = [...group]
      .flatMap((id) => byId.get(id) ?? [])
      .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
    const [first] = members;
    return first ? [{ ...first, text: members.map(({ text = "" }) => text).join("") }] : [];
  });
  const inGroups = new Set(groups.flatMap((group) => [...group]));
  return [...page.layout_dets.filter(({ anno_id }) => !inGroups.has(anno_id)), ...joined];
}
