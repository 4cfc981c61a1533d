/** A run of rows into paragraphs: by leading, indents, size, list marks, and rows that end early. */
import { boxAround, weightedMedian, widthOf, type Box } from "./frame.ts";
import { endsSentence, firstWordLength, startsWithBullet, startsWithEnumerator } from "./marks.ts";
import type { Row } from "./rows.ts";
import { letterWidth } from "./print-size.ts";

/** Rows that belong together. */
export interface Paragraph extends Box {
  /** From top to bottom; at least one. */
  readonly rows: readonly Row[];
  /** Of its print: the median over its length, in pixels. */
  readonly height: number;
  /** Whether it begins with a bullet, or with a number beside others that do. */
  readonly item: boolean;
}

/** A paragraph starts below a distance so much greater than the usual one. */
const WIDE_STEP = 1.35;
/** Larger or smaller print starts a paragraph. Rows of one size are found up to half higher than others. */
const OTHER_SIZE = 1.25;
/** Boxes reach beyond their letters: where letters are much wider they may be little higher. */
const HIGHER = 1.15;
const MUCH_WIDER = 1.5;
/** Rows on each side whose sizes are compared: a single one tells only with its letters. */
const COMPARED = 3;
/**
 * A first line is set in by at least so many heights, and by no more than {@link MOST_INDENT}. The usual indent is
 * one em; boxes are about one and a half high.
 */
const LEAST_INDENT = 0.5;
const MOST_INDENT = 5;
/** Rows above and below that tell how far a column reaches, where its width changes beside a figure. */
const NEIGHBOURS = 4;
/** Middles of centred rows differ by less, in heights. */
const CENTRED = 0.75;

/** From the top of one row to the top of the next, in heights: the median over all runs; 1.3 where none tells. */
export function usualLeading(runs: readonly (readonly Row[])[]): number {
  const steps = runs.flatMap((run) =>
    run.slice(1).map((row, i) => {
      const last = run[i] as Row;
      return {
        value: (middle(row) - middle(last)) / Math.min(row.height, last.height),
        weight: widthOf(row),
      };
    }),
  );
  return weightedMedian(steps) || 1.3;
}

/**
 * @param leading what {@link usualLeading} found for the page: short runs cannot tell their own
 * @returns paragraphs from top to bottom; every row is in one
 */
export function splitRun(run: readonly Row[], leading: number): Paragraph[] {
  const marked = markedRows(run);
  // Size first: it goes with the usual space. Then space: rows that nothing parts tell the column's width.
  return groupsOf(run, sizedStarts(run))
    .flatMap((group) => groupsOf(group, spacedStarts(group, leading)))
    .flatMap((group) => groupsOf(group, startsOf(group, marked)))
    .map((rows) => paragraphOf(rows, marked.has(rows[0] as Row)));
}

function groupsOf(rows: readonly Row[], starts: readonly boolean[]): Row[][] {
  const groups: Row[][] = [];
  for (const [i, row] of rows.entries()) {
    if (i === 0 || starts[i]) groups.push([]);
    groups.at(-1)?.push(row);
  }
  return groups;
}

/** The paragraph that consists of these rows. */
function paragraphOf(rows: readonly Row[], item: boolean): Paragraph {
  return { ...boxAround(rows), rows, height: Math.max(1, sizeOf(rows)), item };
}

/** Where larger or smaller print begins. */
function sizedStarts(run: readonly Row[]): boolean[] {
  return run.map((row, i) => {
    const last = run[i - 1];
    if (last && isOtherPrint(last, row) && !continuesWord(last, row)) return true;
    if (i < 2 || i > run.length - 2) return false;
    const above = sizeOf(run.slice(Math.max(0, i - COMPARED), i));
    const below = sizeOf(run.slice(i, i + COMPARED));
    return Math.max(above, below) > OTHER_SIZE * Math.min(above, below);
  });
}

/** Whether both the height and the letters' width of two rows differ in the same way. */
function isOtherPrint(a: Row, b: Row): boolean {
  const [low, high] = a.height < b.height ? [a, b] : [b, a];
  const [narrow, wide] = [letterWidth([low]), letterWidth([high])];
  if (narrow === undefined || wide === undefined) return false;
  const isHigher = high.height >= OTHER_SIZE * low.height && wide >= OTHER_SIZE * narrow;
  return isHigher || (high.height >= HIGHER * low.height && wide >= MUCH_WIDER * narrow);
}

/** Where there is more space than usual above a row. */
function spacedStarts(run: readonly Row[], leading: number): boolean[] {
  const usual = usualStep(run, leading);
  return run.map((row, i) => {
    const last = run[i - 1];
    if (!last) return true;
    // A run of double spacing has a step of its own, up to twice the page's.
    const most = WIDE_STEP * Math.min(usual, 2 * leading * last.height);
    return middle(row) - middle(last) > most;
  });
}

