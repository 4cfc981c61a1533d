/**
 * Lines into blocks and paragraphs by distance, indent and size: what hOCR, ALTO, TSV and Markdown need
 * as long as nothing is known of the layout.
 */
import type { Line, Point } from "../types.ts";
import { isRightToLeft } from "./script.ts";
import { textAngle, textHeight } from "./place.ts";

/** Lines that stand below one another, cut into paragraphs. Neither is ever empty. */
export interface Block {
  readonly paragraphs: readonly (readonly Line[])[];
}

/** Lines of one block differ by no more: degrees. */
const MOST_TURN = 10;
/** The greater height against the smaller one. */
const MOST_GROWTH = 1.6;
/** Space between two lines of a block, in heights of the smaller one. Boxes reach beyond their letters. */
const MOST_GAP = 1.5;
/** Shared extent along the text, as a part of the shorter line. */
const LEAST_OVERLAP = 0.2;
/** A paragraph starts below a distance so much greater than the usual one. */
const WIDE_STEP = 1.4;
/** The usual distance where too few lines tell, in heights. */
const USUAL_STEP = 1.3;
/** A first line is set in by at least so many heights. */
const LEAST_INDENT = 0.8;

/** A line in its own frame: u along its text, v downwards from it. */
interface Placed {
  readonly line: Line;
  readonly angle: number;
  readonly height: number;
  readonly along: Point;
  readonly center: Point;
}

/** Where a line lies in the frame of another. */
interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly center: number;
}

/**
 * A line continues a block when it is the only one directly below the block's last line, and that one the
 * only one directly above it: a heading over two columns joins neither, and columns stay apart.
 *
 * @returns blocks in the order of their first lines
 */
export function groupLines(lines: readonly Line[]): Block[] {
  const placed = lines.map(place);
  const below = placed.map((line) => directlyBelow(line, placed));
  const above = new Map<Placed, Placed[]>();
  for (const [i, found] of below.entries()) {
    for (const line of found) above.set(line, [...(above.get(line) ?? []), placed[i] as Placed]);
  }
  const next = new Map<Placed, Placed>();
  const continues = new Set<Placed>();
  for (const [i, found] of below.entries()) {
    const line = placed[i] as Placed;
    const [only] = found;
    if (!only || found.length > 1 || above.get(only)?.length !== 1 || !alike(line, only)) continue;
    next.set(line, only);
    continues.add(only);
  }
  return placed
    .filter((line) => !continues.has(line))
    .map((first) => {
      const chain: Placed[] = [];
      for (let at: Placed | undefined = first; at; at = next.get(at)) chain.push(at);
      return { paragraphs: paragraphs(chain) };
    });
}

function place(line: Line): Placed {
  const angle = textAngle(line.polygon);
  const radians = (angle * Math.PI) / 180;
  const along = [Math.cos(radians), Math.sin(radians)] as const;
  const [a, , c] = line.polygon;
  const center = [(a[0] + c[0]) / 2, (a[1] + c[1]) / 2] as const;
  return { line, angle, height: Math.max(1, textHeight(line.polygon)), along, center };
}

function extent({ line }: Placed, { along: [ux, uy] }: Placed): Extent {
  const us = line.polygon.map(([x, y]) => x * ux + y * uy);
  const [a, b, c, d] = line.polygon.map(([x, y]) => y * ux - x * uy) as [
    number,
    number,
    number,
    number,
  ];
  const [top, bottom] = [(a + b) / 2, (c + d) / 2];
  return { left: Math.min(...us), right: Math.max(...us), top, bottom, center: (top + bottom) / 2 };
}

/** The nearest row of lines below, as far as they are within a block's distance and side by side. */
function directlyBelow(line: Placed, all: readonly Placed[]): Placed[] {
  const own = extent(line, line);
  const found: { other: Placed; at: Extent }[] = [];
  for (const other of all) {
    if (other === line || isFar(line, other) || turn(line, other) > MOST_TURN) continue;
    const at = extent(other, line);
    const smaller = Math.min(line.height, other.height);
    const shared = Math.min(own.right, at.right) - Math.max(own.left, at.left);
    const shorter = Math.min(own.right - own.left, at.right - at.left);
    const isBelow =
      at.center - own.center > smaller / 2 && at.top - own.bottom < MOST_GAP * smaller;
    if (isBelow && shared > LEAST_OVERLAP * shorter) found.push({ other, at });
  }
  const nearest = Math.min(...found.map(({ at }) => at.center));
  return found
    .filter(({ other, at }) => at.center - nearest < other.height / 2)
    .map(({ other }) => other);
}

/** Rules out most lines by their middles alone: a page of a text layer may have thousands. */
function isFar({ center, height, along: [ux, uy] }: Placed, other: Placed): boolean {
  const down = (other.center[1] - center[1]) * ux - (other.center[0] - center[0]) * uy;
  return down < 0 || down > height + other.height + MOST_GAP * Math.min(height, other.height);
}

function turn(a: Placed, b: Placed): number {
  const difference = Math.abs(a.angle - b.angle) % 360;
  return Math.min(difference, 360 - difference);
}

function alike(a: Placed, b: Placed): boolean {
  return Math.max(a.height, b.height) <= MOST_GROWTH * Math.min(a.height, b.height);
}

function paragraphs(chain: readonly Placed[]): Line[][] {
  const first = chain[0] as Placed;
  const backwards = isRightToLeft(first.line.text);
  const at = chain.map((line) => extent(line, first));
  // Where a line starts and ends in the direction of its reading.
  const start = at.map(({ left, right }) => (backwards ? -right : left));
  const end = at.map(({ left, right }) => (backwards ? -left : right));
  const steps = at.slice(1).map(({ center }, i) => center - (at[i] as Extent).center);
  const middle = steps.toSorted((a, b) => a - b)[(steps.length - 1) >> 1] ?? 0;

  const result: Line[][] = [];
  for (const [i, { line, height }] of chain.entries()) {
    const step = steps[i - 1];
    // Two distances are too few to tell the usual one from a gap.
    const usual = steps.length > 2 ? middle : Math.min(middle, USUAL_STEP * height);
    const indented = (against: number): boolean =>
      (start[i] as number) - (start[against] as number) > LEAST_INDENT * height;
    // A last line has no next one to compare with: there the line before it has to end early.
    const isFirst =
      i > 0 &&
      indented(i - 1) &&
      (i + 1 < chain.length
        ? indented(i + 1)
        : Math.max(...end) - (end[i - 1] as number) > 2 * height);
    if (step === undefined || step > WIDE_STEP * usual || isFirst) result.push([]);
    result.at(-1)?.push(line);
  }
  return result;
}
