/** Puts the tokens of the ground truth beside the characters that an engine read at the same place. */
import type { BenchLine } from "./adapters/adapter.ts";
import { groupBy } from "./group.ts";
import type { TruthBox } from "./datasets.ts";
import { TOKEN } from "./score.ts";

export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** A token of a text, with the place that its characters take in the text's box. */
export interface Token {
  text: string;
  box: Box;
  /** What lies between this token and the next one of the same row: nothing, spaces or other characters. */
  gap: string;
}

export interface TruthToken extends Token {
  source: TruthBox;
  /** Share of the token's box that output polygons cover together. */
  covered: number;
  /** What was read there; undefined where no polygon covers the place. */
  reading?: Reading;
}

export interface Reading {
  /** The output characters that align with the token, spaces and punctuation included. */
  text: string;
  /** Edits between the token and those characters. */
  distance: number;
  /** The token is a token of the output, too. */
  exact: boolean;
  /** The row of output lines that holds it. */
  row: OutputRow;
}

export interface OutputToken extends Token {
  line: BenchLine;
  /** The truth tokens that share characters with it. */
  partners: TruthToken[];
  exact: boolean;
}

/** Output lines that one word of the truth spans, side by side; usually a single line. */
export interface OutputRow {
  lines: BenchLine[];
  tokens: OutputToken[];
}

export interface AlignedPage {
  truth: TruthToken[];
  output: OutputToken[];
}

/** Less than this of a token's box under a polygon counts as not touched. */
export const TOUCHED = 0.1;
const GRID_X = 12;
const GRID_Y = 6;

export function alignPage(truth: TruthBox[], lines: BenchLine[]): AlignedPage {
  const truthTokens: TruthToken[] = truth.flatMap((source) =>
    splitTokens(source.text, source).map((token) => ({ ...token, source, covered: 0 })),
  );
  const rows = groupLines(truthTokens, lines);
  const assigned = new Map<OutputRow, TruthToken[]>();
  for (const token of truthTokens) {
    token.covered = coverage(token.box, lines);
    let best: OutputRow | undefined;
    let bestShare = TOUCHED;
    for (const row of rows) {
      const share = coverage(token.box, row.lines);
      if (share >= bestShare) [best, bestShare] = [row, share];
    }
    if (best) assigned.set(best, [...(assigned.get(best) ?? []), token]);
  }
  for (const [row, tokens] of assigned) alignRow(row, inReadingOrder(tokens));
  return { truth: truthTokens, output: rows.flatMap(({ tokens }) => tokens) };
}

export function splitTokens(text: string, box: Box): Token[] {
  const upper = text.toUpperCase();
  const matches = [...upper.matchAll(TOKEN)];
  const scale = (box.x1 - box.x0) / Math.max(1, upper.length);
  return matches.map((match, i) => ({
    text: match[0],
    box: {
      x0: box.x0 + match.index * scale,
      x1: box.x0 + (match.index + match[0].length) * scale,
      y0: box.y0,
      y1: box.y1,
    },
    gap: upper.slice(match.index + match[0].length, matches[i + 1]?.index ?? upper.length),
  }));
}

/** Share of the box that lies under the lines' polygons. */
export function coverage(box: Box, lines: BenchLine[]): number {
  const near = lines.filter(({ polygon }) => polygon && overlaps(boxOf(polygon), box));
  if (near.length === 0) return 0;
  let inside = 0;
  for (let i = 0; i < GRID_X; i++) {
    for (let j = 0; j < GRID_Y; j++) {
      const x = box.x0 + ((i + 0.5) / GRID_X) * (box.x1 - box.x0);
      const y = box.y0 + ((j + 0.5) / GRID_Y) * (box.y1 - box.y0);
      if (near.some(({ polygon }) => contains(polygon!, x, y))) inside++;
    }
  }
  return inside / (GRID_X * GRID_Y);
}

