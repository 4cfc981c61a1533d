/** How large the print of a part is against the text of its page. */
import { weightedMedian, widthOf } from "./frame.ts";
import type { Draft } from "./draft.ts";
import type { Row } from "./rows.ts";

/** Wider letters count only where the boxes are higher as well: bold print and capitals are wide, too. */
const LEAST_HIGHER = 1.1;
/** How much more than its height the width of its letters may say. */
const MOST_MORE = 1.25;
/** Fewer letters say nothing by their width. */
const LEAST_LETTERS = 8;

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/gu;

/**
 * Boxes reach beyond their letters by some pixels whatever the size, so on small images the heights of large and
 * small print come near each other. The widths of letters do not.
 *
 * @param body height of the text, in pixels
 * @returns the size of a part, 1 for that of the text
 */
export function sizesOf(drafts: readonly Draft[], body: number): (draft: Draft) => number {
  const usual = weightedMedian(
    drafts
      .filter(({ type, rows }) => type === "text" && rows.length > 1)
      .map((draft) => ({
        value: letterWidth(draft.rows) ?? 0,
        weight: widthOf(draft) * draft.rows.length,
      })),
  );
  return (draft) => {
    const higher = draft.height / body;
    const width = letterWidth(draft.rows);
    if (higher < LEAST_HIGHER || width === undefined || usual === 0) return higher;
    return higher * Math.min(MOST_MORE, Math.max(1, width / usual / higher));
  };
}

/** Pixels for each letter, where there are enough of them and they are not all capitals. */
export function letterWidth(rows: readonly Row[]): number | undefined {
  const text = rows.map((row) => row.text).join("");
  // East Asian characters are twice as wide, and no capitals.
  const wide = text.match(WIDE)?.length ?? 0;
  const letters = text.length + wide;
  if (letters < LEAST_LETTERS || (wide === 0 && text === text.toUpperCase())) return undefined;
  return rows.reduce((sum, row) => sum + widthOf(row), 0) / letters;
}
