/**
 * Lines that are longer than the recogniser's widest input. Squeezing them into it makes their letters unreadable: they
 * are read in pieces that overlap, and joined at a character that both pieces read at the same place.
 */
import type { RecognitionParams } from "../catalog/manifest/manifest.ts";
import type { Quad } from "../types.ts";
import type { CtcSymbol } from "./ctc.ts";
import { pointInQuad, quadSize } from "./geometry.ts";

/** What was read of one crop. */
export interface Recognition {
  readonly symbols: readonly CtcSymbol[];
  /** Width of a time step as a fraction of the crop's width. */
  readonly stepWidth: number;
}

/** A part of a crop. */
export interface Piece {
  /** Index of the crop. */
  readonly crop: number;
  readonly quad: Quad;
  /** Where it starts and how wide it is, as fractions of the crop's width. */
  readonly start: number;
  readonly width: number;
}

/** Width of a piece at the network's height, in heights: long enough for a sentence, short enough for a batch. */
const PIECE = 30;

/** What neighbours share, in heights: some six letters. */
const OVERLAP = 3;

/** Two readings of one character are so close, in heights. */
const NEAR = 0.35;

/** Every crop in its order, cut where it is too long. */
export function cutCrops(
  crops: readonly Quad[],
  { height, maxWidth }: Pick<RecognitionParams, "height" | "maxWidth">,
): Piece[] {
  return crops.flatMap((quad, crop): Piece[] => {
    const size = quadSize(quad);
    // In heights.
    const length = size.width / Math.max(size.height, 1);
    if (length * height <= maxWidth) return [{ crop, quad, start: 0, width: 1 }];
    const longest = Math.min(PIECE, maxWidth / height);
    const count = Math.ceil((length - OVERLAP) / (longest - OVERLAP));
    const width = (length + (count - 1) * OVERLAP) / count / length;
    return Array.from({ length: count }, (_, i) => {
      const start = i * (width - OVERLAP / length);
      const end = i === count - 1 ? 1 : start + width;
      const part: Quad = [
        pointInQuad(quad, start, 0),
        pointInQuad(quad, end, 0),
        pointInQuad(quad, end, 1),
        pointInQuad(quad, start, 1),
      ];
      return { crop, quad: part, start, width: end - start };
    });
  });
}

/**
 * One recognition for each crop.
 *
 * @param pieces as {@link cutCrops} gave them, and what was read of each
 */
export function joinPieces(
  crops: readonly Quad[],
  pieces: readonly Piece[],
  read: readonly Recognition[],
): Recognition[] {
  const joined: Recognition[] = new Array(crops.length);
  pieces.forEach((piece, i) => {
    const recognition = read[i] as Recognition;
    const before = joined[piece.crop];
    if (before === undefined && piece.width === 1) {
      joined[piece.crop] = recognition;
      return;
    }
    const { width, height } = quadSize(crops[piece.crop] as Quad);
    const stepWidth = before?.stepWidth ?? recognition.stepWidth * piece.width;
    const symbols = recognition.symbols.map((symbol) =>
      place(symbol, recognition, piece, stepWidth),
    );
    const seam = (piece.start + (OVERLAP * height) / width / 2) / stepWidth;
    const near = (NEAR * height) / width / stepWidth;
    joined[piece.crop] = {
      symbols: before === undefined ? symbols : join(before.symbols, symbols, seam, near),
      stepWidth,
    };
  });
  return joined;
}

/** A symbol of a piece in time steps of the whole crop. */
function place(symbol: CtcSymbol, read: Recognition, piece: Piece, stepWidth: number): CtcSymbol {
  const move = (step: number): number =>
    (piece.start + step * read.stepWidth * piece.width) / stepWidth;
  return { ...symbol, from: move(symbol.from), to: move(symbol.to + 1) - 1 };
}

function join(
  left: readonly CtcSymbol[],
  right: readonly CtcSymbol[],
  seam: number,
  near: number,
): CtcSymbol[] {
  const same = (i: number, k: number): boolean => {
    const [a, b] = [left[i], right[k]];
    return !!a && !!b && a.text === b.text && Math.abs(center(a) - center(b)) <= near;
  };
  let best: { readonly i: number; readonly k: number; readonly score: number } | undefined;
  left.forEach((symbol, i) => {
    right.forEach((_, k) => {
      if (!same(i, k)) return;
      // Neighbours that agree count more than the distance from the seam, in letters.
      const agreeing = Number(same(i - 1, k - 1)) + Number(same(i + 1, k + 1));
      const score = 4 * agreeing - Math.abs(center(symbol) - seam) / near;
      if (best === undefined || score > best.score) best = { i, k, score };
    });
  });
  if (best) return [...left.slice(0, best.i + 1), ...right.slice(best.k + 1)];
  return [
    ...left.filter((symbol) => center(symbol) < seam),
    ...right.filter((symbol) => center(symbol) >= seam),
  ];
}

function center({ from, to }: CtcSymbol): number {
  return (from + to + 1) / 2;
}
