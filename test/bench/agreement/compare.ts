/** How far two readings of the same image agree. */
import type { Point, Quad } from "../../../src/index.ts";
import { editDistance } from "../align.ts";
import type { Reading } from "./reader.ts";

type ReadLine = Reading["lines"][number];

/** Differences of one image, or of several added up. */
export interface Difference {
  /** Of the reference. */
  lines: number;
  /** Of the reference. */
  characters: number;
  /** Edits that turn the reference into the other; a line that one side lacks counts with all of it. */
  edits: number;
  /** Lines with the very same text. */
  equalLines: number;
  /** Lines of one side without a partner on the other. */
  alone: number;
  /** Readings whose lines come in the same order with the same texts. */
  equalReadings: number;
  /** Largest distance of two like corners, in x or y, in pixels of the page. */
  polygon: number;
  /** Largest difference of a line's confidence. */
  confidence: number;
  /** What differs, for people. */
  examples: string[];
}

/** Pairs lines by their places, so that a lost line does not count against its neighbours. */
export function compareReadings(reference: Reading, other: Reading): Difference {
  const difference = noDifference();
  difference.lines = reference.lines.length;
  const unpaired = new Set(other.lines);
  for (const line of reference.lines) {
    difference.characters += Array.from(line.text).length;
    const partner = nearest(line, unpaired);
    if (!partner) {
      addEdits(difference, line.text, "");
      difference.alone++;
      continue;
    }
    unpaired.delete(partner);
    addEdits(difference, line.text, partner.text);
    if (line.text === partner.text) difference.equalLines++;
    difference.polygon = Math.max(difference.polygon, cornerDistance(line, partner));
    difference.confidence = Math.max(
      difference.confidence,
      Math.abs(line.confidence - partner.confidence),
    );
  }
  for (const { text } of unpaired) {
    addEdits(difference, "", text);
    difference.alone++;
  }
  const same =
    reference.lines.length === other.lines.length &&
    reference.lines.every(({ text }, i) => text === other.lines[i]?.text);
  if (same) difference.equalReadings++;
  return difference;
}

export function addDifferences(all: Iterable<Difference>): Difference {
  const sum = noDifference();
  for (const one of all) {
    for (const key of ["lines", "characters", "edits", "equalLines"] as const) sum[key] += one[key];
    sum.alone += one.alone;
    sum.equalReadings += one.equalReadings;
    sum.polygon = Math.max(sum.polygon, one.polygon);
    sum.confidence = Math.max(sum.confidence, one.confidence);
    sum.examples.push(...one.examples);
  }
  return sum;
}

/** 1 − edits / characters; nothing compared is no agreement. */
export function agreement({ characters, edits }: Difference): number {
  return characters === 0 ? 0 : 1 - edits / characters;
}

function noDifference(): Difference {
  return {
    lines: 0,
    characters: 0,
    edits: 0,
    equalLines: 0,
    alone: 0,
    equalReadings: 0,
    polygon: 0,
    confidence: 0,
    examples: [],
  };
}

function addEdits(difference: Difference, expected: string, actual: string): void {
  if (expected === actual) return;
  difference.edits += editDistance(expected, actual);
  difference.examples.push(`${JSON.stringify(expected)} became ${JSON.stringify(actual)}`);
}

/** The line whose centre lies nearest, within half a line's height. */
function nearest(line: ReadLine, others: Iterable<ReadLine>): ReadLine | undefined {
  const [a, , , d] = line.polygon;
  let bound = distance(a, d) / 2;
  let best: ReadLine | undefined;
  for (const other of others) {
    const gap = distance(centre(line.polygon), centre(other.polygon));
    if (gap > bound) continue;
    bound = gap;
    best = other;
  }
  return best;
}

function cornerDistance({ polygon: a }: ReadLine, { polygon: b }: ReadLine): number {
  return Math.max(
    ...a.flatMap((corner, i) => corner.map((value, k) => Math.abs(value - b[i]![k]!))),
  );
}

function centre(quad: Quad): Point {
  const mean = (axis: 0 | 1): number => quad.reduce((sum, corner) => sum + corner[axis], 0) / 4;
  return [mean(0), mean(1)];
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
