/** The classes of lost and superfluous tokens. */
import {
  boxOf,
  coverage,
  overlaps,
  TOUCHED,
  type AlignedPage,
  type Box,
  type OutputToken,
  type TruthToken,
} from "./align.ts";
import type { BenchLine } from "./adapters/adapter.ts";
import { groupBy } from "./group.ts";
import type { TruthBox, TruthPage } from "./datasets.ts";

export interface Finding {
  kind: string;
  page: string;
  wanted: string;
  got: string;
  /** Another engine has the token at this place. */
  elsewhere?: boolean;
}

/** Less of a word's box than this under polygons counts as badly cropped. */
const CROPPED = 0.7;
/** Two truth boxes that share more of their area than this are one text noted down twice. */
const DUPLICATE = 0.8;

/** As many tokens as the metric counts as missed, those without an exact reading at their place first. */
export function pickMissed({ truth, output }: AlignedPage): TruthToken[] {
  const loss = ({ reading }: TruthToken) =>
    !reading ? Infinity : reading.exact ? -1 : reading.distance;
  return surplus(truth, output, loss);
}

/** As many tokens as the metric counts as too much. */
export function pickExtra({ truth, output }: AlignedPage): OutputToken[] {
  const doubt = ({ exact, partners }: OutputToken) => (exact ? -1 : partners.length === 0 ? 1 : 0);
  return surplus(output, truth, doubt);
}

function surplus<T extends { text: string }>(
  all: T[],
  counterpart: { text: string }[],
  rank: (token: T) => number,
): T[] {
  const there = groupBy(counterpart, ({ text }) => text);
  return [...groupBy(all, ({ text }) => text)].flatMap(([text, tokens]) =>
    tokens
      .toSorted((a, b) => rank(b) - rank(a))
      .slice(0, Math.max(0, tokens.length - (there.get(text)?.length ?? 0))),
  );
}

export function classifyMiss(token: TruthToken, { truth }: AlignedPage, page: string): Finding {
  const kind = missKind(token, truth);
  const holders = holdersOf(token);
  const isMerged = holders.length === 1 && holders[0]!.partners.length > 1;
  return {
    kind,
    page,
    wanted: isMerged ? `${token.text} of "${joined(holders[0]!.partners)}"` : token.text,
    got: isMerged ? holders[0]!.text : (token.reading?.text ?? ""),
  };
}

function missKind(token: TruthToken, truth: TruthToken[]): string {
  const { source, reading, covered } = token;
  if (source.x1 - source.x0 < 2 || source.y1 - source.y0 < 2)
    return "ground truth: box without area";
  if (truth.some((other) => isDuplicate(token, other))) return "ground truth: noted down twice";
  if (!reading || covered < TOUCHED) return "not detected";
  if (isVertical(source) && reading.distance > 0) return "vertical text";
  if (reading.exact) return "read, but the token is missing elsewhere";
  if (reading.distance === 0) return spaceKind(token);
  if (covered < CROPPED) return "badly cropped: less than 70 % covered";
  if (isCutShort(token)) return "badly cropped: cut short at the line's end";
  if (reading.text === "") return "covered, but nothing read";
  return reading.distance === 1 ? "misread by one character" : "misread by more";
}

/** A word whose letters stand on top of each other or lie on their side. */
function isVertical({ text, x0, y0, x1, y1 }: TruthBox): boolean {
  return text.length >= 3 && y1 - y0 > 1.5 * (x1 - x0);
}

function isDuplicate(token: TruthToken, other: TruthToken): boolean {
  if (other.source === token.source || other.text !== token.text) return false;
  const { box: a } = token;
  const { box: b } = other;
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return width > 0 && height > 0 && (width * height) / Math.min(area(a), area(b)) > DUPLICATE;
}

function area({ x0, y0, x1, y1 }: Box): number {
  return (x1 - x0) * (y1 - y0);
}

/** All characters are there, in other tokens. */
function spaceKind(token: TruthToken): string {
  const separators = token.reading!.text.replace(/[\p{L}\p{N}]/gu, "");
  if (separators.includes("|")) return "space error: split between two lines";
  if (/\S/.test(separators)) return "space error: split by punctuation";
  if (separators !== "") return "space error: split by a space";
  const joins = holdersOf(token).flatMap(({ partners }) =>
    partners.slice(1).flatMap((right, i) => {
      const left = partners[i]!;
      return left === token || right === token ? [isSpaced(left, right)] : [];
    }),
  );
  return joins.some((spaced) => spaced)
    ? "space error: merged, space lost"
    : "space error: merged, punctuation lost";
}

/** The output tokens that hold characters of the token. */
function holdersOf(token: TruthToken): OutputToken[] {
  return token.reading?.row.tokens.filter(({ partners }) => partners.includes(token)) ?? [];
}

/** Two words of the truth, or one text with a space between its tokens. */
function isSpaced(left: TruthToken, right: TruthToken): boolean {
  return left.source !== right.source || /\s/.test(left.gap);
}

/** The words of the truth as one text. */
function joined(tokens: TruthToken[]): string {
  return tokens
    .map(({ text, gap }, i) => {
      const next = tokens[i + 1];
      if (!next) return text;
      return text + (isSpaced(tokens[i]!, next) ? `${gap.trim()} ` : gap);
    })
    .join("");
}

/** What was read is the word's beginning or end, and the lines stop inside the word. */
function isCutShort({ text, box, reading }: TruthToken): boolean {
  const read = reading!.text;
  if (read.length >= text.length) return false;
  const boxes = reading!.row.lines
    .map(({ polygon }) => boxOf(polygon ?? []))
    .filter((line) => overlaps(line, box));
  const right = Math.max(...boxes.map(({ x1 }) => x1));
  const left = Math.min(...boxes.map(({ x0 }) => x0));
  const slack = (box.x1 - box.x0) / (2 * text.length);
  return (
    (text.startsWith(read) && right < box.x1 - slack) ||
    (text.endsWith(read) && left > box.x0 + slack)
  );
}

export function classifyExtra(token: OutputToken, page: TruthPage): Finding {
  const wanted = joined(token.partners);
  return { kind: extraKind(token, page), page: page.name, wanted, got: token.text };
}

function extraKind(token: OutputToken, { truth }: TruthPage): string {
  const under = truth.filter((box) => coverage(token.box, [asLine(box)]) >= TOUCHED);
  if (under.some(isVertical)) return "vertical text";
  const [partner, second] = token.partners;
  if (partner) {
    const characters = token.partners.map(({ text }) => text).join("");
    if (second) return characters === token.text ? "space error: merged" : "merged and misread";
    const { distance, exact } = partner.reading!;
    if (exact) return "right here, too often elsewhere";
    if (distance === 0) return "space error: split";
    return distance === 1 ? "misread by one character" : "misread by more";
  }
  if (under.length === 0) return "no truth at this place";
  if (under.every(({ text }) => text.trim() === "")) return "ground truth: box without text";
  return under.every(({ text }) => !/[\p{L}\p{N}]/u.test(text))
    ? "truth has only signs at this place"
    : "read beside or on top of other text";
}

function asLine({ text, x0, y0, x1, y1 }: TruthBox): BenchLine {
  return {
    text,
    polygon: [
      [x0, y0],
      [x1, y0],
      [x1, y1],
      [x0, y1],
    ],
  };
}
