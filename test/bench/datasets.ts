/** Pages with ground truth from the shared folder. The data is for research and is never shipped. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A text with its axis-aligned box in image pixels: a word in FUNSD, a line in SROIE. */
export interface TruthBox {
  text: string;
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export interface TruthPage {
  /** File name without extension. */
  name: string;
  /** Path of the encoded image. */
  image: string;
  truth: TruthBox[];
}

export const SET_NAMES = ["funsd", "sroie"] as const;
export type SetName = (typeof SET_NAMES)[number];

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** The shared folder: GLYPHPOOL_SHARED, or `shared` beside the repository. */
export function sharedFolder(): string {
  const folder = process.env["GLYPHPOOL_SHARED"] ?? resolve(REPOSITORY, "../shared");
  if (!existsSync(join(folder, "data"))) {
    throw new Error(
      `No data in ${folder}. The benchmark needs the shared folder with data/ and models/: ` +
        "put it beside the repository or set GLYPHPOOL_SHARED to its path.",
    );
  }
  return folder;
}

/** The pages of a set in the order of their names, at most `limit` of them. */
export function loadSet(
  set: SetName,
  limit: number = Infinity,
  shared: string = sharedFolder(),
): TruthPage[] {
  const read = READERS[set];
  const pages = read(shared);
  if (pages.length === 0) throw new Error(`The set ${set} has no pages in ${shared}.`);
  return pages.slice(0, limit);
}

const READERS: Record<SetName, (shared: string) => TruthPage[]> = {
  funsd: readFunsd,
  sroie: readSroie,
};

function readFunsd(shared: string): TruthPage[] {
  return readFolder(
    join(shared, "data/funsd_test/annotations"),
    join(shared, "data/funsd_test/images"),
    ".json",
    ".png",
    parseFunsd,
  );
}

function readSroie(shared: string): TruthPage[] {
  return readFolder(
    join(shared, "data/sroie_subset/box"),
    join(shared, "data/sroie_subset/img"),
    ".csv",
    ".jpg",
    parseSroie,
  );
}

function readFolder(
  truthFolder: string,
  imageFolder: string,
  truthExtension: string,
  imageExtension: string,
  parse: (text: string) => TruthBox[],
): TruthPage[] {
  return readdirSync(truthFolder)
    .filter((file) => extname(file) === truthExtension)
    .sort()
    .map((file) => {
      const name = basename(file, truthExtension);
      return {
        name,
        image: join(imageFolder, name + imageExtension),
        truth: parse(readFileSync(join(truthFolder, file), "utf8")),
      };
    });
}

/** FUNSD: `form[].words[]` with `box: [x0, y0, x1, y1]` and `text`. */
export function parseFunsd(json: string): TruthBox[] {
  const { form } = JSON.parse(json) as {
    form: { words: { box: [number, number, number, number]; text: string }[] }[];
  };
  return form.flatMap(({ words }) =>
    words.map(({ text, box: [x0, y0, x1, y1] }) => ({ text, x0, y0, x1, y1 })),
  );
}

/** SROIE: lines of `x1,y1,…,x4,y4,text`; the text may hold commas. */
export function parseSroie(csv: string): TruthBox[] {
  const boxes: TruthBox[] = [];
  for (const line of csv.split(/\r?\n/)) {
    const match = /^\s*((?:-?\d+,){8})(.*)$/.exec(line);
    if (!match) continue;
    const numbers = match[1]!.split(",").slice(0, 8).map(Number);
    const xs = numbers.filter((_, i) => i % 2 === 0);
    const ys = numbers.filter((_, i) => i % 2 === 1);
    boxes.push({
      text: match[2]!,
      x0: Math.min(...xs),
      y0: Math.min(...ys),
      x1: Math.max(...xs),
      y1: Math.max(...ys),
    });
  }
  return boxes;
}
