/** The parts of a page that are made of text, and what each of them is. */
import type { BlockType } from "../types.ts";
import { markFootnotes } from "./footnotes.ts";
import { findFurniture } from "./furniture.ts";
import { markHeadings } from "./headings.ts";
import { markCaptions } from "./layout-captions.ts";
import { findRuns } from "./layout-columns.ts";
import { joinEntries } from "./layout-entries.ts";
import type { Draft } from "./layout-draft.ts";
import type { Box, TextLine } from "./layout-frame.ts";
import { joinLists } from "./layout-lists.ts";
import { joinRows } from "./layout-join-rows.ts";
import { rowOf } from "./layout-rows.ts";
import { splitRun, usualLeading } from "./paragraphs.ts";

/** A page without what stands in its tables and pictures, in the frame. */
export interface TextInput {
  readonly lines: readonly TextLine[];
  /** Tables and pictures. */
  readonly shown: readonly Draft[];
  /** Strokes outside of them, along the text and across it. */
  readonly strokes: readonly Box[];
  readonly walls: readonly Box[];
  readonly page: Box;
  /** Height of the text, in pixels. */
  readonly body: number;
}

/** Every line is in exactly one of the parts. */
export function textParts({ lines, shown, strokes, walls, page, body }: TextInput): Draft[] {
  const furniture = findFurniture({ lines, others: shown, strokes, page, body });
  const text = lines.filter(({ index }) => !furniture.has(index));
  const runs = findRuns(joinEntries(joinRows(text, walls)), shown, strokes);
  const leading = usualLeading(runs);
  const paragraphs = runs.flatMap((run) =>
    joinLists(splitRun(run, leading).map((paragraph): Draft => ({ ...paragraph, type: "text" }))),
  );
  const all = [...paragraphs, ...shown, ...marginParts(lines, furniture)];
  const noted = markFootnotes(markCaptions(all, body), strokes, body, page);
  return markHeadings(noted, body, page).filter((draft) => !shown.includes(draft));
}

function marginParts(
  lines: readonly TextLine[],
  furniture: ReadonlyMap<number, BlockType>,
): Draft[] {
  return lines.flatMap((line) => {
    const type = furniture.get(line.index);
    return type ? [{ ...rowOf([line]), type, rows: [rowOf([line])] }] : [];
  });
}
