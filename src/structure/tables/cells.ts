/** Cells before they are a table: places in the grid and the words that lie in them. */
import type { Line, Table, TableCell } from "../../types.ts";
import { quadOnPage, union, type Edges, type Frame } from "./frame.ts";
import type { GridCell } from "./spans.ts";
import { textOfWords } from "./text.ts";
import type { PlacedWord } from "./words.ts";

export interface DraftCell extends GridCell {
  readonly words: readonly PlacedWord[];
  readonly header: boolean;
  /** In the level frame; absent where only the text tells that there is a cell: then its words are its place. */
  readonly box?: Edges;
}

/** @param cells that cover the grid without overlapping */
export function tableOf(cells: readonly DraftCell[], lines: readonly Line[], frame: Frame): Table {
  return {
    rows: Math.max(0, ...cells.map(({ row, rowSpan }) => row + rowSpan)),
    columns: Math.max(0, ...cells.map(({ column, columnSpan }) => column + columnSpan)),
    cells: cells
      .toSorted((a, b) => a.row - b.row || a.column - b.column)
      .map(({ row, column, rowSpan, columnSpan, words, header, box }): TableCell => {
        const place = box ?? (words.length > 0 ? union(words) : undefined);
        return {
          row,
          column,
          rowSpan,
          columnSpan,
          text: textOfWords(words, lines),
          header,
          ...(place && { polygon: quadOnPage(place, frame) }),
        };
      }),
  };
}

/** A number, with what usually stands around it: signs, units of one letter, brackets, stars. */
const NUMBER =
  /^[\s([<>≤≥=~±+–−-]*[$€£¥]?\s?\d[\d\s.,:/%‰()[\]<>≤≥=~～±+–−*×xeE-]*\p{L}?[\s)*†‡%]*$/u;

/** Whether a text is a value rather than a name. */
export function isValue(text: string): boolean {
  return NUMBER.test(text) || /^[\s–—−*.†‡/-]+$/u.test(text);
}