export function boxOf(polygon: number[][]): Box {
  const xs = polygon.map(([x]) => x!);
  const ys = polygon.map(([, y]) => y!);
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

export function overlaps(a: Box, b: Box): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

function contains(polygon: number[][], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i] as [number, number];
    const [bx, by] = polygon[j] as [number, number];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Joins lines of one height that share a word of the truth. */
function groupLines(truth: TruthToken[], lines: BenchLine[]): OutputRow[] {
  const parent = lines.map((_, i) => i);
  const root = (i: number): number => (parent[i] === i ? i : root(parent[i]!));
  const boxes = lines.map(({ polygon }) => boxOf(polygon ?? []));
  for (const { box } of truth) {
    const touching = lines
      .map((line, i) => ({ i, share: overlaps(boxes[i]!, box) ? coverage(box, [line]) : 0 }))
      .filter(({ share }) => share >= TOUCHED)
      .map(({ i }) => i);
    for (const i of touching.slice(1)) {
      if (sameRow(boxes[touching[0]!]!, boxes[i]!)) parent[root(i)] = root(touching[0]!);
    }
  }
  const members = groupBy(lines.keys(), root);
  return [...members.values()].map((indices) => {
    const row = indices.toSorted((a, b) => boxes[a]!.x0 - boxes[b]!.x0).map((i) => lines[i]!);
    const tokens = row.flatMap((line) =>
      splitTokens(line.text, boxOf(line.polygon ?? [])).map((token): OutputToken => ({
        ...token,
        line,
        partners: [],
        exact: false,
      })),
    );
    return { lines: row, tokens };
  });
}

function sameRow(a: Box, b: Box): boolean {
  const height = Math.min(a.y1 - a.y0, b.y1 - b.y0);
  return Math.abs(a.y0 + a.y1 - b.y0 - b.y1) / 2 < height / 2;
}

/** Rows from top to bottom, each from left to right. */
function inReadingOrder(tokens: TruthToken[]): TruthToken[] {
  const rows: TruthToken[][] = [];
  for (const token of tokens.toSorted((a, b) => a.box.y0 + a.box.y1 - b.box.y0 - b.box.y1)) {
    const row = rows.at(-1);
    if (row && sameRow(row[0]!.box, token.box)) row.push(token);
    else rows.push([token]);
  }
  return rows.flatMap((row) => row.toSorted((a, b) => a.box.x0 - b.box.x0));
}

function alignRow(row: OutputRow, truth: TruthToken[]): void {
  const wanted = characters(truth);
  const given = characters(row.tokens);
  const owners = ownersOf(given, wanted);
  truth.forEach((token, place) => {
    const first = owners.indexOf(place);
    const span = first < 0 ? [] : given.slice(first, owners.lastIndexOf(place) + 1);
    const read = span.map(({ char }) => char).join("");
    const tokens = [...new Set(span.map(({ token: index }) => index))].map((i) => row.tokens[i]!);
    const exact = tokens.length === 1 && tokens[0]!.text === token.text && read === token.text;
    token.reading = {
      text: spanText(row.tokens, span),
      distance: editDistance(token.text, read),
      exact,
      row,
    };
    for (const partner of tokens) {
      partner.partners.push(token);
      if (exact) partner.exact = true;
    }
  });
}

/** For every output character the truth token that it stands for, or -1. */
function ownersOf(given: Character[], wanted: Character[]): number[] {
  const owners = given.map(() => -1);
  const pairs = alignCharacters(
    wanted.map(({ char }) => char),
    given.map(({ char }) => char),
  );
  for (const [i, j] of pairs) {
    if (i !== undefined && j !== undefined) owners[j] = wanted[i]!.token;
  }
  // A character too much belongs to the word that it sticks to.
  const adopt = (j: number, neighbour: number): void => {
    if (owners[j] === -1 && given[j]!.token === given[neighbour]?.token)
      owners[j] = owners[neighbour]!;
  };
  for (let j = 1; j < given.length; j++) adopt(j, j - 1);
  for (let j = given.length - 2; j >= 0; j--) adopt(j, j + 1);
  return owners;
}

interface Character {
  char: string;
  token: number;
}

function characters(tokens: Token[]): Character[] {
  return tokens.flatMap(({ text }, token) => Array.from(text).map((char) => ({ char, token })));
}

/** The span as it stands in the output, with what separates its tokens. */
function spanText(tokens: OutputToken[], span: Character[]): string {
  let text = "";
  span.forEach(({ char, token }, i) => {
    const previous = span[i - 1];
    if (previous && previous.token !== token) text += tokens[previous.token]!.gap || "|";
    text += char;
  });
  return text;
}

/** Levenshtein with its path: pairs of indices, undefined where one side has no counterpart. */
export function alignCharacters(
  a: readonly string[],
  b: readonly string[],
): [number | undefined, number | undefined][] {
  const width = b.length + 1;
  const cost = new Uint32Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j <= b.length; j++) {
      if (i === 0 || j === 0) cost[i * width + j] = i + j;
      else {
        cost[i * width + j] = Math.min(
          cost[(i - 1) * width + j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
          cost[(i - 1) * width + j]! + 1,
          cost[i * width + j - 1]! + 1,
        );
      }
    }
  }
  const pairs: [number | undefined, number | undefined][] = [];
  let i = a.length;
  let j = b.length;
  while (i > 0 || j > 0) {
    const here = cost[i * width + j]!;
    const swap = i > 0 && j > 0 && (a[i - 1] === b[j - 1] ? 0 : 1);
    if (swap !== false && here === cost[(i - 1) * width + j - 1]! + swap) pairs.push([--i, --j]);
    else if (i > 0 && here === cost[(i - 1) * width + j]! + 1) pairs.push([--i, undefined]);
    else pairs.push([undefined, --j]);
  }
  return pairs.toReversed();
}

export function editDistance(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  return alignCharacters(left, right).filter(
    ([i, j]) => i === undefined || j === undefined || left[i] !== right[j],
  ).length;
}
