/**
 * Prints the pages of the corpus with Chromium, and writes down what is true of them.
 *
 *   npm run corpus -- [--seeds 6] [--out FOLDER]
 *
 * Odd seeds are for writing rules, even ones for reporting; see README.md.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { findChromium } from "../chromium.ts";
import type { Template } from "./parts.ts";
import { Seeded } from "./seeded.ts";
import { SEEN } from "./seen.ts";
import { type DomPage, domPage } from "./dom-page.ts";
import type { TruthLine, TruthPage } from "./truth.ts";
import { UNSEEN } from "./unseen.ts";

/** Pixels of the picture for each pixel of CSS: 144 dpi. */
const SCALE = 1.5;
/** A detector cuts a row where words stand further apart, in heights. */
const LEAST_CUT = 1;

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "6" },
      out: { type: "string", default: fileURLToPath(new URL("../out/corpus", import.meta.url)) },
    },
  });
  mkdirSync(values.out, { recursive: true });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
  try {
    const view = { viewport: { width: 794, height: 1123 }, deviceScaleFactor: SCALE };
    const page = await (await browser.newContext(view)).newPage();
    const print = async (template: Template, seen: boolean, seed: number): Promise<void> => {
      await page.setContent(template.html(new Seeded(seed * 31 + template.kind.length)));
      const name = join(values.out, `${template.kind.replaceAll(" ", "-")}-${seed}`);
      writeFileSync(`${name}.png`, await page.screenshot());
      const truth = truthOf(await page.evaluate(domPage), template.kind, seen, seed);
      writeFileSync(`${name}.json`, JSON.stringify(truth));
    };
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      for (const template of SEEN) await print(template, true, seed);
      for (const template of UNSEEN) await print(template, false, seed);
    }
  } finally {
    await browser.close();
  }
  return 0;
}

function truthOf({ blocks, words }: DomPage, kind: string, seen: boolean, seed: number): TruthPage {
  const r = new Seeded(seed);
  const lines: TruthLine[] = [];
  type Box = DomPage["words"][number]["box"];
  const rows: { box: Box; words: DomPage["words"][number][] }[] = [];
  for (const word of words.toSorted((a, b) => a.box[1] - b.box[1] || a.box[0] - b.box[0])) {
    const [left, top, right, bottom] = word.box;
    const height = bottom - top;
    const row = rows.find(({ box }) => {
      const shared = Math.min(box[3], bottom) - Math.max(box[1], top);
      const low = Math.min(box[3] - box[1], height);
      const gap = Math.max(left - box[2], box[0] - right);
      return shared > 0.6 * low && gap <= LEAST_CUT * low && box[3] - box[1] < 1.6 * height;
    });
    if (!row) rows.push({ box: word.box, words: [word] });
    else {
      row.words.push(word);
      const [a, b, c, d] = row.box;
      row.box = [Math.min(a, left), Math.min(b, top), Math.max(c, right), Math.max(d, bottom)];
    }
  }
  for (const { box, words: own } of rows) {
    const sorted = own.toSorted((a, b) => a.box[0] - b.box[0]);
    const shift = (): number => (r.next() - 0.5) * 0.06 * (box[3] - box[1]);
    const quad = ([a, b, c, d]: Box): TruthLine["polygon"] => {
      const [l, t, q, u] = [a, b, c, d].map((value) => (value + shift()) * SCALE) as unknown as [
        number,
        number,
        number,
        number,
      ];
      return [
        [l, t],
        [q, t],
        [q, u],
        [l, u],
      ];
    };
    lines.push({
      text: sorted.map(({ text }) => text).join(" "),
      polygon: quad(box),
      words: sorted.map(({ text, box: place, block }) => ({ text, polygon: quad(place), block })),
    });
  }
  const scaled = blocks.map((block) => ({
    ...block,
    box: block.box.map((v) => v * SCALE) as unknown as Box,
  }));
  return { kind, seen, seed, blocks: scaled, lines };
}
