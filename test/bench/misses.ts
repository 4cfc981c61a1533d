/**
 * Where recall and precision go: every missed token of the ground truth and every output token too much
 * is put into one class, with the commonest examples.
 *
 *   npx deno run -A test/bench/misses.ts --set funsd out.jsonl [--against peer.jsonl]… [--pages 8] [--examples 12]
 *
 * The input has one line per page: {"file", "lines": [{"text", "polygon"}]}.
 * --against adds how many of the missed tokens another engine's output has at the same place.
 */
import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { parseArgs } from "node:util";
import type { BenchLine } from "./adapters/adapter.ts";
import { alignPage, type AlignedPage } from "./align.ts";
import { loadSet, SET_NAMES, type SetName, type TruthPage } from "./datasets.ts";
import { classifyExtra, classifyMiss, pickExtra, pickMissed, type Finding } from "./findings.ts";
import { groupBy } from "./group.ts";
import { aggregate, scorePage, type Score } from "./score.ts";

interface Analysis {
  score: Score;
  misses: Finding[];
  extras: Finding[];
}

export function main(args: string[]): void {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      set: { type: "string" },
      pages: { type: "string", default: "Infinity" },
      examples: { type: "string", default: "12" },
      against: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  const set = SET_NAMES.find((name) => name === values.set);
  const [file] = positionals;
  if (!set || !file)
    throw new Error(`usage: misses.ts --set ${SET_NAMES.join("|")} <output.jsonl>`);
  const analysis = analyse(
    set,
    Number(values.pages),
    readOutput(file),
    values.against.map(readOutput),
  );
  if (values.json) console.log(JSON.stringify(analysis, undefined, 1));
  else console.log(format(analysis, Number(values.examples), values.against.length > 0));
}

type Output = Map<string, BenchLine[]>;

/** Pages by name; a polygon may be points or a flat list. */
function readOutput(file: string): Output {
  const pages: Output = new Map();
  for (const row of readFileSync(file, "utf8").split("\n")) {
    if (row.trim() === "") continue;
    const page = JSON.parse(row) as { file: string; lines: BenchLine[] };
    pages.set(pageName(page.file), page.lines);
  }
  return pages;
}

function pageName(file: string): string {
  return basename(file, extname(file));
}

function analyse(set: SetName, limit: number, output: Output, others: Output[]): Analysis {
  const pages = loadSet(set, limit).filter(({ name }) => output.has(name));
  if (pages.length === 0) throw new Error(`The output has no page of ${set}.`);
  const results = pages.map((page) => analysePage(page, output.get(page.name)!, others));
  return {
    score: aggregate(results.map(({ score }) => score)),
    misses: results.flatMap(({ misses }) => misses),
    extras: results.flatMap(({ extras }) => extras),
  };
}

function analysePage(page: TruthPage, lines: BenchLine[], others: Output[]): Analysis {
  const aligned = alignPage(page.truth, lines);
  const elsewhere = others.map((other) =>
    exactTokens(alignPage(page.truth, other.get(page.name) ?? [])),
  );
  const missed = pickMissed(aligned);
  return {
    score: scorePage(
      page.truth.map(({ text }) => text),
      lines.map(({ text }) => text),
    ),
    misses: missed.map((token) => ({
      ...classifyMiss(token, aligned, page.name),
      elsewhere: elsewhere.some((found) => found[aligned.truth.indexOf(token)]),
    })),
    extras: pickExtra(aligned).map((token) => classifyExtra(token, page)),
  };
}

function exactTokens({ truth }: AlignedPage): boolean[] {
  return truth.map(({ reading }) => reading?.exact ?? false);
}

function format({ score, misses, extras }: Analysis, examples: number, against: boolean): string {
  return [
    `recall ${score.recall.toFixed(4)} (${score.matched} of ${score.truth}), ` +
      `precision ${score.precision.toFixed(4)} (${score.matched} of ${score.output})`,
    "",
    `missed: ${misses.length}`,
    ...formatClasses(misses, score.truth, examples, against),
    `too much: ${extras.length}`,
    ...formatClasses(extras, score.output, examples, false),
  ].join("\n");
}

function formatClasses(
  findings: Finding[],
  total: number,
  examples: number,
  against: boolean,
): string[] {
  const classes = [...groupBy(findings, ({ kind }) => kind)];
  classes.sort(([, a], [, b]) => b.length - a.length);
  return classes.flatMap(([kind, members]) => {
    const share = ((100 * members.length) / total).toFixed(2);
    const others = members.filter(({ elsewhere }) => elsewhere).length;
    return [
      `  ${kind}: ${members.length} (${share} %)${against ? `, read by another engine: ${others}` : ""}`,
      ...commonest(members, examples).map((line) => `      ${line}`),
      "",
    ];
  });
}

function commonest(findings: Finding[], limit: number): string[] {
  const groups = [...groupBy(findings, ({ wanted, got }) => `${wanted} → ${got}`)];
  groups.sort(([, a], [, b]) => b.length - a.length);
  return groups.slice(0, limit).map(([text, members]) => {
    const places = [...new Set(members.map(({ page }) => page))].slice(0, 3).join(" ");
    return `${members.length} × ${text}   [${places}]`;
  });
}

if (import.meta.main) main(process.argv.slice(2));
