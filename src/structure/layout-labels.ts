/** From the classes of PaddleX's layout models to types of blocks. */
import type { BlockType } from "../types.ts";

/** Of all three label sets: PP-DocLayoutV2 and V3, plus-L, and L, M, S. */
const TYPES: Readonly<Record<string, BlockType>> = {
  abstract: "abstract",
  algorithm: "algorithm",
  aside_text: "sidebar",
  chart: "chart",
  chart_title: "caption",
  content: "contents",
  display_formula: "formula",
  doc_title: "title",
  figure_title: "caption",
  footer: "footer",
  footer_image: "footer",
  footnote: "footnote",
  formula: "formula",
  formula_number: "formula-number",
  header: "header",
  header_image: "header",
  image: "figure",
  inline_formula: "inline-formula",
  number: "page-number",
  paragraph_title: "heading",
  reference: "reference",
  reference_content: "reference",
  seal: "seal",
  table: "table",
  table_title: "caption",
  text: "text",
  vertical_text: "text",
  // A source or remark under a figure or table: it belongs to that, not to the foot of the page.
  vision_footnote: "caption",
};

/** Classes that a manifest names and this does not are running text. */
export function blockTypeOf(label: string): BlockType {
  return TYPES[label] ?? "text";
}
