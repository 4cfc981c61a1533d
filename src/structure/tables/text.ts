/** The text of a cell from the words that lie in it, and of a table from its cells. */
import type { Line, Table } from "../../types.ts";
import type { PlacedWord } from "./words.ts";
import { rowsOf, segmentOf, UNSPACED, wordsByLine } from "./words.ts";

/** A letter and a hyphen at the end of a line; followed by a small letter it divides a word. */
const DIVIDED = /\p{L}[-\u00ad\u2010]$/u;

/** The words in reading order; of each line the text between its first and last word as the line has it. */
export function textOfWords(words: readonly PlacedWord[], lines: readonly Line[]): string {
  const segments = [...wordsByLine(words).values()].map((run) => segmentOf(run));
  const pieces = rowsOf(segments).flatMap((row) =>
    row.map((segment) => {
      const start = Math.min(...segment.words.map((word) => word.start));
      const end = Math.max(...segment.words.map((word) => word.end));
      return lines[segment.words[0]?.line ?? -1]?.text.slice(start, end) ?? "";
    }),
  );
  return joinPieces(pieces);
}

/** One text: divided words become whole, and scripts without spaces get none. */
export function joinPieces(pieces: readonly string[]): string {
  let joined = "";
  for (const piece of pieces) {
    const text = piece.replace(/\s+/gu, " ").trim();
    if (text === "") continue;
    if (DIVIDED.test(joined) && /^\p{Ll}/u.test(text)) joined = joined.slice(0, -1) + text;
    else if (joined === "" || (UNSPACED.test(joined.at(-1) ?? "") && UNSPACED.test(text.charAt(0))))
      joined += text;
    else joined += ` ${text}`;
  }
  return joined;
}

/** Cells parted by tabs and rows by newlines; places that a span covers are empty. */
export function tableText(table: Table): string {
  const grid = Array.from({ length: table.rows }, () =>
    Array.from({ length: table.columns }, () => ""),
  );
  for (const { row, column, text } of table.cells) {
    const places = grid[row];
    if (places) places[column] = text.replace(/\s+/gu, " ").trim();
  }
  return grid.map((places) => places.join("\t")).join("\n");
}