function sizeOf(rows: readonly Row[]): number {
  return weightedMedian(rows.map((row) => ({ value: row.height, weight: widthOf(row) })));
}

/** Where a list mark, an indent, or the early end of the row before tells of a new paragraph. */
function startsOf(group: readonly Row[], marked: ReadonlySet<Row>): boolean[] {
  const indents = indentsOf(group);
  const hanging = isHanging(group, indents);
  const centred = isCentred(group);
  return group.map((row, i) => {
    const last = group[i - 1];
    if (!last || marked.has(row)) return true;
    if (centred || continuesWord(last, row)) return false;
    if (hanging) return !indents[i] && endsSentence(last.text);
    if (indents[i] && !indents[i - 1] && !marked.has(last)) {
      // The rows after a first one stand out again; those of a quotation or a hanging entry do not.
      if (indents[i + 1] === false || endsSentence(last.text)) return true;
    }
    return endsEarly(group, i - 1, row);
  });
}

/** The usual distance of rows: the lower quartile, since many short paragraphs have more wide ones than not. */
function usualStep(run: readonly Row[], leading: number): number {
  const steps = run.slice(1).map((row, i) => middle(row) - middle(run[i] as Row));
  // Titles are set wider than text: rows whose boxes touch are not apart.
  if (steps.length < 3) return Math.max(1, leading) * sizeOf(run);
  return steps.toSorted((a, b) => a - b)[steps.length >> 2] as number;
}

/**
 * Rows that begin an item: those with bullets, and those with numbers where another one stands below or above, or
 * where the row after it stands below its text rather than its number.
 */
function markedRows(run: readonly Row[]): Set<Row> {
  const numbered = run.filter(({ text }) => startsWithEnumerator(text));
  const aligned = numbered.filter((row) => {
    const next = run[run.indexOf(row) + 1];
    const hangs = next !== undefined && next.left - row.left > LEAST_INDENT * row.height;
    return (
      (hangs && next.left - row.left < MOST_INDENT * row.height && !endsSentence(row.text)) ||
      numbered.some((other) => other !== row && Math.abs(other.left - row.left) < row.height)
    );
  });
  return new Set([...run.filter(({ text }) => startsWithBullet(text)), ...aligned]);
}

function indentsOf(run: readonly Row[]): boolean[] {
  const left = Math.min(...run.map((row) => row.left));
  // One height for all: those of single rows are not even.
  const height = sizeOf(run);
  return run.map((row) => {
    const indent = (row.left - left) / height;
    return indent > LEAST_INDENT && indent < MOST_INDENT;
  });
}

/** Entries whose first row stands out: sentences end before the rows that stand out, not before those set in. */
function isHanging(run: readonly Row[], indents: readonly boolean[]): boolean {
  const count = { in: 0, inAfterEnd: 0, out: 0, outAfterEnd: 0 };
  for (let i = 1; i < run.length; i++) {
    if (indents[i] === indents[i - 1]) continue;
    const ended = endsSentence((run[i - 1] as Row).text) ? 1 : 0;
    if (indents[i]) {
      count.in++;
      count.inAfterEnd += ended;
    } else {
      count.out++;
      count.outAfterEnd += ended;
    }
  }
  if (indents[0] || count.in < 2 || count.out === 0) return false;
  return count.inAfterEnd * 2 < count.in && count.outAfterEnd * 2 >= count.out;
}

/** Whether all rows have one middle although they differ in width. */
function isCentred(run: readonly Row[]): boolean {
  if (run.length < 2) return false;
  const height = (run[0] as Row).height;
  const middles = run.map(({ left, right }) => (left + right) / 2);
  const widths = run.map(widthOf);
  return (
    Math.max(...middles) - Math.min(...middles) < CENTRED * height &&
    Math.max(...widths) - Math.min(...widths) > 2 * height
  );
}

function continuesWord(last: Row, row: Row): boolean {
  return /\p{L}[-\u00ad\u2010]$/u.test(last.text) || /^\p{Ll}/u.test(row.text);
}

/** Whether the next row's first word had found room: its author broke the row there. */
function endsEarly(run: readonly Row[], at: number, next: Row): boolean {
  const row = run[at] as Row;
  const around = run.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 2);
  const room = Math.max(...around.map(({ right }) => right)) - row.right;
  const letters = Math.max(1, next.text.length);
  const word = (widthOf(next) * (firstWordLength(next.text) + 1)) / letters;
  // Room for the space, and for boxes that end a little early.
  return room > word + row.height;
}

function middle({ top, bottom }: Box): number {
  return (top + bottom) / 2;
}
