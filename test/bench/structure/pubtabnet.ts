/** PubTabNet: images of tables and their HTML. */
import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { sharedFolder } from "../datasets.ts";
import { formatTable, rate } from "./report.ts";
import { scoreTable, type TableScore } from "./teds.ts";

export interface PubTabNetEntry {
  readonly name: string;
  readonly image: string;
  readonly html: string;
}

/** One line of PubTabNet's JSON: the tags of the structure, and for each cell what stands inside. */
export interface PubTabNetLine {
  readonly filename: string;
  readonly html: {
    readonly cells: readonly { readonly tokens: readonly string[] }[];
    readonly structure: { readonly tokens: readonly string[] };
  };
}

export function loadPubTabNet(shared: string = sharedFolder()): PubTabNetEntry[] {
  const folder = join(shared, "data/pubtabnet_examples");
  return readFileSync(join(folder, "PubTabNet_Examples.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((text) => {
      const line = JSON.parse(text) as PubTabNetLine;
      const file = line.filename;
      return { name: basename(file, extname(file)), image: join(folder, file), html: toHtml(line) };
    });
}

/** The cells stand before their closing tags. */
export function toHtml({ html }: PubTabNetLine): string {
  let cell = 0;
  const parts = html.structure.tokens.map((token) => {
    if (token !== "</td>") return token;
    const content = html.cells[cell++]?.tokens.join("") ?? "";
    return content + token;
  });
  return `<table>${parts.join("")}</table>`;
}

export interface PubTabNetScore {
  readonly name: string;
  /** As PubTabNet's metric: sections and tags inside cells count. */
  readonly strict: TableScore;
  /** As OmniDocBench compares tables: sections and scripts do not. */
  readonly lenient: TableScore;
}

export function scorePubTabNet(entry: PubTabNetEntry, predicted: string): PubTabNetScore {
  return {
    name: entry.name,
    strict: scoreTable(predicted, entry.html, "pubtabnet"),
    lenient: scoreTable(predicted, entry.html, "omnidocbench"),
  };
}

/** A row for each table and their mean. */
export function formatPubTabNet(scores: readonly PubTabNetScore[]): string {
  const numbers = ({ strict, lenient }: PubTabNetScore): number[] => [
    strict.teds,
    strict.structure,
    lenient.teds,
    lenient.structure,
  ];
  const all = scores.map(numbers);
  const mean = (c: number): number =>
    all.reduce((sum, row) => sum + (row[c] as number), 0) / all.length;
  return formatTable(
    ["table", "TEDS", "TEDS-S", "TEDS, OmniDocBench", "TEDS-S, OmniDocBench"],
    [
      ...scores.map((score) => [score.name, ...numbers(score).map(rate)]),
      [`all ${scores.length} tables`, ...[0, 1, 2, 3].map((c) => rate(mean(c)))],
    ],
  );
}
