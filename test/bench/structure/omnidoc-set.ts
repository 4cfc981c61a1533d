/** The pages of OmniDocBench's demo set in the shared folder, and their scores as a table. */
import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { sharedFolder } from "../datasets.ts";
import { type OmniDocScore, ratio } from "./omnidoc-score.ts";
import type { OmniDocPage } from "./omnidoc-truth.ts";
import { formatTable, rate } from "./report.ts";

export interface OmniDocEntry {
  readonly name: string;
  readonly image: string;
  readonly page: OmniDocPage;
}

/** All pages in the order of the benchmark. */
export function loadOmniDoc(shared: string = sharedFolder()): OmniDocEntry[] {
  const folder = join(shared, "data/omnidocbench_demo/omnidocbench_demo");
  const pages = JSON.parse(
    readFileSync(join(folder, "OmniDocBench_demo.json"), "utf8"),
  ) as OmniDocPage[];
  return pages.map((page) => {
    const file = basename(page.page_info.image_path);
    return { name: basename(file, extname(file)), image: join(folder, "images", file), page };
  });
}

export interface NamedScore {
  readonly name: string;
  readonly score: OmniDocScore;
}

/** Over all pages: distances are means of the pages that have any, scores of tables are means of tables. */
export interface OmniDocTotal {
  readonly text: number | undefined;
  readonly order: number | undefined;
  readonly formula: number | undefined;
  readonly teds: number | undefined;
  readonly structure: number | undefined;
}

export function omniDocTotal(scores: readonly OmniDocScore[]): OmniDocTotal {
  const tables = scores.flatMap((score) => score.tables);
  return {
    text: mean(scores.map(({ texts }) => ratio(texts))),
    order: mean(scores.map(({ order }) => ratio([order]))),
    formula: mean(scores.map(({ formulas }) => ratio(formulas))),
    teds: mean(tables.map(({ teds }) => teds)),
    structure: mean(tables.map(({ structure }) => structure)),
  };
}

/** A row for each page and one over all. */
export function formatOmniDoc(scores: readonly NamedScore[]): string {
  const row = (name: string, of: readonly OmniDocScore[]): string[] => {
    const { text, order, formula, teds, structure } = omniDocTotal(of);
    const count = (key: "texts" | "formulas" | "tables"): string =>
      String(of.reduce((sum, score) => sum + score[key].length, 0));
    return [
      name,
      ...[text, order].map(rate),
      count("texts"),
      rate(formula),
      count("formulas"),
      ...[teds, structure].map(rate),
      count("tables"),
    ];
  };
  const pages = formatTable(
    ["page", "text", "order", "texts", "formula", "formulas", "TEDS", "TEDS-S", "tables"],
    [
      ...scores.map(({ name, score }) => row(name, [score])),
      row(
        `all ${scores.length} pages`,
        scores.map(({ score }) => score),
      ),
    ],
  );
  return `${pages}\n\n${formatRuled(scores)}`;
}

/** The tables by how much of them is ruled. */
function formatRuled(scores: readonly NamedScore[]): string {
  const tables = scores.flatMap(({ score }) => score.tables);
  const kinds = [...new Set(tables.map(({ lines }) => lines))].sort();
  const rows = kinds.map((kind) => {
    const of = tables.filter(({ lines }) => lines === kind);
    const means = [mean(of.map(({ teds }) => teds)), mean(of.map(({ structure }) => structure))];
    return [kind, ...means.map(rate), String(of.length)];
  });
  return formatTable(["lines", "TEDS", "TEDS-S", "tables"], rows);
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, x) => sum + x, 0) / known.length;
}
