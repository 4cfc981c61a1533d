/**
 * Word recall by the size of the picture and of its letters, of single characters, and of whole sets.
 *
 * deno run -A test/bench/variants/deno.ts [--models PRESET|FOLDER] [--seeds seen|unseen] [--only TEXT]
 *   [--what cells,characters,funsd,sroie] [--pages N] [--misses]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { readFileSync } from "node:fs";
import { createEngine } from "../../../src/index.ts";
import type { ImageInput, Page } from "../../../src/index.ts";
import { loadSet, type SetName } from "../datasets.ts";
import { aggregate, scorePage, type Score } from "../score.ts";
import { type Cell, draw, drawCharacter, type Drawn } from "./draw.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    models: { type: "string", default: "embedded" },
    seeds: { type: "string", default: "seen" },
    only: { type: "string", default: "" },
    what: { type: "string", default: "cells,characters" },
    pages: { type: "string", default: "50" },
    misses: { type: "boolean", default: false },
  },
});

const SIZES: readonly (readonly [width: number, height: number])[] = [
  [200, 200],
  [420, 70],
  [300, 19_000],
  [600, 4800],
  [640, 480],
  [1100, 1500],
  [1080, 9000],
  [2480, 3508],
  [4000, 3000],
  [5800, 93],
  [7000, 5000],
  [40_000, 400],
];
const LETTERS = [8, 12, 18, 32, 64, 150, 400];

/** Where the letters are neither specks nor larger than a picture can hold words. */
function fits([width, height]: readonly [number, number], letter: number): boolean {
  return letter * 1.25 <= height && letter * 6 <= width && Math.max(width, height) <= letter * 1600;
}

const engine = await createEngine({
  backend: "wasm",
  workers: 1,
  models: values.models,
  limits: { maxSide: 50_000 },
  deadline: 0,
});

async function timed(input: ImageInput): Promise<{ page: Page; ms: number; cpu: number }> {
  const before = process.cpuUsage();
  const start = performance.now();
  const page = await engine.read(input);
  const { user, system } = process.cpuUsage(before);
  return { page, ms: performance.now() - start, cpu: (user + system) / 1000 };
}

const percent = (value: number): string => (100 * value).toFixed(1).padStart(5);

function report(name: string, scores: readonly Score[], cpu: number, ms: number): void {
  const { recall, precision, truth } = aggregate(scores);
  const { length } = scores;
  console.log(
    `${name.padEnd(28)} recall ${percent(recall)} precision ${percent(precision)} of ${String(truth).padStart(5)} ` +
      `cpu ${(cpu / length).toFixed(0).padStart(6)} ms wall ${(ms / length).toFixed(0).padStart(6)} ms`,
  );
}

async function cells(): Promise<void> {
  const seed = values.seeds === "unseen" ? 7001 : 1;
  for (const size of SIZES) {
    for (const letter of LETTERS.filter((each) => fits(size, each))) {
      const [width, height] = size;
      const name = `${width}x${height} ${letter}px`;
      if (!name.includes(values.only)) continue;
      const scores: Score[] = [];
      let [cpu, ms] = [0, 0];
      for (const dark of [false, true]) {
        const cell: Cell = { width, height, letter, dark };
        const picture = draw(cell, seed + width * 31 + height * 17 + letter * 3 + Number(dark));
        if (picture.truth.length === 0) continue;
        const result = await timed(picture);
        scores.push(scorePage(picture.truth, [result.page.text]));
        cpu += result.cpu;
        ms += result.ms;
        if (values.misses) console.log(result.page.text.slice(0, 300), result.page.warnings ?? "");
      }
      if (scores.length > 0) report(name, scores, cpu, ms);
    }
  }
}

const CHARACTERS = Array.from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
/** Letters that cannot be told apart when they stand alone. */
const SAME: readonly string[] = [
  "0Oo",
  "1lI|",
  "Cc",
  "Kk",
  "Pp",
  "Ss",
  "Uu",
  "Vv",
  "Ww",
  "Xx",
  "Zz",
];

function isRight(read: string, wanted: string): boolean {
  if (read === wanted) return true;
  return SAME.some((group) => group.includes(wanted) && read.length === 1 && group.includes(read));
}

async function characters(): Promise<void> {
  const letter = values.seeds === "unseen" ? 53 : 64;
  const font = values.seeds === "unseen" ? "DejaVu Serif" : "DejaVu Sans";
  for (const [name, margin, dark] of [
    ["tight light", 2, false],
    ["tight dark", 2, true],
    ["loose light", 60, false],
    ["loose dark", 60, true],
  ] as const) {
    let [right, exact, cpu] = [0, 0, 0];
    const wrong: string[] = [];
    for (const text of CHARACTERS) {
      const picture: Drawn = drawCharacter(text, letter, margin, dark, font);
      const result = await timed(picture);
      cpu += result.cpu;
      if (result.page.text === text) exact++;
      if (isRight(result.page.text, text)) right++;
      else wrong.push(`${text}→${result.page.text.replaceAll("\n", "/")}`);
    }
    const of = CHARACTERS.length;
    console.log(
      `${name.padEnd(12)} right ${right} of ${of} (exact ${exact}) cpu ${(cpu / of).toFixed(0)} ms; ${wrong.join(" ")}`,
    );
  }
}

async function sets(name: SetName): Promise<void> {
  const scores: Score[] = [];
  let [cpu, ms] = [0, 0];
  // Without a page of warm-up the first one would pay for the start.
  const pages = loadSet(name, Number(values.pages));
  for (const [i, { image, truth }] of [pages[0] as (typeof pages)[0], ...pages].entries()) {
    const result = await timed(readFileSync(image));
    if (i === 0) continue;
    scores.push(
      scorePage(
        truth.map(({ text }) => text),
        [result.page.text],
      ),
    );
    cpu += result.cpu;
    ms += result.ms;
  }
  report(name, scores, cpu, ms);
}

for (const what of values.what.split(",")) {
  if (what === "cells") await cells();
  else if (what === "characters") await characters();
  else await sets(what as SetName);
}
await engine.close();
