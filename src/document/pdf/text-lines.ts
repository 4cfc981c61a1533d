/** Runs of a text layer to lines of words, as an OCR engine would give them. */
import type { Line } from "../../types.ts";
import type { TextLayer, TextRun } from "./worker-types.ts";
import { frameOf, quadOf, spanOf, union } from "./text-frame.ts";
import type { Frame, Span } from "./text-frame.ts";
import { wordsOf } from "./text-words.ts";
import type { PlacedRun } from "./text-words.ts";

/** Farthest gap in a line, of the font's size: between columns of a table or of a page there is more. */
const LINE_GAP = 2;
/** The same for a run that was not drawn next: nothing but its place says that it belongs there. */
const REJOIN_GAP = 0.6;
/** How far runs may overlap along the line, of the font's size: italics and kerning do. */
const MAX_OVERLAP = 0.5;
/** How much of the lower run has to be at the height of the line. Superscripts share half. */
const SHARED_HEIGHT = 0.4;
const REJOIN_HEIGHT = 0.7;
/** Larger letters beside a line begin a chapter, they are not part of the line. */
const MAX_SIZE_RATIO = 2.5;
/** Cosine up to which two directions are one. */
const SAME_DIRECTION = 0.99;

/** Points per inch. */
const POINTS = 72;

interface OpenLine {
  readonly frame: Frame;
  readonly runs: PlacedRun[];
  readonly fontSize: number;
  span: Span;
}

/**
 * @param dpi of the page's pixels, which the coordinates of the result are
 * @returns lines in the order in which the document draws them, right-to-left text in logical order; confidence 1
 */
export function layerLines({ runs }: Pick<TextLayer, "runs">, dpi: number): Line[] {
  const lines: OpenLine[] = [];
  const rows = new Rows();
  let last: OpenLine | undefined;
  let ended = true;
  let spaced = false;
  for (const given of runs) {
    const run = { ...given, text: clean(given.text) };
    if (run.text.trim() === "") spaced ||= run.text !== "";
    else {
      const next = !ended && last && joins(last, run, LINE_GAP, SHARED_HEIGHT) ? last : undefined;
      last = next ?? rows.find(run) ?? open(run, lines);
      add(last, run, spaced);
      rows.put(last, run);
      spaced = false;
    }
    ended = given.hasEOL;
  }
  return lines.map((line) => finish(line, dpi / POINTS)).filter(({ text }) => text !== "");
}

/** Lines by their height on the page, so that a late run finds its line among thousands. */
class Rows {
  readonly #byRow = new Map<number, OpenLine[]>();

  put(line: OpenLine, run: TextRun): void {
    for (const row of rowsOf(run)) {
      const lines = this.#byRow.get(row);
      if (!lines) this.#byRow.set(row, [line]);
      else if (lines.at(-1) !== line) lines.push(line);
    }
  }

  find(run: TextRun): OpenLine | undefined {
    const [row] = rowsOf(run);
    return this.#byRow
      .get(row as number)
      ?.slice(-SEARCH)
      .find((line) => joins(line, run, REJOIN_GAP, REJOIN_HEIGHT));
  }
}

/** Lines of one row that are looked at; more than that is not a page of text. */
const SEARCH = 50;
/** Points. Half of the smallest print. */
const ROW = 3;

/** The first is the row of the middle of the text; then those beside it. Only level text is found again. */
function rowsOf({ polygon }: TextRun): number[] {
  const middle = Math.floor((polygon[0][1] + polygon[2][1]) / 2 / ROW);
  return [middle, middle - 1, middle + 1];
}

function joins(line: OpenLine, run: TextRun, maxGap: number, shared: number): boolean {
  const { along } = frameOf(run);
  const cosine = along[0] * line.frame.along[0] + along[1] * line.frame.along[1];
  if (cosine < SAME_DIRECTION) return false;
  const large = Math.max(line.fontSize, run.fontSize);
  const small = Math.min(line.fontSize, run.fontSize);
  if (large > MAX_SIZE_RATIO * small) return false;
  const span = spanOf(run.polygon, line.frame);
  const gap = Math.max(span.start - line.span.end, line.span.start - span.end);
  if (gap > maxGap * large || gap < -MAX_OVERLAP * large) return false;
  const height = Math.min(span.bottom, line.span.bottom) - Math.max(span.top, line.span.top);
  const least = Math.min(span.bottom - span.top, line.span.bottom - line.span.top);
  return height >= shared * least;
}

function open(run: TextRun, lines: OpenLine[]): OpenLine {
  const frame = frameOf(run);
  const line: OpenLine = {
    frame,
    runs: [],
    fontSize: run.fontSize,
    span: spanOf(run.polygon, frame),
  };
  lines.push(line);
  return line;
}

function add(line: OpenLine, run: TextRun, spaced: boolean): void {
  const span = spanOf(run.polygon, line.frame);
  line.runs.push({ run, span, spaced });
  line.span = union(line.span, span);
}

function finish({ frame, runs, span }: OpenLine, scale: number): Line {
  const letters = (dir: TextRun["dir"]): number =>
    runs.reduce((sum, { run }) => sum + (run.dir === dir ? run.text.length : 0), 0);
  const rtl = letters("rtl") > letters("ltr");
  // What was drawn late stands where it is seen; runs at the same place keep their order.
  const ordered = runs.toSorted((a, b) =>
    rtl ? b.span.end - a.span.end : a.span.start - b.span.start,
  );
  const upright = runs[0]?.run.dir === "ttb";
  const words = wordsOf(ordered).map((word) => ({
    text: word.text,
    confidence: 1,
    polygon: quadOf(word.span, frame, scale, upright),
  }));
  return {
    text: words.map(({ text }) => text).join(" "),
    confidence: 1,
    polygon: quadOf(span, frame, scale, upright),
    words,
  };
}

/** Control characters have no width and no meaning on a page. */
function clean(text: string): string {
  return text.replaceAll(/[^\P{Cc}\s]/gu, "");
}
