/** Tables without a drawn grid: columns from gutters, rows from lines of text and from rulings. */
import type { Ruling } from "../rulings/ruling.ts";
import type { DraftCell } from "./cells.ts";
import { entriesOf, findGutters, type Entry } from "./columns.ts";
import { union } from "./frame.ts";
import { headerCells, headerDepth } from "./header.ts";
import { joinHead, joinRows, rowOf } from "./rows.ts";
import { rowsOf, segmentsOf, usualHeight, type PlacedWord } from "./words.ts";

/** Words nearer to each other than this belong together, in heights of the text. */
export const WORD_SPACE = 0.55;

/**
 * @param words of the region in the level frame
 * @param rulings horizontal ones in the region
 */
export function readOpen(words: readonly PlacedWord[], rulings: readonly Ruling[]): DraftCell[] {
  if (words.length === 0) return [];
  const height = usualHeight(words);
  const lines = rowsOf(segmentsOf(words, WORD_SPACE));
  const gutters = findGutters(lines, height);
  const rows = lines.map((line) => rowOf(entriesOf(line, gutters, height)));
  const context = { box: union(words), height, rulings };
  const depth = headerDepth(rows, context);
  const head = depth > 0 ? joinHead(rows.slice(0, depth), context) : [];
  const body = joinRows(rows.slice(depth), context);
  const cells = head.length > 0 ? headerCells(head, gutters, context) : [];
  for (const [i, { entries }] of body.entries()) {
    cells.push(...bodyCells(entries, head.length + i, gutters.length + 1));
  }
  return cells;
}

function bodyCells(entries: readonly Entry[], row: number, columns: number): DraftCell[] {
  const cells: DraftCell[] = [];
  for (let column = 0; column < columns;) {
    const own = entries.find(({ from }) => from === column);
    const to = own?.to ?? column;
    const words = own?.words ?? [];
    cells.push({ row, column, rowSpan: 1, columnSpan: to - column + 1, words, header: false });
    column = to + 1;
  }
  return cells;
}
