/**
 * How well is the structure of pages and tables found?
 *
 *   npm run bench:structure -- [--set omnidocbench,pubtabnet,publaynet] [--models FOLDER] [--only TEXT]
 *     [--save FOLDER | --predictions FOLDER] [--differences]
 *
 * The engine reads the sets, unless there are predictions; --save keeps what it read. --only takes the pages whose
 * names hold the text, --differences prints the texts that are not the same.
 */
import { parseArgs } from "node:util";
import { engineReader } from "./engine-reader.ts";
import { formatOmniDoc, loadOmniDoc, type NamedScore } from "./omnidoc-set.ts";
import { scoreOmniDocPage } from "./omnidoc-score.ts";
import { folderReader, type Reader, savingReader } from "./predictions.ts";
import { blockRegions, formatPubLayNet, loadPubLayNet, scoreRegions } from "./publaynet.ts";
import { formatPubTabNet, loadPubTabNet, scorePubTabNet } from "./pubtabnet.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    set: { type: "string", default: "omnidocbench,pubtabnet,publaynet" },
    models: { type: "string" },
    save: { type: "string" },
    predictions: { type: "string" },
    only: { type: "string", default: "" },
    differences: { type: "boolean", default: false },
  },
});
const isWanted = ({ name }: { readonly name: string }): boolean => name.includes(values.only);

async function omnidocbench(reader: Reader): Promise<string> {
  const scores: NamedScore[] = [];
  for (const { name, image, page } of loadOmniDoc().filter(isWanted)) {
    const score = scoreOmniDocPage(await reader.markdown(name, image), page);
    scores.push({ name, score });
    if (!values.differences) continue;
    for (const { edits, length, truth, predicted } of [...score.texts, ...score.formulas]) {
      if (edits > 0) console.log(`${name}: ${edits} of ${length}\n  - ${truth}\n  + ${predicted}`);
    }
  }
  return formatOmniDoc(scores);
}

async function pubtabnet(reader: Reader): Promise<string> {
  const scores = [];
  for (const entry of loadPubTabNet().filter(isWanted)) {
    scores.push(scorePubTabNet(entry, await reader.tableHtml(entry.name, entry.image)));
  }
  return formatPubTabNet(scores);
}

async function publaynet(reader: Reader): Promise<string> {
  const scores = [];
  for (const { name, image, truth } of loadPubLayNet().filter(isWanted)) {
    scores.push(scoreRegions(blockRegions(await reader.blocks(name, image)), truth));
  }
  return formatPubLayNet(scores);
}

const SETS: Readonly<Record<string, (reader: Reader) => Promise<string>>> = {
  omnidocbench,
  pubtabnet,
  publaynet,
};

async function main(source: Reader): Promise<void> {
  const reader = values.save === undefined ? source : savingReader(source, values.save);
  for (const name of values.set.split(",")) {
    const score = SETS[name];
    if (!score) {
      throw new Error(`There is no set ${name}; there are ${Object.keys(SETS).join(", ")}.`);
    }
    console.log(`${name}\n${await score(reader)}\n`);
  }
}

if (values.predictions === undefined) {
  await using engine = await engineReader(values.models);
  await main(engine);
} else {
  await main(folderReader(values.predictions));
}
