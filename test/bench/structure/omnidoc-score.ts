/** One page of OmniDocBench: distances of texts, formulas and reading order, and the scores of its tables. */
import { assign } from "./assignment.ts";
import { editDistance, normalizedDistance, sequenceLength } from "./edit-distance.ts";
import { cellTexts, serializeTable } from "./html-table.ts";
import { cutMarkdown, type Part } from "./omnidoc-markdown.ts";
import { type Match, matchIgnored, quickMatch } from "./omnidoc-match.ts";
import { cleanText, latexToText, normalizeFormula, normalizeText } from "./omnidoc-normalize.ts";
import { isIgnored, type OmniDocPage, type TruthPart, truthParts } from "./omnidoc-truth.ts";
import { scoreTable, type TableScore } from "./teds.ts";

/** A distance, summed over what was compared. */
export interface Distance {
  readonly edits: number;
  /** Length of the longer side. */
  readonly length: number;
}

export interface ComparedText extends Distance {
  readonly truth: string;
  readonly predicted: string;
}

export interface OmniDocScore {
  readonly texts: readonly ComparedText[];
  readonly formulas: readonly ComparedText[];
  /** Places of the texts in the truth's order against their order in the output. */
  readonly order: Distance;
  /** One score for each table of the truth, in reading order. */
  readonly tables: readonly RuledTableScore[];
}

export interface RuledTableScore extends TableScore {
  /** How much of the table is ruled, in the benchmark's words. */
  readonly lines: string;
}

/** A part of the output as it is compared. */
interface Line extends Part {
  readonly normalized: string;
}

interface TruthLine extends TruthPart {
  readonly normalized: string;
}

/** Edits over length, 0–1. @returns undefined where there was nothing to compare */
export function ratio(distances: readonly Distance[]): number | undefined {
  const length = distances.reduce((sum, distance) => sum + distance.length, 0);
  if (length === 0) return undefined;
  return distances.reduce((sum, distance) => sum + distance.edits, 0) / length;
}

/** Scores a page's Markdown against its annotations. */
export function scoreOmniDocPage(markdown: string, page: OmniDocPage): OmniDocScore {
  const parts = cutMarkdown(markdown);
  const truth = truthParts(page);
  const { tables, cells } = scoreTables(
    parts.filter(({ kind }) => kind === "table"),
    truth.filter(({ kind }) => kind === "table"),
  );
  // Formulas inside a text stand after all else: they are part of their text already.
  const isInline = ({ kind }: Part): number => (kind === "inline-formula" ? 1 : 0);
  const lines = [...parts.filter(({ kind }) => kind !== "table"), ...cells]
    .sort((a, b) => isInline(a) - isInline(b) || a.position - b.position)
    .map((part) => ({ ...part, normalized: normalize(part.kind, part.content) }))
    .filter(({ normalized }) => normalized !== "");
  const truthLines = truth
    .filter(({ kind }) => kind !== "table")
    .map((part) => ({ ...part, normalized: normalize(part.kind, part.content) }))
    .filter(({ normalized }) => normalized !== "");

  const ignored = truthLines.filter(isIgnored).map(({ normalized }) => normalized);
  const known = new Set(
    matchIgnored(
      ignored,
      lines.map(({ normalized }) => normalized),
    ),
  );
  const scored = truthLines.filter((part) => !isIgnored(part));
  const output = lines.filter((_, i) => !known.has(i));
  const matches = quickMatch(
    scored.map(({ normalized }) => normalized),
    output.map(({ normalized }) => normalized),
  );
  return { ...compareAll(matches, scored, output), tables };
}

function compareAll(
  matches: readonly Match[],
  truth: readonly TruthLine[],
  output: readonly Line[],
): Omit<OmniDocScore, "tables"> {
  const texts: ComparedText[] = [];
  const formulas: ComparedText[] = [];
  const found: { orders: number[]; position: number }[] = [];
  const wanted: number[] = [];
  for (const match of matches) {
    const wantedParts = match.truth.map((i) => truth[i] as TruthLine);
    const foundParts = match.predicted.map((i) => output[i] as Line);
    const predicted = foundParts.map(({ normalized }) => normalized).join("");
    const wantedText = wantedParts.map(({ normalized }) => normalized).join("");
    const kind = foundParts[0]?.kind ?? "formula";
    if (mostly(wantedParts) !== "equation_isolated") {
      texts.push(compare(wantedText, predicted));
      const orders = wantedParts.map(({ order }) => order).filter((order) => order > 0);
      wanted.push(...orders);
      if (foundParts[0]) found.push({ orders, position: foundParts[0].position });
    } else if (kind === "text") {
      // A formula that was read as a text is compared as one.
      const asText = wantedParts.map(({ content }) => latexToText(content)).join("");
      texts.push(compare(cleanText(asText), predicted));
    } else {
      formulas.push(compare(wantedText, predicted));
    }
  }
  wanted.sort((a, b) => a - b);
  const read = found.sort((a, b) => a.position - b.position).flatMap(({ orders }) => orders);
  const length = Math.max(wanted.length, read.length);
  return { texts, formulas, order: { edits: editDistance(wanted, read), length } };
}

function compare(truth: string, predicted: string): ComparedText {
  const length = Math.max(sequenceLength(truth), sequenceLength(predicted));
  return { truth, predicted, edits: editDistance(truth, predicted), length };
}

/** The most frequent category, of equals the first. */
function mostly(parts: readonly TruthPart[]): string {
  const counts = new Map<string, number>();
  for (const { category } of parts) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

function normalize(kind: Part["kind"], content: string): string {
  return kind === "text" ? normalizeText(content) : normalizeFormula(content);
}

/** Tables are paired by their HTML. The cells of tables that no truth stands for are texts. */
function scoreTables(
  found: readonly Part[],
  truth: readonly TruthPart[],
): { tables: RuledTableScore[]; cells: Part[] } {
  // A page without tables has none to compare with: the benchmark leaves what was found out.
  if (truth.length === 0) return { tables: [], cells: [] };
  const html = found.map(({ content }) => serializeTable(content));
  const costs = truth.map(({ content }) => {
    const wanted = serializeTable(content);
    return html.map((other) => normalizedDistance(wanted, other));
  });
  const partners = assign(costs);
  const tables = truth.map(({ content, lines = "unknown" }, i) => ({
    ...scoreTable(found[partners[i] as number]?.content ?? "", content),
    lines,
  }));
  const cells = found.flatMap((part, i) =>
    partners.includes(i)
      ? []
      : cellTexts(part.content).map((content): Part => ({ ...part, kind: "text", content })),
  );
  return { tables, cells };
}
